import { createContext, Script } from 'node:vm'
import { AwsError } from '../gateway/room.ts'
import { type HeaderList, without } from '../http/headers.ts'
import type { Distribution } from './model.ts'
import type { ViewerRequest } from './viewer-request.ts'

/**
 * Milliseconds. AWS gives a function less than one of processor time. This is a wall clock on a busy laptop: it stops a
 * function that loops, and says nothing about one that is slow, or about a machine that had no time for it.
 */
const timeLimit = 3_000

const silentConsole = 'globalThis.console = { log() {}, error() {}, warn() {} };'
const callHandler = '\n;JSON.stringify(handler(JSON.parse(event)))'

/**
 * Refuses code that does not parse, as AWS does when a function is created, and code that is async, which a time limit
 * of node:vm does not reach.
 * @throws AwsError
 */
export function checkCode(code: string): void {
  try {
    void new Script(code)
  } catch (error) {
    throw new AwsError('InvalidArgument', `The function code is not valid: ${(error as Error).message}`)
  }
  if (/\b(async|Promise)\b/.test(code)) throw new AwsError('InvalidArgument', 'the local AWS has no async functions')
}

/**
 * Runs the code of a viewer-request function on a request, in a new context, and returns the path that it wants.
 * The code is that of our own stack: node:vm keeps it apart, and would not hold an enemy.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
 * @throws Error when the function throws, loops, or does more than to change the path: answer, or change another part
 */
export function rewritePath(
  code: string,
  { method, path, query, headers, ip }: ViewerRequest,
  { id, domainName }: Pick<Distribution, 'id' | 'domainName'>,
  requestId: string,
): string {
  const request = {
    method,
    uri: path,
    querystring: valuesOf(query === '' ? [] : query.split('&').map((pair) => splitPair(pair))),
    headers: valuesOf(without(headers, 'cookie').map(([name, value]) => [name.toLowerCase(), value])),
    cookies: {},
  }
  const context = { distributionDomainName: domainName, distributionId: id, eventType: 'viewer-request', requestId }
  const event = JSON.stringify({ version: '1.0', context, viewer: { ip }, request })
  const world = createContext({ event }, { codeGeneration: { strings: false, wasm: false } })
  const script = new Script(`${silentConsole}${code}${callHandler}`)
  const answer = script.runInContext(world, { timeout: timeLimit }) as string | undefined
  const result = JSON.parse(answer ?? 'null') as Partial<typeof request> | null
  if (result === null || typeof result.uri !== 'string') throw new Error('it did not return the request')
  if (!result.uri.startsWith('/')) throw new Error('its uri does not begin with /')
  if (JSON.stringify({ ...result, uri: path }) !== JSON.stringify(request)) {
    throw new Error('it changed more than the uri, which the local AWS does not carry out')
  }
  return result.uri
}

function valuesOf(list: HeaderList): Record<string, { value: string }> {
  return Object.fromEntries(list.map(([name, value]) => [name, { value }]))
}

function splitPair(pair: string): [name: string, value: string] {
  const [name = '', ...value] = pair.split('=')
  return [name, value.join('=')]
}
