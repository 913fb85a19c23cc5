import { Script } from 'node:vm'
import { AwsError } from '../gateway/room.ts'
import { valueOf, without, type HeaderList } from '../http/headers.ts'
import type { Distribution } from './model.ts'
import type { Sandbox } from './sandbox.ts'
import type { ViewerRequest } from './viewer-request.ts'

/** What a viewer-request function makes of a request. */
export type FunctionOutcome =
  | { kind: 'request'; request: ViewerRequest }
  | { kind: 'response'; status: number; statusMessage: string; headers: HeaderList; body: Buffer }
  | { kind: 'failed'; reason: string }

/** `{ value }`, and `multiValue` where a name occurs more than once. */
interface Value {
  value: string
  multiValue?: { value: string }[]
}
type Values = Record<string, Value>

interface EventRequest {
  method: string
  uri: string
  querystring: Values
  headers: Values
  cookies: Values
}

interface FunctionResponse {
  statusCode: number
  statusDescription?: string
  headers?: Values
  cookies?: Record<string, Value & { attributes?: string }>
  body?: string | { encoding?: string; data: string }
}

/** @throws AwsError for code that does not parse; AWS refuses it when the function is created. */
export function checkCode(code: string): void {
  try {
    void new Script(code)
  } catch (error) {
    throw new AwsError('InvalidArgument', `The function code is not valid: ${(error as Error).message}`)
  }
}

/**
 * Runs the code of a viewer-request function on a request. Of cloudfront-js-2.0's modules (crypto, querystring, the key
 * value store) there is none here: a function that asks for one fails, as any function that throws does.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
 */
export async function runFunction(
  run: Sandbox['run'],
  code: string,
  request: ViewerRequest,
  distribution: Pick<Distribution, 'id' | 'domainName'>,
  requestId: string,
): Promise<FunctionOutcome> {
  const sent = eventRequest(request)
  const event = {
    version: '1.0',
    context: {
      distributionDomainName: distribution.domainName,
      distributionId: distribution.id,
      eventType: 'viewer-request',
      requestId,
    },
    viewer: { ip: request.ip },
    request: sent,
  }
  try {
    const result = JSON.parse(await run(code, JSON.stringify(event))) as EventRequest | FunctionResponse | null
    if (typeof result !== 'object' || result === null) return failed('it returned neither a request nor a response')
    if ('statusCode' in result) return response(result)
    if (typeof result.uri !== 'string' || !result.uri.startsWith('/')) return failed('its uri does not begin with /')
    return { kind: 'request', request: changed(request, sent, result) }
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error))
  }
}

function failed(reason: string): FunctionOutcome {
  return { kind: 'failed', reason }
}

function eventRequest({ method, path, query, headers }: ViewerRequest): EventRequest {
  return {
    method,
    uri: path,
    querystring: grouped(query === '' ? [] : query.split('&').map((pair) => split(pair, '='))),
    headers: grouped(without(headers, 'cookie').map(([name, value]) => [name.toLowerCase(), value])),
    cookies: grouped(
      (valueOf(headers, 'cookie') ?? '').split(/[;,]\s*/).flatMap((pair) => (pair ? [split(pair, '=')] : [])),
    ),
  }
}

function grouped(list: HeaderList): Values {
  const values: Values = Object.create(null) as Values
  for (const [name, value] of list) {
    const known = values[name]
    if (!known) values[name] = { value }
    else (known.multiValue ??= [{ value: known.value }]).push({ value })
  }
  return values
}

function isSame(one: Values, other: Values): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function changed(request: ViewerRequest, sent: EventRequest, result: EventRequest): ViewerRequest {
  const headers = pairs(result.headers ?? {})
  const cookies = pairs(result.cookies ?? {}).map(([name, value]) => `${name}=${value}`)
  return {
    ...request,
    path: result.uri,
    // an untouched query keeps the form in which it came
    query: isSame(sent.querystring, result.querystring ?? {})
      ? request.query
      : pairs(result.querystring ?? {})
          .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
          .join('&'),
    headers: cookies.length > 0 ? [...headers, ['cookie', cookies.join('; ')]] : headers,
  }
}

function response({
  statusCode,
  statusDescription = '',
  headers = {},
  cookies = {},
  body,
}: FunctionResponse): FunctionOutcome {
  const data = typeof body === 'object' ? Buffer.from(body.data, body.encoding === 'base64' ? 'base64' : 'utf8') : body
  const setCookies: HeaderList = Object.entries(cookies).map(([name, { value, attributes }]) => [
    'Set-Cookie',
    `${name}=${value}${attributes ? `; ${attributes}` : ''}`,
  ])
  return {
    kind: 'response',
    status: statusCode,
    statusMessage: statusDescription,
    headers: [...pairs(headers), ...setCookies],
    body: Buffer.from(data ?? ''),
  }
}

function pairs(values: Values): HeaderList {
  return Object.entries(values).flatMap(([name, { value, multiValue }]) =>
    (multiValue ?? [{ value }]).map((each): [string, string] => [name, each.value]),
  )
}

function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)]
}
