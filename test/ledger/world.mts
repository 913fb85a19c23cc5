import { spawn, type ChildProcess } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { exclusively } from '../../infrastructure/local/cli/lock.mts'
import { binDirectory, provideVirtualenv, python } from '../../infrastructure/local/cli/virtualenv.mts'
import { startMoto } from '../../infrastructure/local/moto.ts'
import { environmentNames } from '../../lib/environments.mts'
import { releaseRecords } from '../../lib/ledger.mts'
import { currentLock } from '../../lib/lock.mts'
import { read } from '../../lib/shell.mts'

const names = environmentNames('staging')

/** The real aws CLI in front of a moto of our own, which has DynamoDB's conditions and SSM's parameters. */
export async function startWorld() {
  await exclusively(provideVirtualenv)
  const port = await freePort()
  const moto = await startMoto(python, port)
  Object.assign(process.env, {
    PATH: `${binDirectory}:${process.env['PATH']}`,
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_DEFAULT_OUTPUT: 'json',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
    NO_PROXY: '127.0.0.1',
  })

  return {
    close: () => moto.close(),
    lock: () => currentLock({ names }),
    records: async () => (await releaseRecords({ names })) ?? [],

    async putSecret(value: string): Promise<void> {
      // not `--value`: version 1 of the CLI would fetch what looks like a URL
      const parameter = { Name: `/${names.prefix}/slack-webhook-url`, Type: 'SecureString', Value: `${value}\n` }
      await read`aws ssm put-parameter --cli-input-json ${JSON.stringify(parameter)}`
    },
  }
}

/** What would tell who started these tests, and how. */
const callers = {
  MAKELEVEL: undefined,
  npm_lifecycle_event: undefined,
  GITHUB_ACTOR: undefined,
  GITLAB_USER_LOGIN: undefined,
}

/** Starts test/ledger/deployer.mts. */
export function deployer(args: (string | number)[], env: Record<string, string> = {}) {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', 'tsx', join(import.meta.dirname, 'deployer.mts'), ...args.map(String)],
    { env: { ...process.env, ...callers, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let said = ''
  let data = ''
  child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stdout!.on('data', (chunk: Buffer) => (data += chunk.toString()))
  const ended = once(child, 'close').then(([exitCode]) => ({ exitCode: exitCode as number | null, said, data }))
  return {
    child,
    ended,
    /** Resolves when it said something that matches; rejects when it ended before that. */
    saying: (pattern: RegExp) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          if (pattern.test(said)) resolve()
        }
        look()
        child.stderr!.on('data', look)
        void ended.then(() => reject(new Error(`it ended without saying ${pattern}:\n${said}`)))
      }),
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
