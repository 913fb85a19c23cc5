import { App, CfnCondition, CfnOutput, CfnParameter, Fn, LegacyStackSynthesizer, Stack } from 'aws-cdk-lib'
import { CfnCluster } from 'aws-cdk-lib/aws-ecs'
import { CfnRole } from 'aws-cdk-lib/aws-iam'
import { CfnParameter as StoredParameter } from 'aws-cdk-lib/aws-ssm'
import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { refusal } from './expectations.ts'
import { aws, cdk, clients, directory } from './cloudformation-world.ts'

/*
 * What happens to a stack that meets trouble, with the real cdk and aws: two stacks, of which one comes after the other.
 * The tests build on each other, in order.
 */
interface Version {
  /** A parameter that someone else has already made. */
  takesTaken?: boolean
  /** As it is created: what a failure leaves could not be deleted under termination protection. */
  unprotected?: boolean
  /** Another path makes the role another one, whose name is taken: its own. */
  rolePath?: string
}

/** The app's cloud assembly in one of its versions: what `cdk synth` would have written. */
function assembly({ takesTaken = false, unprotected = takesTaken, rolePath = '/' }: Version = {}): string {
  const outdir = mkdtempSync(join(directory, 'cdk.out-'))
  const app = new App({ outdir, analyticsReporting: false })
  // without assets there is nothing to bootstrap for
  const [synthesizer, other] = [new LegacyStackSynthesizer(), new LegacyStackSynthesizer()]
  const quiz = new Stack(app, 'Quiz', { synthesizer, terminationProtection: !unprotected })
  const motto = new CfnParameter(quiz, 'Motto', { default: 'ready' })
  const loud = new CfnCondition(quiz, 'Loud', { expression: Fn.conditionEquals(motto.valueAsString, 'LOUD') })
  const stored = (scope: Stack, name: string, value: string) =>
    new StoredParameter(scope, name.slice(1), { name, type: 'String', value })
  const said = stored(quiz, '/said', motto.valueAsString)
  stored(quiz, '/echo', 'hello').cfnOptions.condition = loud
  new CfnCluster(quiz, 'Cluster', { clusterName: 'quiz' })
  new CfnRole(quiz, 'Role', { roleName: 'quiz-task', path: rolePath, assumeRolePolicyDocument: { Statement: [] } })
  const volume = Fn.conditionIf(loud.logicalId, 'loud', 'low').toString()
  new CfnOutput(quiz, 'Volume', { value: volume })
  if (takesTaken) stored(quiz, '/taken', 'mine').addResourceDependency(said)
  const guest = new Stack(app, 'Guest', { synthesizer: other })
  stored(guest, '/heard', 'yes')
  guest.addStackDependency(quiz)
  app.synth()
  return outdir
}

const deploy = (version: Version, ...flags: string[]) =>
  cdk('deploy', '--app', assembly(version), '--require-approval', 'never', ...flags)

const value = (name: string) => clients.lookUpParameter(name)

interface Described {
  EnableTerminationProtection?: boolean
  StackStatus: string
  StackStatusReason?: string
}

async function stack(name: string): Promise<Described> {
  const { Stacks } = await aws<{ Stacks: Described[] }>('cloudformation', 'describe-stacks', '--stack-name', name)
  return Stacks[0]!
}

/** Logical id, status and reason of what went wrong, oldest first. */
async function failures(name: string): Promise<string[]> {
  const { StackEvents } = await aws<{
    StackEvents: { LogicalResourceId: string; ResourceStatus: string; ResourceStatusReason?: string }[]
  }>('cloudformation', 'describe-stack-events', '--stack-name', name)
  return StackEvents.filter(({ ResourceStatus }) => /FAILED|ROLLBACK_IN_PROGRESS/.test(ResourceStatus))
    .toReversed()
    .map((event) => `${event.LogicalResourceId} ${event.ResourceStatus} ${event.ResourceStatusReason}`)
}

/** cdk breaks its sentences where a line ends. */
const flat = (output: string): string => output.replaceAll(/\s+/g, ' ')

