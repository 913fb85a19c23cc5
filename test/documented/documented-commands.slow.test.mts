/*
 * Every shell block of docs/DEPLOYMENT_WORKFLOW.md, as it stands, in `make local-shell`, on a terminal whose user answers
 * what is asked: production with its own names. Capital words such as ALB_URL become what they stand for.
 */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { canInstall, installPackages } from '../../infrastructure/local/testing.ts'
import { findProgram } from '../../lib/script/children.mts'
import { Failure } from '../../lib/script/failure.mts'
import { withoutMakeVariables } from '../../lib/script/command-line.mts'
import { documentedBlocks, type Block } from './documented-blocks.mts'
import { environmentNames } from '../../lib/environment/environments.mts'
import { checkout, type Checkout } from '../e2e/support/checkout.mts'
import { get } from '../e2e/support/probe.mts'
import { describedService } from '../e2e/support/system.mts'

/** What cannot run here, and why. */
const elsewhere: Record<string, string> = {
  'npm run dev': 'serves until it is stopped: test/e2e/dev.slow.test.mts runs it',
  'npm test': 'is what runs this test',
}
/** Commands that run until they are interrupted, and what is to be seen before that. */
const endless: [command: RegExp, awaited: RegExp][] = [
  [/^watch /, /"PRIMARY"/],
  [/^aws logs tail .* --follow/, /websocket\/websocket-server\/[0-9a-f]{32} \{.*"listening"/],
  [/^wscat /, /"type":"welcome"/],
]
const answers: [question: RegExp, answer: string][] = [
  [/Type production to change it: $/, 'production\r'],
  [/Do you wish to deploy these changes[^\n]*$/, 'y\r'],
]
const slackCommand = `curl -X POST -H 'Content-type: application/json' --data '{"text":"Deployment to production started"}' SLACK_WEBHOOK_URL`
const port = 6200
const blocks = documentedBlocks()

describe('the documented commands', { timeout: 2_700_000 }, () => {
  let copy: Checkout
  const notifications: string[] = []
  const slack = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => notifications.push(text))
    request.on('end', () => response.end('ok'))
  })
  const done = new Set<string>()

  before(async () => {
    await commandsOfTheDocument()
    copy = await checkout(port)
    slack.listen(0, '127.0.0.1')
    await once(slack, 'listening')
  })
  after(async () => {
    slack.close()
    await copy?.runThere('docker rmi --force live-quiz-backend:latest')
    await copy?.remove()
  })

  /** Runs commands on a terminal, and answers what they ask. Resolves with what was to be seen there. */
  async function typed(commands: string[]): Promise<string> {
    const script = join('.local', 'block.sh')
    writeFileSync(join(copy.path, script), ['set -e', ...commands.map(untilInterrupted)].join('\n'))
    const line = `make -s local-shell ARGS='-c "bash ${script}"'`
    const terminal = spawn('script', ['--quiet', '--flush', '--return', '--command', line, '/dev/null'], {
      cwd: copy.path,
      env: { ...withoutMakeVariables(), LOCAL_AWS_PORT: String(port), NO_COLOR: '1', TERM: 'xterm', CI: undefined },
    })
    let seen = ''
    let unanswered = ''
    // what was seen before is of commands that have ended
    let interrupted = 0
    const interruptOnceSeen = () => {
      const [, which, timeout, shown] = /endless (\d) (\d+)\r\n([^]*)/.exec(seen.slice(interrupted)) ?? []
      if (which === undefined || !endless[Number(which)]![1].test(stripVTControlCharacters(shown!))) return
      interrupted = seen.length
      // `timeout` takes it for the end of its time, and sends Ctrl-C
      spawnSync('kill', ['-ALRM', timeout!])
    }
    terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
      seen += text
      interruptOnceSeen()
      unanswered = stripVTControlCharacters(unanswered + text).slice(-1_000)
      const answer = answers.find(([question]) => question.test(unanswered))?.[1]
      if (answer === undefined) return
      unanswered = ''
      terminal.stdin.write(answer)
    })
    const [exitCode] = (await once(terminal, 'close')) as [number]
    assert.equal(exitCode, 0, stripVTControlCharacters(seen).slice(-4_000))
    return stripVTControlCharacters(seen)
  }

  const stackOutput = async (key: string): Promise<string> => {
    const { Stacks } = await copy.aws('cloudformation', 'describe-stacks', '--stack-name', 'LiveQuizEventStack')
    const outputs = Stacks[0].Outputs as { OutputKey: string; OutputValue: string }[]
    return outputs.find(({ OutputKey }) => OutputKey === key)!.OutputValue
  }
  /** What the words in capitals stand for. */
  const meanings: Record<string, () => Promise<string>> = {
    ALB_URL: () => stackOutput('LoadBalancerDnsName'),
    BUCKET_NAME: () => stackOutput('SiteBucketName'),
    // the CDN of the local AWS has a loopback address, and no certificate
    'https://CLOUDFRONT_URL': async () => `http://${await stackOutput('DistributionDomainName')}`,
    DISTRIBUTION_ID: () => stackOutput('DistributionId'),
    TARGET_GROUP_ARN: () => stackOutput('TargetGroupArn'),
    INVALIDATION_ID: async () => {
      const id = await stackOutput('DistributionId')
      const { InvalidationList } = await copy.aws('cloudfront', 'list-invalidations', '--distribution-id', id)
      return InvalidationList.Items[0].Id
    },
    PREVIOUS_REVISION: async () => '1',
    SLACK_WEBHOOK_URL: async () => `http://127.0.0.1:${(slack.address() as AddressInfo).port}/`,
  }

  async function meant(command: string): Promise<string> {
    let text = command
    for (const [word, meaning] of Object.entries(meanings)) {
      if (text.includes(word)) text = text.replaceAll(word, await meaning())
    }
    return text
  }

  async function run(block: Block): Promise<string> {
    const here = block.commands.filter((command) => !(command in elsewhere))
    const commands: string[] = []
    for (const command of here) commands.push(await meant(command))
    const output = await typed(commands)
    for (const command of here) done.add(command)
    return output
  }

  /** What must be seen after a block, by its first command. */
  const expectations: Record<string, (output: string) => Promise<void> | void> = {
    'npm run deploy:all production': async (output) => {
      assert.match(output, /production is live[^]*http:\/\/127/)
      const { runningCount } = await describedService({ ...copy, names: environmentNames('production') })
      assert.equal(runningCount, 3)
      assert.equal((await get(`http://${await stackOutput('DistributionDomainName')}/`)).status, 200)
      const { MetricAlarms } = await copy.aws('cloudwatch', 'describe-alarms', '--alarm-name-prefix', 'live-quiz-')
      assert.ok(MetricAlarms.length > 0)
    },
    'npm run dev': async () => assert.equal(await revision(), 'websocket-task:2'),
    'aws ecs list-task-definitions --family-prefix websocket-task --sort DESC': async (output) => {
      assert.match(output, /websocket-task:2"[^]*websocket-task:1"/)
      assert.equal(await revision(), 'websocket-task:1')
    },
    'watch -n 5 \'aws ecs describe-services --cluster live-quiz-cluster --services websocket-service --query "services[0].deployments"\'':
      (output) => {
        // watch shows no more than the screen holds
        assert.match(output, /"PRIMARY"/)
        assert.match(output, /websocket\/websocket-server\/[0-9a-f]{32} \{.*"listening"/)
        assert.match(output, /"Status": "(InProgress|Completed)"/)
      },
    'curl http://ALB_URL/health': (output) =>
      assert.match(output, /"status":"ok"[^]*<!doctype html>[^]*"type":"welcome"/i),
    [slackCommand]: () =>
      assert.deepEqual(
        notifications.map((text) => JSON.parse(text)),
        [{ text: 'Deployment to production started' }],
      ),
    'docker ps': (output) => assert.match(output, /live-quiz-backend[^]*index\.html/),
  }

  async function revision(): Promise<string> {
    const { services } = await copy.aws(
      'ecs',
      'describe-services',
      '--cluster',
      'live-quiz-cluster',
      '--services',
      'websocket-service',
    )
    return services[0].taskDefinition.split('/').at(-1)
  }

  for (const block of blocks) {
    it(`${block.heading}: ${block.commands.join('; ')}`, async () => {
      // a hotfix has something to fix, and a rollback something to go back from
      if (block.heading === 'Hotfix') fix()
      else if (block.commands.every((command) => done.has(command))) return
      const output = await run(block)
      await expectations[block.commands[0]!]?.(output)
    })
  }

  it('ran each of them, but those that are known not to run here', () => {
    const all = new Set(blocks.flatMap(({ commands }) => commands))
    assert.ok(all.size > 30, 'the document was not read')
    assert.deepEqual([...all].filter((command) => !done.has(command)).toSorted(), Object.keys(elsewhere).toSorted())
  })

  function fix(): void {
    const file = join(copy.path, 'backend', 'src', 'index.ts')
    writeFileSync(file, `${readFileSync(file, 'utf8')}\n// fixed\n`)
  }
})

/** What the document takes for granted on a developer's machine, and a bare Debian lacks. */
async function commandsOfTheDocument(): Promise<void> {
  const packages = { curl: 'curl', watch: 'procps' }
  const missing = Object.entries(packages).filter(([command]) => findProgram(command) === undefined)
  if (missing.length === 0) return
  const names = missing.map(([, name]) => name)
  if (!canInstall()) throw new Failure(`there is no ${names.join(', ')} here`, 'install it, and run the tests again')
  await installPackages(names, 'the documented commands are typed as they stand')
}

function untilInterrupted(command: string): string {
  const which = endless.findIndex(([pattern]) => pattern.test(command))
  if (which < 0) return command
  // 124: it was still going; `timeout` itself was not the one to end it otherwise
  return `(echo endless ${which} $BASHPID; exec timeout --foreground --signal=INT 240 ${command}) || test $? = 124`
}
