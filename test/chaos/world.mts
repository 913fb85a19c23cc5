import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { environmentNames } from '../../lib/environment/environments.mts'
import { checkout, type Checkout } from '../e2e/support/checkout.mts'
import { firstMessage, get, processesAt } from '../e2e/support/probe.mts'
import { describedService, outputsOf } from '../e2e/support/system.mts'

export const verbs = ['all', 'infrastructure', 'backend', 'frontend', 'rollback', 'rollback-frontend', 'scale'] as const
export type Verb = (typeof verbs)[number]

export const names = environmentNames('local')

/** An environment that was deployed twice from a copy of this tree, and is looked at from outside while it is broken. */
export interface World extends Checkout {
  site: string
  /** A script of the first release, which old tabs still ask for. */
  oldScript: string
  bucket: string
  /** Gives the verb something to do, and returns its command line. */
  prepare(verb: Verb): Promise<string[]>
  /** Fails unless site and backend are what a visitor needs; waits for what is on its way. */
  requireWhole(): Promise<void>
  /** Process id of the run that holds the deploy lock, if one does. */
  lockedBy(): Promise<string | undefined>
  /** Verdict of the newest record of the ledger. */
  lastVerdict(): Promise<string>
  addFault(words: string[]): Promise<void>
  clearFaults(): Promise<void>
  /** Processes that a run has left. */
  strays(): string[]
  /** Copies of settings that a run has left where a later build could find them; what is in .local/ of a run, no other reads. */
  settingsCopies(): string[]
}

export async function deployWorld(port: number): Promise<World> {
  const copy = await checkout(port)
  const deployed = await copy.run(['make', 'deploy-local'])
  assert.equal(deployed.exitCode, 0, deployed.output)
  const site = /^site +(\S+)$/m.exec(deployed.output)![1]!
  const [oldScript] = /\/assets\/[^"]+\.js/.exec((await get(`${site}/`)).body)!
  const { SiteBucketName: bucket = '' } = await outputsOf(copy.aws, names)
  append('frontend/public/robots.txt', '\n# change 0\n')
  let changes = 0
  const again = await copy.run(await prepare('all'))
  assert.equal(again.exitCode, 0, again.output)
  const own = new Set(processesAt(copy.path))

  return {
    ...copy,
    site,
    oldScript,
    bucket,
    prepare,
    async requireWhole() {
      for (const end = Date.now() + 60_000; ; await sleep(500)) {
        try {
          return await requireAnswers(site)
        } catch (error) {
          if (Date.now() > end) throw error
        }
      }
    },
    async lockedBy() {
      const key = JSON.stringify({ pk: { S: 'lock' }, sk: { S: 'deployment' } })
      const { Items } = await copy.aws('dynamodb', 'scan', '--table-name', names.ledger, '--consistent-read')
      const lock = Items.find(({ pk, sk }: any) => JSON.stringify({ pk, sk }) === key)
      return lock?.pid.N
    },
    async lastVerdict() {
      const { stdout } = await copy.run(['./deploy/releases.mts', 'local', '--json'])
      return JSON.parse(stdout).releases[0].verdict
    },
    async addFault(words) {
      const ran = await copy.run(['./infrastructure/local/cli/faults.mts', 'add', ...words])
      assert.equal(ran.exitCode, 0, ran.output)
    },
    async clearFaults() {
      const ran = await copy.run(['./infrastructure/local/cli/faults.mts', 'clear'])
      assert.equal(ran.exitCode, 0, ran.output)
    },
    strays: () => processesAt(copy.path).filter((line) => !own.has(line)),
    settingsCopies: () =>
      execFileSync(
        'sh',
        [
          '-c',
          String.raw`grep -rlsI '^# generated from env/' --include='.env*' --exclude-dir=node_modules backend frontend infrastructure env || true`,
        ],
        {
          cwd: copy.path,
          encoding: 'utf8',
        },
      )
        .split('\n')
        .filter(Boolean),
  }

  async function prepare(verb: Verb): Promise<string[]> {
    changes += 1
    const line = [`./deploy/${verb}.mts`, 'local']
    if (verb === 'all' || verb === 'frontend')
      replace('frontend/public/robots.txt', /# change \d+/, `# change ${changes}`)
    if (verb === 'all' || verb === 'infrastructure')
      replace('env/.env.local', /LOG_RETENTION_DAYS=\d/, `LOG_RETENTION_DAYS=${changes % 2 ? 5 : 3}`)
    if (verb === 'all' || verb === 'backend') return [...line, '--redeploy']
    if (verb === 'scale') return [...line, String(1 + (changes % 2))]
    if (verb === 'rollback') return [...line, await otherRevision()]
    if (verb === 'rollback-frontend') return [...line, await otherRelease()]
    return line
  }

  /** A revision that the service does not run. */
  async function otherRevision(): Promise<string> {
    const { taskDefinition } = await describedService({ ...copy, names })
    const running = Number(taskDefinition.split(':').at(-1))
    return String(running > 1 ? running - 1 : 2)
  }

  /** A release of the site that is not live. */
  async function otherRelease(): Promise<string> {
    const live = /name="release" content="([^"]*)"/.exec((await get(`${site}/`)).body)?.[1]
    const { Contents } = await copy.aws('s3api', 'list-objects-v2', '--bucket', bucket, '--prefix', 'releases/')
    const complete: string[] = Contents.flatMap(({ Key }: any) => /^releases\/([^/]+)\.json$/.exec(Key)?.[1] ?? [])
    return complete.toReversed().find((release) => release !== live)!
  }

  function append(file: string, text: string): void {
    writeFileSync(join(copy.path, file), readFileSync(join(copy.path, file), 'utf8') + text)
  }

  function replace(file: string, from: RegExp, to: string): void {
    const text = readFileSync(join(copy.path, file), 'utf8')
    assert.match(text, from)
    writeFileSync(join(copy.path, file), text.replace(from, to))
  }
}

/** Page with its assets, a deep link, the API and a WebSocket. */
async function requireAnswers(site: string): Promise<void> {
  const { status, body } = await get(`${site}/`)
  assert.equal(status, 200)
  assert.match(body, /name="release" content="\d{8}T/)
  for (const [path] of body.matchAll(/\/assets\/[^"]+/g)) assert.equal((await get(site + path)).status, 200, path)
  assert.equal((await get(`${site}/quiz/1`)).body, body)
  assert.equal((await get(`${site}/robots.txt`)).status, 200)
  assert.equal((await get(`${site}/health`)).status, 200)
  assert.equal((await firstMessage(`${site.replace('http', 'ws')}/ws`))['type'], 'welcome')
}
