import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * What happens to one call.
 * lost: it is done, and its answer never comes: the connection is cut.
 * unsent: the connection is cut before it is done.
 * throttled, failed: DynamoDB's own refusals, before it is done.
 */
export type Fault = 'none' | 'lost' | 'unsent' | 'throttled' | 'failed'

export interface Call {
  /** `PutItem`, `Query`, … */
  operation: string
  body: string
}

const refusals = {
  throttled: [400, 'ThrottlingException', 'slow down'],
  failed: [500, 'InternalServerError', 'try again'],
} as const

/** Stands before a DynamoDB on 127.0.0.1, and lets every call pass until told otherwise. */
export async function startFaultProxy(upstream: string) {
  const agent = new Agent({ keepAlive: true })
  const control = {
    /** Decides for each call. */
    fault: (_call: Call): Fault => 'none',
    /** Milliseconds that each call takes longer. */
    delay: 0,
    /** No call passes before it resolves. */
    stall: Promise.resolve() as Promise<unknown>,
  }
  const underWay = new Set<Promise<void>>()
  const answered: Record<Fault, number> = { none: 0, lost: 0, unsent: 0, throttled: 0, failed: 0 }

  async function pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const operation = String(incoming.headers['x-amz-target']).split('.').at(-1) ?? ''
    await control.stall
    if (control.delay > 0) await sleep(control.delay)
    const fault = control.fault({ operation, body: body.toString() })
    answered[fault] += 1
    if (fault === 'unsent') return void response.destroy()
    if (fault === 'throttled' || fault === 'failed') {
      const [status, type, message] = refusals[fault]
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
      response.end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message }))
      return
    }
    const { method, url, headers } = incoming
    const forwarded = request(upstream + url, { method, headers, agent }).end(body)
    const [answer] = (await once(forwarded, 'response')) as [IncomingMessage]
    if (fault === 'lost') {
      answer.resume()
      response.destroy()
      return
    }
    response.writeHead(answer.statusCode ?? 500, answer.headers)
    answer.pipe(response)
  }

  const server = createServer((incoming, response) => {
    // a caller that was killed, or an upstream that is gone: the caller sees a cut connection
    const passing = pass(incoming, response).catch(() => void response.destroy())
    underWay.add(passing)
    void passing.finally(() => underWay.delete(passing))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    control,
    /** How many calls had each fault so far. */
    answered,
    /** Resolves when no call is under way any more. */
    async close(): Promise<void> {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await Promise.all(underWay)
      agent.destroy()
    },
  }
}
