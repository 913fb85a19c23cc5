import type { ServerMessage } from '../../types/protocol.ts'
import type { Caller } from '../limits.ts'

/** A connected page. Nothing here throws: what cannot be sent any more is dropped. */
export interface Peer {
  readonly isOpen: boolean
  /** Whom to count wrong codes and tokens for. */
  readonly caller: Caller
  send(message: ServerMessage): void
  /** A message that was made once for many. */
  sendText(text: string | Buffer): void
  close(code: number, reason: string): void
}
