import * as v from 'valibot'
import { languages, pointValues, questionTypes } from './kinds.ts'

/**
 * The WebSocket protocol: JSON texts, each an object with a `type`. What a page sends is checked strictly, a field too
 * many is refused. What the server sends is checked for what the page needs, so that a newer server may add a field.
 *
 * The frontend imports this file by its path; `valibot` is a dependency of both packages in the same version, so
 * neither compiler nor bundler needs an alias. All times are milliseconds of the server since 1970.
 */

/** The version that this file describes. A server also speaks the one before. */
export const protocolVersion = 1
export const oldestProtocolVersion = 1

/** Longest message accepted from a page, in bytes; a longer one closes the connection with 1009. */
export const maxMessageBytes = 4_096

/** How a connection ends. The 44xx are final: a page that gets one does not come back by itself. */
export const closeCodes = {
  /** The task restarts: come back within a second. */
  restart: 1012,
  /** Overloaded, or the event is written in a way that this release does not understand: come back in 5 to 15 s. */
  tryLater: 1013,
  tooManyBadMessages: 4400,
  unknownToken: 4401,
  /** Removed by the host. */
  removed: 4403,
  noSuchEvent: 4404,
  /** Nothing was said for 30 seconds. */
  silent: 4408,
  /** More than three sockets have this token; this was the oldest. */
  openedElsewhere: 4409,
  /** The event is over. */
  over: 4410,
} as const

/** Question and option numbers are positions from 0, player numbers count from 1. */
const position = v.pipe(v.number(), v.integer(), v.minValue(0))
const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const time = v.pipe(v.number(), v.finite())
const player = v.pipe(v.number(), v.integer(), v.minValue(1))
/** Chosen by the page; the answer carries it back. */
const id = v.pipe(v.string(), v.minLength(1), v.maxLength(64))
/** 128 bits in base64url. */
const secret = v.pipe(v.string(), v.regex(/^[\w-]{22}$/))
const choices = v.pipe(v.array(v.pipe(position, v.maxValue(5))), v.maxLength(6))

// --- from the page ---

const joinSchema = v.strictObject({
  type: v.literal('join'),
  /** 128 random bits. A join whose answer was lost is sent again with the same id, and finds the player it made. */
  id: secret,
  code: v.pipe(v.string(), v.maxLength(20)),
  /** Without meaning where the event hands out names. */
  name: v.string(),
})

export const roles = ['player', 'host', 'screen'] as const
export type Role = (typeof roles)[number]

const enterSchema = v.strictObject({
  type: v.literal('enter'),
  role: v.picklist(roles),
  event: v.pipe(v.string(), v.maxLength(64)),
  token: v.pipe(v.string(), v.maxLength(64)),
  protocol: v.pipe(v.number(), v.integer(), v.minValue(0)),
})

const answerSchema = v.strictObject({
  type: v.literal('answer'),
  id,
  question: position,
  choices,
  /** Server time of the tap, as the page knows it. */
  at: time,
})

const type = v.literal('command')
/** Of the state that the host saw: a double click is `stale`, not a second question. */
const version = count

// without a spread: a bundler keeps each of them in a page that only reads what the server says
const commandSchema = v.variant('name', [
  v.strictObject({ type, id, version, name: v.literal('ask'), question: position }),
  v.strictObject({ type, id, version, name: v.literal('extend'), seconds: v.literal(10) }),
  v.strictObject({
    type,
    id,
    version,
    name: v.picklist(['close', 'reveal', 'board', 'skip', 'end', 'lock', 'unlock']),
  }),
  v.strictObject({ type, id, version, name: v.literal('remove'), player, ban: v.boolean() }),
  v.strictObject({ type, id, version, name: v.literal('rename'), player }),
])

const clockSchema = v.strictObject({ type: v.literal('clock'), sent: time })
const pingSchema = v.strictObject({ type: v.literal('ping'), id })

export const clientMessageSchema = v.variant('type', [
  joinSchema,
  enterSchema,
  answerSchema,
  commandSchema,
  clockSchema,
  pingSchema,
])

export type Join = v.InferOutput<typeof joinSchema>
export type Enter = v.InferOutput<typeof enterSchema>
export type Answer = v.InferOutput<typeof answerSchema>
export type Command = v.InferOutput<typeof commandSchema>
export type CommandName = Command['name']
export type ClientMessage = v.InferOutput<typeof clientMessageSchema>

