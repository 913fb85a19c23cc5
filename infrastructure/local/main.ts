/*
 * The AWS on this machine, as one process: `make local-up` starts it and waits until it answers.
 * Output goes to .local/log/local-aws.log, one line for each API call to .local/calls.jsonl.
 */
import { join } from 'node:path'
import { bridgeAddress } from './docker/engine.ts'
import { createEcr } from './ecr/room.ts'
import { createElb } from './elb/room.ts'
import { openCallLog } from './gateway/call-log.ts'
import { createKeys } from './gateway/keys.ts'
import { startGateway } from './gateway/server.ts'
import { startMoto } from './moto.ts'
import { account, callLogFile, endpoint, motoEndpoint, motoPort, port, region, stateDirectory } from './settings.ts'

const starting = Promise.all([startMoto(join(stateDirectory, 'venv/bin/python'), motoPort), bridgeAddress()])

const ecr = createEcr({ directory: join(stateDirectory, 'ecr') })
const elb = createElb()
const closing = [elb]

const [moto, bridge] = await starting
const gateway = await startGateway({
  rooms: [ecr.room, elb.room],
  registry: ecr.registry,
  motoEndpoint,
  keys: createKeys(),
  hosts: ['127.0.0.1', ...(bridge ? [bridge] : [])],
  port,
  callLog: openCallLog(callLogFile),
  status: () => ({
    pid: process.pid,
    endpoint,
    account,
    region,
    moto: { pid: moto.pid, endpoint: motoEndpoint },
    rooms: { 'load balancers': elb.summary(), repositories: ecr.summary() },
  }),
})
console.log(`${new Date().toISOString()} answering on ${endpoint}${bridge ? ` and http://${bridge}:${port}` : ''}`)

let isClosing = false
async function close(exitCode: number): Promise<void> {
  if (isClosing) return
  isClosing = true
  await gateway.close()
  await Promise.all(closing.map((room) => room.close()))
  await moto.close()
  process.exit(exitCode)
}
process.on('SIGTERM', () => void close(0))
process.on('SIGINT', () => void close(0))
await moto.ended
if (!isClosing)
  console.error(`${new Date().toISOString()} error: moto ended by itself, and what it held is lost with it`)
await close(1)
