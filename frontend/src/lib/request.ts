const answerWithinMs = 20_000

/** Why a request failed: the status and code of the server's answer, or `unreachable` with status 0 where none came. */
export class RequestFailed extends Error {
  readonly status: number
  readonly code: string
  constructor(status: number, code: string, message: string, cause?: unknown) {
    super(message, { cause })
    this.status = status
    this.code = code
  }
}

interface Options {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Admin secret or host token; it travels in a header, never in an address. Images need none. */
  token?: string
  /** Sent as JSON, a Blob as its bytes. */
  body?: unknown
  /** The version that was seen: the server refuses with 412 if another one is stored. */
  ifMatch?: string
  /** 22 characters of base64url, the id of what is made: sent again with the same key, the request makes nothing twice. */
  key?: string
  signal?: AbortSignal
  /** For the whole answer, instead of 20 s. */
  withinMs?: number
}

/** The whole of the server's answer, if it succeeded. Throws `RequestFailed`, also when the answer breaks off. */
export async function request(path: string, options: Options): Promise<Blob> {
  // what AbortSignal.any does, which Safari has since 17.4 and Chrome since 116
  const ending = new AbortController()
  const end = () => ending.abort(options.signal?.reason)
  const late = setTimeout(end, options.withinMs ?? answerWithinMs)
  options.signal?.addEventListener('abort', end)
  if (options.signal?.aborted) end()
  try {
    return await answerTo(path, options, ending.signal)
  } finally {
    clearTimeout(late)
    options.signal?.removeEventListener('abort', end)
  }
}

async function answerTo(path: string, options: Options, signal: AbortSignal): Promise<Blob> {
  let response: Response
  try {
    response = await fetch(path, {
      method: options.method ?? 'GET',
      headers: headersOf(options),
      body: bodyOf(options.body),
      signal,
    })
    if (response.ok) return await response.blob()
  } catch (error) {
    options.signal?.throwIfAborted()
    throw new RequestFailed(0, 'unreachable', 'the server cannot be reached', error)
  }
  throw await refusalOf(response)
}

/** What an answer says in JSON. Throws `RequestFailed`. */
export async function jsonOf(answer: Blob): Promise<unknown> {
  try {
    return JSON.parse(await answer.text())
  } catch (error) {
    throw new RequestFailed(200, 'unknown', 'the answer is no JSON', error)
  }
}

function headersOf({ token, body, ifMatch, key }: Options): Record<string, string> {
  return {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { 'content-type': body instanceof Blob ? body.type : 'application/json' }),
    ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
    ...(key === undefined ? {} : { 'idempotency-key': key }),
  }
}

function bodyOf(body: unknown): BodyInit | null {
  if (body === undefined) return null
  return body instanceof Blob ? body : JSON.stringify(body)
}

/** What the server said, or its status where the answer comes from something in between. */
async function refusalOf(response: Response): Promise<RequestFailed> {
  const plain = new RequestFailed(response.status, 'unknown', `the server answered ${response.status}`)
  const text = await response.text().catch(() => '')
  try {
    const { error } = JSON.parse(text) as { error?: { code?: unknown; message?: unknown } }
    if (typeof error?.code !== 'string' || typeof error.message !== 'string') return plain
    return new RequestFailed(response.status, error.code, error.message)
  } catch {
    return plain
  }
}
