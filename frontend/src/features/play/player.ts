import {
  type AnswerStatus,
  closeCodes,
  type Join,
  protocolVersion,
  type ServerMessage,
  type Snapshot,
} from '../../../../backend/src/types/protocol.ts'
import { type ConnectionStatus, connectToEvent } from '../../lib/event-connection.ts'
import { withMessage } from '../../lib/live-view.ts'
import { openOutbox, type Waiting } from '../../lib/outbox.ts'
import { randomSecret } from '../../lib/secret.ts'
import { forgetTicket, keepTicket, readTicket, type Ticket } from './tickets.ts'

/** `sending`: on its way. `kept`: on this phone, there is no connection. The rest is what the server said. */
export interface OwnAnswer {
  choices: number[]
  status: AnswerStatus | 'sending' | 'kept'
}

interface PlayerState {
  status: ConnectionStatus
  /** undefined until the first snapshot. It stays while the connection is lost. */
  view: Snapshot | undefined
  /** To the question in view. */
  answer: OwnAnswer | undefined
}

export interface Player {
  state: () => PlayerState
  /** With the last subscriber the player leaves: a question is not kept open for someone who does not look at it. */
  subscribe: (changed: () => void) => () => void
  /** The server's time, in milliseconds. */
  now: () => number
  /** Answers the question in view. The first answer counts: another one is taken only if the server refused it. */
  answer: (choices: number[]) => void
  close: () => void
}

export type Refused = Extract<ServerMessage, { type: 'refused' }>

interface Options {
  url: string
  /** Who this browser is already, or how it joins. */
  as: Ticket | Join
  report: (problem: string) => void
  joined?: (ticket: Ticket) => void
  refused?: (refused: Refused) => void
}

const resendAfterMs = 5_000
/** At the end five thousand phones ask for their own answers: not all in the same instant. */
const reviewWithinMs = 6_000
const lostForGood: readonly number[] = [closeCodes.unknownToken, closeCodes.removed, closeCodes.noSuchEvent]

/** The answer did not count, and may be given again. */
export function isRefusal(status: OwnAnswer['status']): boolean {
  return status === 'not_open' || status === 'invalid'
}

/** Whether the host wants this player never to come back. */
export function isBan(status: ConnectionStatus): boolean {
  return status.phase === 'ended' && status.reason === 'banned'
}