test('a failed first cdk deploy says why and leaves nothing but ROLLBACK_COMPLETE', async () => {
  await clients.ssm().putParameter({ Name: '/taken', Value: 'theirs', Type: 'String' })
  const { code, output } = await deploy({ takesTaken: true }, 'Quiz')
  assert.equal(code, 1)
  assert.match(flat(output), /ROLLBACK_COMPLETE.*HandlerErrorCode: AlreadyExists/)
  assert.equal((await stack('Quiz')).StackStatus, 'ROLLBACK_COMPLETE')
  const reported = await failures('Quiz')
  assert.match(
    reported[0]!,
    /^taken CREATE_FAILED Resource handler returned message: ".*already exists.*HandlerErrorCode: AlreadyExists\)$/,
  )
  assert.match(
    reported.at(-1)!,
    /^Quiz ROLLBACK_IN_PROGRESS The following resource\(s\) failed to create: \[.*\btaken\b.*\]\. Rollback requested by user\.$/,
  )
  assert.deepEqual([await value('/said'), await value('/taken')], [undefined, 'theirs'])
  assert.match(await refusal(aws('ecs', 'list-tasks', '--cluster', 'quiz')), /\(ClusterNotFoundException\)/)
})

test('cdk deploy creates a stack in ROLLBACK_COMPLETE again; an update is refused', async () => {
  const again = ['--stack-name', 'Quiz', '--use-previous-template', '--capabilities', 'CAPABILITY_NAMED_IAM']
  assert.match(
    await refusal(aws('cloudformation', 'update-stack', ...again)),
    /\(ValidationError\).* is in ROLLBACK_COMPLETE state and can not be updated\./,
  )
  const { code, output } = await deploy({ unprotected: true }, '--all', '--parameters', 'Quiz:Motto=LOUD')
  assert.equal(code, 0, output)
  assert.match(output, /^Quiz\.Volume = loud$/m)
  assert.deepEqual([await value('/said'), await value('/echo'), await value('/heard')], ['LOUD', 'hello', 'yes'])
})

test('cdk deploy protects a stack in which nothing else changes', async () => {
  assert.equal((await stack('Quiz')).EnableTerminationProtection, false)
  const { code, output } = await deploy({}, 'Quiz')
  assert.equal(code, 0, output)
  assert.equal((await stack('Quiz')).EnableTerminationProtection, true)
})

test('a custom-named resource is not replaced: the update is refused', async () => {
  const { code, output } = await deploy({ rolePath: '/new/' }, 'Quiz')
  assert.equal(code, 1)
  assert.match(
    flat(output),
    /CloudFormation cannot update a stack when a custom-named resource requires replacing\. Rename quiz-task and update the stack again\./,
  )
  assert.equal((await stack('Quiz')).StackStatus, 'UPDATE_ROLLBACK_COMPLETE')
  const { Role } = await aws<{ Role: { Path: string } }>('iam', 'get-role', '--role-name', 'quiz-task')
  assert.deepEqual([Role.Path, await value('/said'), await value('/echo')], ['/', 'LOUD', 'hello'])
})

test('cdk destroy is refused under termination protection', async () => {
  const { code, output } = await cdk('destroy', '--app', assembly(), '--force', '--all')
  assert.equal(code, 1)
  assert.match(flat(output), /Stack \[Quiz\] cannot be deleted while TerminationProtection is enabled/)
  const off = ['--stack-name', 'Quiz', '--no-enable-termination-protection']
  await aws('cloudformation', 'update-termination-protection', ...off)
})

test('cdk destroy is refused while a service lives in the cluster', async () => {
  const container = JSON.stringify([{ name: 'web', image: 'web' }])
  const size = ['--requires-compatibilities', 'FARGATE', '--network-mode', 'awsvpc', '--cpu', '256', '--memory', '512']
  await aws('ecs', 'register-task-definition', '--family', 'web', ...size, '--container-definitions', container)
  const network = ['--network-configuration', 'awsvpcConfiguration={subnets=[subnet-a]}']
  const service = ['--cluster', 'quiz', '--service-name', 'web', '--task-definition', 'web', '--desired-count', '0']
  await aws('ecs', 'create-service', ...service, ...network)
  const { code, output } = await cdk('destroy', '--app', assembly(), '--force', '--all')
  assert.equal(code, 1)
  assert.match(flat(output), /The Cluster cannot be deleted while Services are active\./)
  assert.equal((await stack('Quiz')).StackStatus, 'DELETE_FAILED')
  const [failed] = (await failures('Quiz')).filter((line) => line.startsWith('Cluster '))
  assert.match(failed!, /^Cluster DELETE_FAILED .*Services are active/)

  await aws('ecs', 'delete-service', '--cluster', 'quiz', '--service', 'web')
  await aws('ecs', 'wait', 'services-inactive', '--cluster', 'quiz', '--services', 'web')
  const gone = await cdk('destroy', '--app', assembly(), '--force', '--all')
  assert.equal(gone.code, 0, gone.output)
  assert.match(await refusal(stack('Quiz')), /\(ValidationError\).*Stack with id Quiz does not exist/)
  assert.deepEqual([await value('/said'), await value('/taken')], [undefined, 'theirs'])
})
