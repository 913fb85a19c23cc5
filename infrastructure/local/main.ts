/*
 * The AWS on this machine, as one process: `make local-up` starts it and waits until it answers.
 * Output goes to .local/log/local-aws.log, a line for each API call to .local/calls.jsonl.
 */
import { join } from 'node:path'
import { bridgeAddress } from './docker/engine.ts'
import { openCallLog } from './gateway/call-log.ts'
import { createKeys } from './gateway/keys.ts'
import { createGuard } from './iam/guard.ts'
import { createRoles } from './iam/role-policies.ts'
import { startGateway, type Gateway } from './gateway/server.ts'
import { startMoto } from './moto.ts'
import { openRooms } from './rooms.ts'
import { account, callLogFile, endpoint, enforcesIam, motoEndpoint, motoPort, port, region } from './settings.ts'
import { stateDirectory } from './connection.ts'

const [moto, bridge] = await Promise.all([
  startMoto(join(stateDirectory, 'venv/bin/python'), motoPort),
  bridgeAddress(),
])
if (!bridge) throw new Error('the Docker engine has no default bridge, over which tasks are reached')

const rooms = openRooms({ imageDirectory: join(stateDirectory, 'ecr'), bridge })

const roles = createRoles(motoEndpoint)

const gateway: Gateway = await startGateway({
  rooms: rooms.all,
  registry: rooms.ecr.registry,
  motoEndpoint,
  keys: createKeys(),
  ...(enforcesIam && { guard: createGuard(roles, rooms.cloudFront.tagsOf) }),
  hosts: ['127.0.0.1', bridge],
  port,
  callLog: openCallLog(callLogFile),
  metadata: rooms.ecs.metadata,
  status: () => {
    const { stacks, recorded } = rooms.cloudFormation.summary()
    return {
      pid: process.pid,
      endpoint,
      account,
      region,
      iam: enforcesIam ? 'enforced for the sessions of roles' : 'not enforced',
      moto: { pid: moto.pid, endpoint: motoEndpoint },
      rooms: {
        stacks,
        services: rooms.ecs.summary(),
        distributions: rooms.cloudFront.summary(),
        'load balancers': rooms.elb.summary(),
        repositories: rooms.ecr.summary(),
        'fault rules': gateway.faults.rules(),
      },
      recorded,
    }
  },
})
console.log(`${new Date().toISOString()} answering on ${endpoint} and http://${bridge}:${port}`)

let isClosing = false
async function close(exitCode: number): Promise<void> {
  if (isClosing) return
  isClosing = true
  await gateway.close()
  await rooms.close()
  await roles.close()
  await moto.close()
  process.exit(exitCode)
}
process.on('SIGTERM', () => void close(0))
process.on('SIGINT', () => void close(0))
await moto.ended
if (!isClosing)
  console.error(`${new Date().toISOString()} error: moto has ended, and everything that it stored is lost`)
await close(1)
