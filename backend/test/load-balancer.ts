import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { createTargetHealth } from '../src/services/drain/target-health.ts'
import { env } from './backend.ts'

const endpointKey = 'AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2'
export const targetGroupArn = 'arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/tasks/1'

async function listen(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.closeAllConnections())
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A load balancer, and where a task learns its address. */
export async function surroundings(t: TestContext, answerHealth: () => { status: number; state?: string }) {
  Object.assign(process.env, env)
  const asked: URLSearchParams[] = []
  let addressAsked = 0
  const metadataUri = await listen(t, (_, response) => {
    addressAsked += 1
    response.end(JSON.stringify({ Networks: [{ NetworkMode: 'awsvpc', IPv4Addresses: ['10.0.3.7'] }] }))
  })
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    asked.push(new URLSearchParams(await text(request)))
    const { status, state } = answerHealth()
    const health = `<TargetHealthDescriptions><member><TargetHealth><State>${state}</State></TargetHealth></member></TargetHealthDescriptions>`
    const result = `<DescribeTargetHealthResult>${state ? health : ''}</DescribeTargetHealthResult>`
    response.writeHead(status, { 'content-type': 'text/xml' })
    response.end(`<DescribeTargetHealthResponse>${result}</DescribeTargetHealthResponse>`)
  }
  const endpoint = await listen(t, (request, response) => void answer(request, response))
  process.env[endpointKey] = endpoint
  t.after(() => delete process.env[endpointKey])
  const ask = createTargetHealth({ region: 'us-east-1', targetGroupArn, metadataUri, port: 3000 })
  const environment = {
    TARGET_GROUP_ARN: targetGroupArn,
    ECS_CONTAINER_METADATA_URI_V4: metadataUri,
    [endpointKey]: endpoint,
  }
  return { ask, asked, addressAsked: () => addressAsked, environment }
}