// --- from the server ---

/** Always the first message. */
const welcomeSchema = v.object({ type: v.literal('welcome'), release: v.string(), protocol: count, now: time })

const person = v.object({ player, name: v.string() })

const joinedSchema = v.object({
  type: v.literal('joined'),
  id: v.string(),
  token: secret,
  event: v.string(),
  player: person,
})

export const refusals = ['no_such_code', 'locked', 'full', 'ended', 'name_taken', 'name_refused', 'slow_down'] as const
export type Refusal = (typeof refusals)[number]

const refusedSchema = v.object({
  type: v.literal('refused'),
  id: v.string(),
  code: v.picklist(refusals),
  /** With `name_taken`: one that is free. */
  suggestion: v.optional(v.string()),
})

export const phases = ['lobby', 'question', 'closed', 'revealed', 'board', 'ended'] as const
export type Phase = (typeof phases)[number]

const stateFields = {
  /** Counts the changes of phase; a command names the one that it saw. */
  version: count,
  phase: v.picklist(phases),
  /** The question that is or was open last; null before the first. */
  question: v.nullable(position),
  /** null when no question was asked. In the phase `question` and before this time: get ready. */
  opensAt: v.nullable(time),
  /** null without a time limit. */
  closesAt: v.nullable(time),
  /** Who has joined and was not removed. */
  players: count,
  locked: v.boolean(),
  now: time,
}
const stateSchema = v.object({ type: v.literal('state'), ...stateFields })

/** The right answers are not in it. */
const questionFields = {
  question: position,
  /** How many questions the quiz has. */
  of: count,
  kind: v.picklist(questionTypes),
  /** Empty on a phone where the event shows questions on the projector only; then the options are empty, too. */
  text: v.string(),
  options: v.array(v.string()),
  seconds: v.nullable(v.number()),
  points: v.picklist(pointValues),
  image: v.nullable(v.object({ id: v.string(), alt: v.string() })),
}
const questionMessageSchema = v.object({ type: v.literal('question'), ...questionFields })

export const answerStatuses = ['saved', 'already', 'late', 'not_open', 'invalid'] as const
export type AnswerStatus = (typeof answerStatuses)[number]

const ackSchema = v.object({
  type: v.literal('ack'),
  id: v.string(),
  status: v.picklist(answerStatuses),
  /** What is stored, with `saved` and `already`; else what was sent. */
  choices: v.array(position),
})

const doneSchema = v.object({
  type: v.literal('done'),
  id: v.string(),
  status: v.picklist(['ok', 'stale', 'refused']),
  version: count,
})

const standing = { score: count, rank: v.pipe(v.number(), v.integer(), v.minValue(1)) }

const resultFields = {
  question: position,
  /** Empty for a poll. */
  right: v.array(position),
  explanation: v.string(),
  /** How many chose each option. */
  distribution: v.array(count),
  /** How many answered. */
  answered: count,
  /** The player's own; null for hosts, screens, and who joined after the question was closed. */
  own: v.nullable(
    v.object({
      /** null: no answer that counts. */
      choices: v.nullable(v.array(position)),
      /** null: a poll. */
      correct: v.nullable(v.boolean()),
      points: count,
      ...standing,
    }),
  ),
}
const resultSchema = v.object({ type: v.literal('result'), ...resultFields })

const boardFields = {
  /** Up to ten; equal scores share a rank: 1, 2, 2, 4. */
  top: v.array(v.object({ player, name: v.string(), ...standing })),
}
const boardSchema = v.object({ type: v.literal('board'), ...boardFields })

/** For hosts and screens. */
const countsFields = {
  question: v.nullable(position),
  /** Answers to that question at their place in the log. */
  answered: count,
  /** Players connected now, over all tasks. */
  connected: count,
  hosts: count,
  screens: count,
  /** How many chose each option; null while the question is open. */
  distribution: v.nullable(v.array(count)),
  /** Tasks with a socket of this event. */
  tasks: count,
  /** Of those: about to stop, and not heard of for 7 seconds or more; all of them when the table does not answer. */
  draining: count,
  silent: count,
}
const countsSchema = v.object({ type: v.literal('counts'), ...countsFields })

/** For hosts and screens: the last 40 who joined, the newest first. */
const rosterFields = { players: count, names: v.array(person) }
const rosterSchema = v.object({ type: v.literal('roster'), ...rosterFields })

