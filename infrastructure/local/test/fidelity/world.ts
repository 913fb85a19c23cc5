import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { StackOutputs } from '../../../../lib/stack/stack.mts'

/*
 * Every room in front of moto, and a client that holds each raw answer against the service model that AWS publishes
 * (validate_responses.py). A local AWS may be up at the same time.
 */
process.env['LOCAL_AWS_PORT'] = '15400'
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'
const settings = await import('../../settings.ts')
const { provideEngine } = await import('../../cli/docker/provide-engine.mts')
const { exclusively } = await import('../../cli/lock.mts')
const { provideVirtualenv, python } = await import('../../cli/virtualenv.mts')
const { baseImage, provideBaseImage } = await import('../../cli/docker/base-image.mts')
const { bridgeAddress } = await import('../../docker/engine.ts')
const { createKeys } = await import('../../gateway/keys.ts')
const { startGateway } = await import('../../gateway/server.ts')
const { startMoto } = await import('../../moto.ts')
const { openRooms } = await import('../../rooms.ts')
const { leaveNothing } = await import('../remains.ts')
const { clientEnvironment, startResponseValidator } = await import('../response-validator.ts')

export const registryHost = `127.0.0.1:${settings.port}`

/** botocore's names of the services that answer here, by the names in a signature. */
const clientNames: Record<string, string> = { elasticloadbalancing: 'elbv2' }

/** What moto does otherwise, and clients pass over: null where AWS leaves a member out, and members of its own. */
const ofMoto = [/: is None, not of type /, /^DescribeSecret\.SecretVersionsToStages: is unknown to the model$/]

export type FidelityWorld = Awaited<ReturnType<typeof startWorld>>

export async function startWorld() {
  const directory = mkdtempSync(join(tmpdir(), 'live quiz '))
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
  await exclusively(async () => {
    process.env['DOCKER_HOST'] = await provideEngine()
    await provideVirtualenv()
    await provideBaseImage(directory)
  })
  await leaveNothing()
  const [moto, bridge] = await Promise.all([startMoto(python, settings.motoPort), bridgeAddress()])
  const rooms = openRooms({
    imageDirectory: join(directory, 'ecr'),
    bridge: bridge!,
    containers: { containerPrefix: 'live-quiz-test-' },
  })
  const gateway = await startGateway({
    rooms: rooms.all,
    registry: rooms.ecr.registry,
    motoEndpoint: settings.motoEndpoint,
    keys: createKeys(),
    status: () => ({}),
    hosts: ['127.0.0.1', bridge!],
    port: settings.port,
    callLog: () => {},
  })
  const env = {
    ...clientEnvironment(settings.endpoint),
    DOCKER_HOST: process.env['DOCKER_HOST'],
    DOCKER_CONFIG: join(directory, 'docker'),
  }
  const validator = startResponseValidator(settings.endpoint)
  /** Actions that have answered without an error and as the model says: `ecs ListTasks`. */
  const validated = new Set<string>()

  const roomClients = new Set(rooms.all.map(({ signingName }) => clientNames[signingName] ?? signingName))
  const counts = (service: string) => (problem: string) =>
    roomClients.has(service) || !ofMoto.some((known) => known.test(problem))

  /** What an action answers; fails when it refuses, or answers otherwise than the service model says. */
  async function valid<Output = Record<string, never>>(
    service: string,
    operation: string,
    input: object = {},
  ): Promise<Output> {
    const { output, error, problems } = await validator.call(service, operation, input)
    assert.equal(error, null, `${operation}: ${error?.Code}: ${error?.Message}`)
    assert.deepEqual(problems.filter(counts(service)), [], operation)
    validated.add(`${service} ${operation}`)
    return output as Output
  }

  /** The code and text with which an action refuses; fails when it does not, or the operation has no such error. */
  async function refused(service: string, operation: string, input: object = {}): Promise<string> {
    const { error, problems } = await validator.call(service, operation, input)
    assert.ok(error, `${operation} was expected to be refused`)
    assert.deepEqual(problems, [], operation)
    return `${error.Code}: ${error.Message}`
  }

  const docker = async (args: string[], input?: string): Promise<string> => {
    const child = promisify(execFile)('docker', args, { env })
    child.child.stdin?.end(input)
    return (await child).stdout.trim()
  }

  return {
    valid,
    refused,
    validated,
    /** What the tests of one service leave for those of the next. */
    made: { outputs: {} as StackOutputs, cluster: '', image: '' },
    /** Sets something up in moto, whose answers are not judged here. */
    ask: async (service: string, operation: string, input: object): Promise<void> => {
      const { error } = await validator.call(service, operation, input)
      assert.equal(error, null)
    },
    /** Every action that is answered here, as `validated` names it. */
    actions: rooms.all.flatMap(({ signingName, actions }) =>
      Object.keys(actions).map((action) => `${clientNames[signingName] ?? signingName} ${action}`),
    ),
    /** Pushes an image that answers 200 to every request on port 3000; returns its reference by digest. */
    async push(repository: string, token: string): Promise<string> {
      const program = `require('http').createServer((_, answer) => answer.end('{}')).listen(3000)`
      const entry = JSON.stringify(['node', '--eval', program])
      writeFileSync(join(directory, 'Dockerfile'), `FROM ${baseImage}\nENTRYPOINT ${entry}\n`)
      const image = `${registryHost}/${repository}:1`
      const password = Buffer.from(token, 'base64').toString().slice('AWS:'.length)
      await docker(['login', '--username', 'AWS', '--password-stdin', registryHost], password)
      await docker(['build', '--quiet', '--tag', image, directory])
      await docker(['push', '--quiet', image])
      return docker(['inspect', '--format', '{{index .RepoDigests 0}}', image])
    },
    async close() {
      validator.close()
      await rooms.close()
      await gateway.close()
      await moto.close()
    },
  }
}
