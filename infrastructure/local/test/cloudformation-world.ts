import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before } from 'node:test'
import { provideVirtualenvOnce, python } from '../cli/virtualenv.mts'
import { createClients } from '../cloudformation/resources/clients.ts'
import { createCloudFormation } from '../cloudformation/room.ts'
import { cloudTrail } from '../cloudtrail/room.ts'
import { createEcr } from '../ecr/room.ts'
import { createEcs } from '../ecs/room.ts'
import { createElb } from '../elb/room.ts'
import { createKeys } from '../gateway/keys.ts'
import { startGateway } from '../gateway/server.ts'
import { startMoto } from '../moto.ts'
import { accessKeyId, region, secretAccessKey } from '../settings.ts'
import { awsCli } from './aws-cli.ts'

/*
 * The real cdk, a real moto, and CloudFormation, ECR and ECS between them: what the suites that deploy with cdk talk to.
 * Nothing runs in a container here. It is there when a test of the file that imports this begins, and goes with the last.
 */
const port = 14700
const endpoint = `http://127.0.0.1:${port}`
const motoEndpoint = `http://127.0.0.1:${port + 1}`
export const directory = mkdtempSync(join(tmpdir(), 'live quiz '))
export const clients = createClients(motoEndpoint)
const ecr = createEcr({ directory: join(directory, 'ecr') })
const elb = createElb()
const ecs = createEcs({ ecr, targets: elb.targets, taskEndpoint: endpoint, endpoint, motoEndpoint })
const resourceTypes = { ...ecr.resourceTypes, ...ecs.resourceTypes }
export const cloudFormation = createCloudFormation({ resourceTypes, motoEndpoint })
const cdkCommand = join(import.meta.dirname, '../../../node_modules/.bin/cdk')
const closing: (() => Promise<unknown>)[] = []

before(async () => {
  await provideVirtualenvOnce()
  const moto = await startMoto(python, port + 1)
  closing.push(() => moto.close())
  for (const room of [cloudFormation, ecs, elb]) closing.push(() => room.close())
  const gateway = await startGateway({
    rooms: [cloudFormation.room, cloudTrail, ecr.room, ecs.room],
    registry: ecr.registry,
    motoEndpoint,
    keys: createKeys(),
    status: () => cloudFormation.summary(),
    hosts: ['127.0.0.1'],
    port,
    callLog: () => {},
  })
  closing.push(() => gateway.close())
})

after(async () => {
  clients.close()
  for (const close of closing.toReversed()) await close()
  rmSync(directory, { recursive: true })
})

/** Runs cdk as a person would; gives what it said on both channels. */
export function cdk(...flags: string[]): Promise<{ code: number; output: string }> {
  const env = {
    PATH: process.env['PATH'],
    HOME: directory,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: region,
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DISABLE_VERSION_CHECK: '1',
    CI: '1',
    NODE_NO_WARNINGS: '1',
  }
  return new Promise((resolve) => {
    const command = [...flags, '--no-notices']
    execFile(cdkCommand, command, { env, cwd: directory, maxBuffer: 1e8 }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr }),
    )
  })
}

/** What the real aws CLI printed, parsed; rejects with what it said, which is in the error's `stderr`. */
export async function aws<Output>(...args: string[]): Promise<Output> {
  const answer = await awsCli(endpoint, args)
  return (answer ? JSON.parse(answer) : undefined) as Output
}
