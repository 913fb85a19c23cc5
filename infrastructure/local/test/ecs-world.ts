import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { $ } from 'zx'

/*
 * ECR, ECS and load balancing behind a separate gateway, in front of a separate moto: what the suites of ECR and
 * ECS talk to with the real aws and docker CLIs. A local AWS may be up at the same time.
 */
const port = 14_800
process.env['LOCAL_AWS_PORT'] = String(port)
const settings = await import('../settings.ts')
if (settings.port !== port) throw new Error('import this file before whatever imports the settings')
// what lasts so long is seen, on a slow machine too
settings.timings.bake = 3_000
const { provideEngine } = await import('../cli/docker/provide-engine.mts')
const { exclusively } = await import('../cli/lock.mts')
const { binDirectory, provideVirtualenv, python } = await import('../cli/virtualenv.mts')
const { baseImage, provideBaseImage } = await import('../cli/docker/base-image.mts')
const { bridgeAddress } = await import('../docker/engine.ts')
const { createEcr } = await import('../ecr/room.ts')
const { createEcs } = await import('../ecs/room.ts')
const { createElb } = await import('../elb/room.ts')
const { createKeys } = await import('../gateway/keys.ts')
const { startGateway } = await import('../gateway/server.ts')
const { startMoto } = await import('../moto.ts')
const { awsVersion2 } = await import('./aws-cli.ts')
const { leaveNothing } = await import('./remains.ts')

/** For SDK clients that talk to moto. */
export const motoClient = {
  endpoint: settings.motoEndpoint,
  region: settings.region,
  credentials: { accessKeyId: settings.accessKeyId, secretAccessKey: settings.secretAccessKey },
}
export const registryHost = `127.0.0.1:${settings.port}`
const call = { action: '', accessKeyId: '', requestId: '', reply: { status: 200, headers: {} } }

/** Milliseconds that a target with something in flight is drained for, at most. */
export const deregistrationDelay = 1_000

export async function startWorld() {
  const closing: (() => Promise<unknown> | void)[] = []
  const close = async (): Promise<void> => {
    for (const part of closing.splice(0).toReversed()) await part()
  }
  try {
    return await start(closing, close)
  } catch (error) {
    await close()
    throw error
  }
}

async function start(closing: (() => Promise<unknown> | void)[], close: () => Promise<void>) {
  // with a space: paths must survive one
  const directory = mkdtempSync(join(tmpdir(), 'live quiz '))
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
  await exclusively(async () => {
    process.env['DOCKER_HOST'] = await provideEngine()
    await provideVirtualenv()
    await provideBaseImage(directory)
  })
  await leaveNothing()
  const [moto, bridge] = await Promise.all([startMoto(python, settings.motoPort), bridgeAddress()])
  closing.push(() => moto.close())
  const ecr = createEcr({ directory: join(directory, 'ecr') })
  const elb = createElb({ timings: { healthCheckInterval: 200, deregistrationDelay } })
  const ecs = createEcs({
    ecr,
    targets: elb.targets,
    taskEndpoint: `http://${bridge}:${settings.port}`,
    containerPrefix: 'live-quiz-test-',
  })
  const gateway = await startGateway({
    rooms: [ecr.room, ecs.room, elb.room],
    registry: ecr.registry,
    motoEndpoint: settings.motoEndpoint,
    keys: createKeys(),
    status: () => ({}),
    metadata: ecs.metadata,
    hosts: ['127.0.0.1', bridge!],
    port: settings.port,
    callLog: () => {},
  })
  closing.push(
    () => gateway.close(),
    elb.close,
    () => ecs.close(),
  )

  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: settings.endpoint,
    AWS_ACCESS_KEY_ID: settings.accessKeyId,
    AWS_SECRET_ACCESS_KEY: settings.secretAccessKey,
    AWS_DEFAULT_REGION: settings.region,
    AWS_REGION: settings.region,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: join(directory, 'none'),
    AWS_SHARED_CREDENTIALS_FILE: join(directory, 'none'),
    AWS_PAGER: '',
    AWS_DEFAULT_OUTPUT: 'json',
    PATH: `${binDirectory}:${process.env['PATH']}`,
    DOCKER_CONFIG: join(directory, 'docker'),
  }

  const shell = $({ env, quiet: true })

  /** stdout of a docker command; rejects with its stderr. */
  const docker = async (args: string[], input = ''): Promise<string> =>
    (await shell({ input })`docker ${args}`).stdout.trim()

  /** What an aws command printed, parsed; rejects with its stderr. */
  const aws = async <T = unknown>(pieces: TemplateStringsArray, ...values: (string | string[])[]): Promise<T> => {
    const { stdout } = await shell(pieces, ...values)
    return (stdout.trim() ? JSON.parse(stdout) : undefined) as T
  }

  /** The same answer without the second that the CLI takes, for looking again and again. */
  const ask = async <T>(room: 'ecs' | 'ecr' | 'elasticloadbalancing', action: string, input: object): Promise<T> => {
    const rooms = [ecs.room, ecr.room, elb.room]
    return (await rooms.find(({ signingName }) => signingName === room)!.actions[action]!({ ...input }, call)) as T
  }

  /** The same by version 2 of the CLI. */
  const aws2 = async <T = unknown>(...args: string[]): Promise<T> => {
    const { stdout } = await shell`${await exclusively(awsVersion2)} --endpoint-url ${settings.endpoint} ${args}`
    return JSON.parse(stdout) as T
  }

  /** Version 2, while it follows something: what it has shown so far. */
  const follow = async (...args: string[]) => {
    const command = await exclusively(awsVersion2)
    // it keeps what it says to a pipe to itself until it is much
    const running = $({
      env: { ...env, PYTHONUNBUFFERED: '1' },
      quiet: true,
      nothrow: true,
    })`${command} --endpoint-url ${settings.endpoint} ${args}`
    let shown = ''
    running.stdout.on('data', (text: Buffer) => (shown += String(text)))
    return {
      shown: () => shown,
      stop: async () => {
        await running.kill('SIGINT')
        await running
      },
    }
  }

  return {
    aws,
    aws2,
    follow,
    ask,
    docker,
    ecr,
    ecs,
    elb,
    directory,
    login: async () => {
      const password = await shell`aws ecr get-login-password`
      return docker(['login', '--username', 'AWS', '--password-stdin', registryHost], password.stdout)
    },
    /** Registers a task definition, as a file that aws reads, and returns `family:revision`. */
    async register(definition: object): Promise<string> {
      const file = join(directory, 'task-definition.json')
      writeFileSync(file, JSON.stringify(definition))
      const { taskDefinition } = await aws<{
        taskDefinition: { family: string; revision: number }
      }>`aws ecs register-task-definition --cli-input-json ${`file://${file}`}`
      return `${taskDefinition.family}:${taskDefinition.revision}`
    },
    /** Builds an image of one file, which node runs, and returns its name. */
    async build(name: string, program: string): Promise<string> {
      const context = mkdtempSync(join(directory, 'image '))
      writeFileSync(join(context, 'main.mjs'), program)
      writeFileSync(
        join(context, 'Dockerfile'),
        `FROM ${baseImage}\nCOPY main.mjs /main.mjs\nENTRYPOINT ["node", "/main.mjs"]\n`,
      )
      await docker(['build', '--quiet', '--tag', name, context])
      return name
    },
    containers: () =>
      docker([
        'ps',
        '--all',
        '--format',
        '{{.Names}}',
        '--filter',
        `label=${settings.containerLabel}=${settings.port}`,
      ]),
    close,
  }
}

export type EcsWorld = Awaited<ReturnType<typeof startWorld>>
