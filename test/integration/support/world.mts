import { spawn, type ChildProcess } from 'node:child_process'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach } from 'node:test'
import {
  binDirectory,
  type Moto,
  provideVirtualenvOnce,
  python,
  startMoto,
} from '../../../infrastructure/local/testing.ts'
import { environmentNames } from '../../../lib/environment/environments.mts'
import { read } from '../../../lib/script/shell.mts'
import { freePort } from '../../e2e/support/free-port.mts'
import { createTable, dropTable } from './table.mts'

/** For the tests of a `describe`: the real aws CLI in front of a separate moto, which has DynamoDB's conditions and SSM's parameters, and an empty table before each. */
export function freshLedger(): void {
  let moto: Moto
  before(async () => {
    moto = await startWorld()
  })
  after(() => moto.close())
  afterEach(() => {
    // what a failed test left behind would be in the next one's ledger
    for (const child of started.splice(0)) child.kill('SIGKILL')
  })
  beforeEach(async () => {
    await dropTable()
    await createTable()
  })
}

/** What CloudFormation says before the first deployment. */
const noStack =
  '<ErrorResponse><Error><Code>ValidationError</Code><Message>Stack does not exist</Message></Error></ErrorResponse>'

export async function startWorld(): Promise<Moto> {
  await provideVirtualenvOnce()
  const port = await freePort()
  const moto = await startMoto(python, port)
  const cloudFormation = createHttpServer((_request, response) => response.writeHead(400).end(noStack)).unref()
  await once(cloudFormation.listen(0, '127.0.0.1'), 'listening')
  Object.assign(process.env, {
    PATH: `${binDirectory}:${process.env['PATH']}`,
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ENDPOINT_URL_CLOUDFORMATION: `http://127.0.0.1:${(cloudFormation.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_DEFAULT_OUTPUT: 'json',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
    NO_PROXY: '127.0.0.1',
  })
  return moto
}

/** As docs/DEPLOYMENT_CONFIG.md has it put there. */
export async function putSecret(value: string): Promise<void> {
  // not `--value`: version 1 of the CLI would fetch what looks like a URL
  const parameter = {
    Name: `/${environmentNames('staging').prefix}/slack-webhook-url`,
    Type: 'SecureString',
    Value: `${value}\n`,
    Overwrite: true,
  }
  await read`aws ssm put-parameter --cli-input-json ${JSON.stringify(parameter)}`
}

const started: ChildProcess[] = []

/** What would show who started these tests, and how. */
const callers = {
  MAKELEVEL: undefined,
  npm_lifecycle_event: undefined,
  GITHUB_ACTIONS: undefined,
}

/** Starts deployer.mts: its work lasts until `done`, or ends with that exit code. */
export function deployer(result?: number, env: Record<string, string> = {}) {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', 'tsx', join(import.meta.dirname, 'deployer.mts'), ...(result === undefined ? [] : [String(result)])],
    // one that neither says what is expected nor ends fails its test
    { env: { ...process.env, ...callers, ...env }, stdio: ['ignore', 'pipe', 'pipe'], timeout: 240_000 },
  )
  started.push(child)
  let output = ''
  let data = ''
  child.stderr!.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stdout!.on('data', (chunk: Buffer) => (data += chunk.toString()))
  const ended = once(child, 'close').then(([exitCode]) => ({ exitCode: exitCode as number | null, output, data }))
  return {
    child,
    ended,
    /** What it has printed so far. */
    output: () => output,
    /** Lets its work be done, and waits until it has cleaned up. */
    done: async () => {
      child.kill('SIGUSR2')
      return await ended
    },
    /** Resolves when it has printed something that matches; rejects when it ended before that. */
    saying: (pattern: RegExp) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          if (pattern.test(output)) resolve()
        }
        look()
        child.stderr!.on('data', look)
        void ended.then(() => reject(new Error(`it ended without saying ${pattern}:\n${output}`)))
      }),
  }
}