/** One's own answer to a question that was revealed. */
const reviewed = v.object({
  question: position,
  text: v.string(),
  choices: v.nullable(v.array(position)),
  right: v.array(position),
  correct: v.nullable(v.boolean()),
  points: count,
})

export const snapshotSchema = v.object({
  type: v.literal('snapshot'),
  role: v.picklist(roles),
  event: v.object({
    id: v.string(),
    title: v.string(),
    code: v.string(),
    language: v.picklist(languages),
    questions: count,
    lateJoining: v.boolean(),
    reveal: v.picklist(['auto', 'host']),
    retentionDays: count,
  }),
  state: v.object(stateFields),
  /** null before the first. */
  question: v.nullable(v.object(questionFields)),
  /** The player's own name, score and rank. Right answers in them only as far as they are revealed. */
  player: v.nullable(v.object({ player, name: v.string(), ...standing })),
  /** The player's own answer to this question; `late` ones do not count. */
  answer: v.nullable(v.object({ choices: v.array(position), status: v.picklist(['saved', 'late']) })),
  /** From `revealed` until the next question. */
  result: v.nullable(v.object(resultFields)),
  /** From `board` until the next question, and at the end. */
  board: v.nullable(v.object(boardFields)),
  /** Hosts and screens only. */
  counts: v.nullable(v.object(countsFields)),
  roster: v.nullable(v.object(rosterFields)),
  /** For a player when the event has ended. */
  review: v.nullable(v.array(reviewed)),
})

const clockAnswerSchema = v.object({ type: v.literal('clock'), sent: time, now: time })

const pongSchema = v.object({
  type: v.literal('pong'),
  id: v.string(),
  /** How many live events the table holds, as it said within the last second: proof of the whole way there and back. */
  stored: count,
  /** Players of those events. */
  players: count,
})

const heartbeatSchema = v.object({ type: v.literal('heartbeat'), now: time })

/** The task is about to stop: open a second connection within so many milliseconds, then close this one. */
const leavingSchema = v.object({ type: v.literal('leaving'), within: time })

const errorCodes = [
  'bad_message',
  /** Too many messages; the next ones close the connection. */
  'slow_down',
  'not_entered',
  'not_allowed',
  'unavailable',
  /** The page is older than the server can speak to: reload once. */
  'outdated',
] as const
export type ErrorCode = (typeof errorCodes)[number]

const errorSchema = v.object({ type: v.literal('error'), code: v.picklist(errorCodes), message: v.string() })

export const serverMessageSchema = v.variant('type', [
  welcomeSchema,
  joinedSchema,
  refusedSchema,
  snapshotSchema,
  stateSchema,
  questionMessageSchema,
  ackSchema,
  doneSchema,
  resultSchema,
  boardSchema,
  countsSchema,
  rosterSchema,
  clockAnswerSchema,
  pongSchema,
  heartbeatSchema,
  leavingSchema,
  errorSchema,
])

export type ServerMessage = v.InferOutput<typeof serverMessageSchema>
export type StateMessage = v.InferOutput<typeof stateSchema>
export type QuestionMessage = v.InferOutput<typeof questionMessageSchema>
export type ResultMessage = v.InferOutput<typeof resultSchema>
export type BoardMessage = v.InferOutput<typeof boardSchema>
export type CountsMessage = v.InferOutput<typeof countsSchema>
export type RosterMessage = v.InferOutput<typeof rosterSchema>
export type Snapshot = v.InferOutput<typeof snapshotSchema>

// --- reading ---

/** The message, or what is wrong with it, in words for a log or a developer. */
export type Read<Message> = { message: Message } | { problem: string }

export function readClientMessage(text: string): Read<ClientMessage> {
  return read(clientMessageSchema, text)
}

export function readServerMessage(text: string): Read<ServerMessage> {
  return read(serverMessageSchema, text)
}

function read<Message>(schema: v.GenericSchema<unknown, Message>, text: string): Read<Message> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { problem: 'a message must be JSON' }
  }
  const result = v.safeParse(schema, value, { abortEarly: true })
  if (result.success) return { message: result.output }
  const [issue] = result.issues
  // never the value itself: it may be a name or a token, and the problem is logged
  return { problem: `${v.getDotPath(issue) ?? 'message'}: expected ${issue.expected ?? 'another value'}` }
}