/** Plays an event: follows it, and brings every tap to the server, whatever happens on the way. */
export function play({ url, as, report, joined, refused }: Options): Player {
  let ticket = 'token' in as ? as : undefined
  let outbox = ticket && openOutbox(ticket.token)
  let view: Snapshot | undefined
  const subscribers = new Set<() => void>()
  let hasLeft = false
  /** By id, what this tab has sent: another tab may have settled it in the outbox. */
  const sent = new Map<string, Waiting>()
  /** By question, what the server said. */
  const told = new Map<number, OwnAnswer>()
  const timers = new Map<string, ReturnType<typeof setTimeout>>()

  /**
   * What a page of an older release has kept by event. Who joins has no outbox yet, and has given none of it. It can go when
   * no such page is open any more.
   */
  const takeOver = (event: string) => {
    const old = openOutbox(event)
    for (const answer of old.waiting()) {
      outbox?.add(answer)
      old.settle(answer.id)
    }
  }
  if (ticket) takeOver(ticket.event)

  const later = (name: string, work: () => void, ms: number) => {
    clearTimeout(timers.get(name))
    timers.set(name, setTimeout(work, ms))
  }

  const send = (waiting: Waiting) => {
    sent.set(waiting.id, waiting)
    if (!connection.send({ type: 'answer', ...waiting })) return
    later(waiting.id, () => isWaiting(waiting.id) && send(waiting), resendAfterMs)
  }
  const waitingNow = () => outbox?.waiting() ?? []
  const isWaiting = (id: string) => waitingNow().some((each) => each.id === id)

  const acknowledged = (message: Extract<ServerMessage, { type: 'ack' }>) => {
    const answer = outbox?.settle(message.id) ?? sent.get(message.id)
    if (!answer || !view) return
    const { status, choices } = message
    // the same answer, sent twice because its first acknowledgement was lost
    const isSame = status === 'already' && String(choices) === String(answer.choices)
    told.set(answer.question, { choices, status: isSame ? 'saved' : status })
    if (answer.question === view.state.question) view = withMessage(view, message)
  }

  const heard = (message: ServerMessage) => {
    if (message.type === 'joined') {
      const { event, token, player } = message
      ticket = { event, token, name: player.name }
      takeOver(event)
      outbox = openOutbox(token)
      if (!keepTicket(ticket)) report('this browser keeps nothing: a reload will ask for the name again')
      joined?.(ticket)
    } else if (message.type === 'refused') refused?.(message)
    else if (message.type === 'ack') acknowledged(message)
    else if (message.type === 'snapshot') {
      view = message
      for (const waiting of waitingNow()) send(waiting)
    } else if (view) {
      view = withMessage(view, message)
      const hasEnded = message.type === 'state' && message.phase === 'ended'
      if (hasEnded && !view.review) later('review', connection.refresh, Math.random() * reviewWithinMs)
    }
    change()
    leave()
  }

  const connection = connectToEvent({
    url,
    hello: () => {
      if (!ticket) return as as Join
      return { type: 'enter', role: 'player', event: ticket.event, token: ticket.token, protocol: protocolVersion }
    },
    heard,
    report,
  })

  const ownAnswer = (): OwnAnswer | undefined => {
    const question = view?.state.question
    if (!view || question === null || question === undefined) return undefined
    const waiting = waitingNow().find((each) => each.question === question)
    if (waiting) {
      const isOnline = connection.status().phase === 'connected' && navigator.onLine
      return { choices: waiting.choices, status: isOnline ? 'sending' : 'kept' }
    }
    const said = told.get(question)
    // a copy of the answer was refused, as it came too early or to a task that knew less; another copy counts
    if (view.answer && said && isRefusal(said.status)) return view.answer
    return said ?? view.answer ?? undefined
  }

  let state: PlayerState = { status: connection.status(), view, answer: undefined }

  const change = () => {
    const status = connection.status()
    if (status.phase === 'ended' && ticket && lostForGood.includes(status.code) && isKept()) {
      if (isBan(status)) keepTicket({ ...ticket, banned: true })
      else forgetTicket(ticket.event)
    }
    state = { status, view, answer: ownAnswer() }
    for (const tell of subscribers) tell()
  }
  connection.subscribe(change)
  const listening = new AbortController()
  for (const name of ['online', 'offline']) window.addEventListener(name, change, { signal: listening.signal })

  const close = () => {
    for (const timer of timers.values()) clearTimeout(timer)
    listening.abort()
    subscribers.clear()
    connection.close()
    change()
  }

  /** Whether this browser still has the ticket: someone else may have joined in another tab since. */
  const isKept = () => ticket && readTicket(ticket.event)?.token === ticket.token

  /** Not with an answer on its way; and where the browser keeps another ticket or none, this player could not come back. */
  const leave = () => {
    if (hasLeft && waitingNow().length === 0 && isKept()) close()
  }

  return {
    state: () => state,
    subscribe: (changed) => {
      subscribers.add(changed)
      hasLeft = false
      return () => {
        subscribers.delete(changed)
        // in a moment: React's strict mode leaves, and is back at once
        setTimeout(() => {
          hasLeft = subscribers.size === 0
          leave()
        })
      }
    },
    now: connection.now,
    answer: (choices) => {
      const question = view?.state.question
      const given = ownAnswer()?.status
      if (question === null || question === undefined || !outbox) return
      if (given !== undefined && !isRefusal(given)) return
      const waiting = { id: randomSecret(), question, choices, at: Math.round(connection.now()) }
      if (!outbox.add(waiting)) report('this browser keeps nothing: a reload will lose an answer on its way')
      send(waiting)
      change()
    },
    close,
  }
}
