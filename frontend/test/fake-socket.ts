/** A WebSocket whose other end is the test. Install it with `vi.stubGlobal('WebSocket', FakeSocket)`. */
export class FakeSocket extends EventTarget {
  static readonly CONNECTING = 0
  static readonly OPEN = 1
  static readonly CLOSING = 2
  static readonly CLOSED = 3
  static all: FakeSocket[] = []

  static latest(): FakeSocket {
    const latest = FakeSocket.all.at(-1)
    if (!latest) throw new Error('no socket was opened')
    return latest
  }

  readyState = FakeSocket.CONNECTING
  readonly sent: Array<{ type: string; id: string } & Record<string, unknown>> = []
  readonly url: string

  constructor(url: string) {
    super()
    this.url = url
    FakeSocket.all.push(this)
  }

  send(data: string): void {
    if (this.readyState === FakeSocket.CONNECTING) throw new DOMException('still connecting', 'InvalidStateError')
    this.sent.push(JSON.parse(data))
  }

  /** Like a dead network: the closing handshake is never answered. */
  close(): void {
    this.readyState = FakeSocket.CLOSING
  }

  serverOpens(): void {
    this.readyState = FakeSocket.OPEN
    this.dispatchEvent(new Event('open'))
  }

  serverWelcomes(): void {
    this.serverOpens()
    this.serverSays({ type: 'welcome', release: 'r1', protocol: 1, now: Date.now() })
  }

  serverSays(message: unknown): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }))
  }

  serverAnswers({ players = 1 } = {}): void {
    this.serverSays({ type: 'pong', id: this.sent.findLast(({ type }) => type === 'ping')?.id, stored: 1, players })
  }

  serverCloses(code: number, reason = ''): void {
    this.readyState = FakeSocket.CLOSED
    this.dispatchEvent(new CloseEvent('close', { code, reason }))
  }
}
