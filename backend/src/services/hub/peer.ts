import type { ServerMessage } from '../../types/protocol.ts'

/** A connected page. Nothing here throws: what cannot be sent any more is dropped. */
export interface Peer {
  readonly isOpen: boolean
  /** Whom to count wrong codes and tokens for. */
  readonly caller: string
  send(message: ServerMessage): void
  /** Messages that were made once for many, in one write: to write is most of what a task does then. */
  sendTexts(texts: readonly (string | Buffer)[]): void
  close(code: number, reason: string): void
}
