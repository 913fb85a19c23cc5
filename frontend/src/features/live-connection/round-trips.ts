const answerWithinMs = 5_000
const paceMs = 20_000

interface Options {
  send: (message: { type: 'ping'; id: string }) => void
  /** A ping was not answered within 5 s. */
  unanswered: () => void
  /** The one after it was not either: the connection is dead, though the browser has not noticed. */
  gone: () => void
}

interface RoundTrips {
  /** Measures now, unless an answer is already awaited, and every 20 s from then on. */
  ping: () => void
  /** Milliseconds since that ping; undefined for an answer that came too late. */
  answered: (id: string) => number | undefined
  /** The awaited answer will not come, but the server is there. */
  refused: () => void
  stop: () => void
}

/**
 * Round trips over one connection, one at a time. They measure, and they are the only way to notice a connection that
 * died silently: the server's heartbeats are answered by the browser and never shown to the page.
 */
export function roundTrips({ send, unanswered, gone }: Options): RoundTrips {
  let sequence = 0
  let missed = 0
  let awaited: { id: string; sentAt: number } | undefined
  // the awaited answer's deadline or the next ping; never both
  let timer: ReturnType<typeof setTimeout> | undefined

  const ping = () => {
    if (awaited) return
    clearTimeout(timer)
    awaited = { id: String((sequence += 1)), sentAt: performance.now() }
    timer = setTimeout(miss, answerWithinMs)
    send({ type: 'ping', id: awaited.id })
  }

  const miss = () => {
    awaited = undefined
    missed += 1
    if (missed === 2) {
      gone()
      return
    }
    unanswered()
    // at once: a page that was asleep wakes to a passed deadline with the answer still in the queue
    ping()
  }

  const rest = () => {
    awaited = undefined
    clearTimeout(timer)
    timer = setTimeout(ping, paceMs)
  }

  const answered = (id: string) => {
    missed = 0
    if (id !== awaited?.id) return undefined
    const ms = performance.now() - awaited.sentAt
    rest()
    return ms
  }

  const refused = () => {
    missed = 0
    if (awaited) rest()
  }

  return { ping, answered, refused, stop: () => clearTimeout(timer) }
}
