import type { Snapshot } from '../../../../backend/src/types/protocol.ts'
import type { OwnAnswer, Player } from './player.ts'
import type { Scene } from './scene.ts'

export interface GameProps {
  scene: Exclude<Scene, 'lobby'>
  view: Snapshot
  answer: OwnAnswer | undefined
  player: Pick<Player, 'now' | 'answer'>
  apiUrl: string
}
