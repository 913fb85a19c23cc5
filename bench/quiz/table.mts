/*
 * A part of the bench: dynalite behind a proxy that answers some milliseconds later, as DynamoDB does from another machine,
 * and counts what a call would cost there.
 */
import { once } from 'node:events'
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { startDynamoDb } from '../../backend/local/dynamodb.ts'
import { answerRequests } from './parts.mts'

/** Since the last reading. */
export interface Usage {
  /** Capacity units. */
  writeUnits: number
  readUnits: number
  /** Calls by operation and, of a Query, the kind of its partition: `Query LOG`. */
  calls: Record<string, number>
}

const writes = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'])
// a kept connection may be closed by dynalite in the moment in which it is used again
const agent = new Agent({ keepAlive: false })
let usage: Usage = noUsage()

answerRequests({
  async start({ table, latency }: { table: string; latency: number }) {
    const database = await startDynamoDb(table)
    const { port } = new URL(database.endpoint)
    const proxy = createServer((incoming, response) => void pass(incoming, response, Number(port), latency))
    proxy.keepAliveTimeout = 0
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  },
  usage() {
    const read = usage
    usage = noUsage()
    return read
  },
})

function noUsage(): Usage {
  return { writeUnits: 0, readUnits: 0, calls: {} }
}

async function pass(incoming: IncomingMessage, response: ServerResponse, port: number, latency: number): Promise<void> {
  const began = performance.now()
  const body = await buffer(incoming)
  const operation = String(incoming.headers['x-amz-target'] ?? '').split('.')[1] ?? ''
  // dynalite says what a call consumes when it is asked to, and checks no signature
  const asked = { ...JSON.parse(body.toString() || '{}'), ReturnConsumedCapacity: 'TOTAL' }
  const text = JSON.stringify(asked)
  const headers = { ...incoming.headers, 'content-length': Buffer.byteLength(text) }
  try {
    const upstream = request({ host: '127.0.0.1', port, path: incoming.url, method: incoming.method, headers, agent })
    upstream.end(text)
    const [answer] = (await once(upstream, 'response')) as [IncomingMessage]
    const answered = await buffer(answer)
    count(operation, asked, body.length, answer.statusCode === 200 ? JSON.parse(answered.toString()) : undefined)
    await sleep(Math.max(0, latency - (performance.now() - began)))
    response.writeHead(answer.statusCode!, { ...answer.headers, 'content-length': answered.length }).end(answered)
  } catch (error) {
    if (!response.destroyed) console.error('the table does not answer:', error)
    response.destroy()
  }
}

/** @param answered undefined: refused; a condition that does not hold costs as much as the write */
function count(operation: string, asked: any, bytes: number, answered: any): void {
  const partition = Object.values<any>(asked.ExpressionAttributeValues ?? {})
    .map(({ S }) => /^[A-Z]+(?=#|$)/.exec(S ?? '')?.[0])
    .find((kind) => kind)
  const name = operation === 'Query' ? `${operation} ${partition ?? ''}`.trim() : operation
  usage.calls[name] = (usage.calls[name] ?? 0) + 1
  const stated = [answered?.ConsumedCapacity ?? []].flat().reduce((sum: number, each) => sum + each.CapacityUnits, 0)
  if (writes.has(operation)) usage.writeUnits += answered ? stated : Math.ceil(bytes / 1_024)
  // a Query that finds nothing is free at dynalite, and not at AWS
  else usage.readUnits += Math.max(stated, asked.ConsistentRead ? 1 : 0.5)
}
