import type { Room } from '../gateway/room.ts'

/**
 * No trail is kept here. After each failed deployment cdk asks for one: refused, it continues at once; moto's own answer, a
 * 500, would keep it trying for half a minute.
 */
export const cloudTrail: Room = { signingName: 'cloudtrail', protocol: 'json', actions: {} }
