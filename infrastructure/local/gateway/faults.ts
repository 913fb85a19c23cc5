import { once } from 'node:events'
import { ServerResponse, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { actionName } from './action-name.ts'
import type { LoggedCall } from './call-log.ts'
import { faultAnswer } from './fault-answers.ts'
import { createFaultRules, type FaultKind, type FaultRule } from './fault-rules.ts'
import { locate, peekBody } from './request.ts'
import { resourceName } from './resource-name.ts'
import type { Room } from './room.ts'

/** A call on its way to a room or to moto. */
interface IncomingCall {
  service: string
  room: Room | undefined
  request: IncomingMessage
  response: ServerResponse
  requestId: string
}

/** What a rule did to a call, for the call log and for the gateway. */
interface AppliedFault {
  fault: FaultKind
  /** How the call ended; undefined: it is still to be performed. */
  outcome?: { action: string; resource?: string; status: number; error?: string }
  /** Takes the answer in place of the client's response. */
  discarded?: ServerResponse
}

export interface Faults {
  rules(): FaultRule[]
  /** Makes the call fail if a rule says so. Undefined: no rule does. */
  apply(call: IncomingCall): Promise<AppliedFault | undefined>
  /** Answers `/_local/faults`: GET lists the rules, POST adds one, DELETE clears them all or `/_local/faults/<id>`. */
  serve(request: IncomingMessage, response: ServerResponse): Promise<void>
}

export function createFaults(): Faults {
  const rules = createFaultRules()

  async function apply(call: IncomingCall): Promise<AppliedFault | undefined> {
    if (!rules.concern(call.service)) return undefined
    const names = await namesOf(call)
    const rule = rules.countCall(call.service, names.action)
    return rule && applyRule(rule, names, call)
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = /^\/_local\/faults\/(\d+)$/.exec(locate(request).path)?.[1]
    try {
      if (request.method === 'GET') return reply(response, 200, rules.list())
      if (request.method === 'POST') return reply(response, 201, rules.add(JSON.parse(await text(request))))
      if (request.method !== 'DELETE') return reply(response, 405, { message: 'GET, POST or DELETE' })
      if (rules.clear(id === undefined ? undefined : Number(id))) return reply(response, 200, rules.list())
      return reply(response, 404, { message: `there is no rule ${id}` })
    } catch (error) {
      return reply(response, 400, { message: (error as Error).message })
    }
  }

  return { rules: () => rules.list(), apply, serve }
}

async function applyRule(
  { kind, milliseconds }: FaultRule,
  names: CallNames,
  { service, request, response, requestId }: IncomingCall,
): Promise<AppliedFault> {
  switch (kind) {
    case 'slow':
      await waitUntilClientLeaves(response, milliseconds)
      return response.closed ? { fault: kind, outcome: { ...names, status: 0 } } : { fault: kind }
    case 'lost-answer':
      return { fault: kind, discarded: discardedResponse(request) }
    case 'timeout':
      request.resume()
      await waitUntilClientLeaves(response, milliseconds)
      response.destroy()
      return { fault: kind, outcome: { ...names, status: 0 } }
    case 'drop':
      response.destroy()
      return { fault: kind, outcome: { ...names, status: 0 } }
    default: {
      request.resume()
      const { status, error, headers, body } = faultAnswer(kind, service, request, requestId)
      response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
      return { fault: kind, outcome: { ...names, status, error } }
    }
  }
}

type CallNames = Pick<LoggedCall, 'action' | 'resource'>

async function namesOf({ service, room, request }: IncomingCall): Promise<CallNames> {
  const { path } = locate(request)
  const body = await peekBody(request)
  const resource = resourceName(service, request, body)
  if (room?.route) return { action: room.route(request.method ?? 'GET', path)?.action ?? '', ...resource }
  return { action: actionName(service, request, body), ...resource }
}

/** Waits until the client gives up, or for the time given. */
async function waitUntilClientLeaves(response: ServerResponse, milliseconds: number): Promise<void> {
  const patience = new AbortController()
  const timer = setTimeout(() => patience.abort(), milliseconds)
  await once(response, 'close', { signal: patience.signal }).catch(() => {})
  clearTimeout(timer)
}

/** A response that reaches no client: what is written to it is dropped. */
function discardedResponse(request: IncomingMessage): ServerResponse {
  const response = new ServerResponse(request)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  response.assignSocket(nowhere as unknown as Socket)
  response.on('finish', () => nowhere.destroy())
  return response
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
