import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { debugCommands } from '../../../lib/check/debug.mts'
import { environmentNames, environments } from '../../../lib/environment/environments.mts'
import type { Place } from '../../../lib/environment/target.mts'
import { outputKeys, type StackOutputs } from '../../../lib/stack/stack.mts'
import { scopeOf } from '../../../lib/access/arns.mts'
import { cloudFormationPolicy, taskBoundaryPolicy } from '../../../lib/access/execution.mts'
import { permissionTable } from './document.mts'
import { accessName } from '../../../lib/access/names.mts'
import { permissions, promotedFrom, rows } from '../../../lib/access/rows.mts'
import { recording, verbsOf } from '../../../lib/access/verbs.mts'
import { largestPolicy, policiesOf, policyFor, policyKinds, rolesWith, sidsOf } from '../../../lib/access/policies.mts'

const root = join(import.meta.dirname, '../../..')
const place = { partition: 'aws', account: '123456789012', region: 'ap-southeast-2' }
const verbs = Object.values(verbsOf).flat() as string[]

/** Scripts that no role runs: on a laptop, or as an administrator. */
const others = ['access', 'dev', 'local', 'quiz-demo']

it('docs/PERMISSIONS.md has exactly the rows of the table', () => {
  const document = readFileSync(join(root, 'docs/PERMISSIONS.md'), 'utf8')
  const table = document.split('\n').filter((line) => /^\| (`[A-Z]\w+`|statement) \|/.test(line))
  assert.deepEqual(
    table,
    permissionTable().filter((line) => !line.startsWith('|---')),
  )
})

it('docs/PERMISSIONS.md names every policy that a permission set needs to look, and to deploy', () => {
  const document = readFileSync(join(root, 'docs/PERMISSIONS.md'), 'utf8')
  for (const kind of ['look', 'deploy'] as const) {
    const said = new RegExp(`to ${kind}, ([^;.]*)[;.]`).exec(document)?.[1] ?? ''
    for (const policy of policiesOf[kind]) assert.match(said, new RegExp(`\`${accessName('production', policy)}\``))
  }
})

it('every script in deploy/ is a verb of one role, or nobody’s', () => {
  const scripts = readdirSync(join(root, 'deploy')).map((file) => file.replace(/\.mts$/, ''))
  assert.deepEqual([...verbs, ...others].toSorted(), scripts.toSorted())
})

it('exactly the scripts that keep a record need what that takes', () => {
  const keeping = verbs.filter((verb) =>
    readFileSync(join(root, `deploy/${verb}.mts`), 'utf8').includes('lockAndRecord('),
  )
  assert.deepEqual([...recording].toSorted(), keeping.toSorted())
})

it('every call of aws in the scripts has a permission', () => {
  const known = new Set(rows.flatMap(([, { actions }]) => actions))
  const calls = sources().flatMap(({ file, text }) =>
    [...text.matchAll(/`aws (s3api|s3|elbv2|[a-z]+) ([a-z][a-z0-9-]+)/g)].map(([, service = '', command = '']) => ({
      line: `${file}: aws ${service} ${command}`,
      actions: needed(service, command),
    })),
  )
  assert.ok(calls.length > 30, `${calls.length} calls`)
  const missing = calls.flatMap(({ line, actions }) => (actions.some((action) => !known.has(action)) ? [line] : []))
  assert.deepEqual(missing, [])
})

describe('the policies', () => {
  for (const environment of environments) {
    it(`of ${environment} fit into managed policies`, () => {
      const scope = scopeOf(environment, promotedFrom[environment], place)
      for (const kind of policyKinds) {
        const size = JSON.stringify(policyFor(kind, scope)).length
        assert.ok(size <= largestPolicy, `${kind}: ${size}`)
      }
    })
  }

  it('bound CloudFormation, and the tasks more, in every partition', () => {
    for (const partition of ['aws', 'aws-us-gov']) {
      for (const policy of [cloudFormationPolicy, taskBoundaryPolicy]) {
        const size = JSON.stringify(policy({ ...place, partition })).length
        assert.ok(size <= largestPolicy, `${policy.name}: ${size}`)
      }
    }
    const making = cloudFormationPolicy(place).Statement.filter(({ Action }) => Action.includes('iam:PutRolePolicy'))
    assert.deepEqual(
      making.map(({ Condition }) => Condition),
      [{ StringEquals: { 'iam:PermissionsBoundary': `arn:aws:iam::${place.account}:policy/live-quiz-boundary` } }],
    )
    const ofIam = cloudFormationPolicy(place).Statement.filter((each) =>
      each.Action.some((action) => action.startsWith('iam:')),
    )
    for (const { Action, Resource, Sid } of ofIam) {
      assert.ok(!Resource.includes('*'), Sid)
      assert.ok(!Action.some((action) => ['iam:*', 'iam:AttachRolePolicy'].includes(action)), Sid)
    }
  })

  it('let CloudFormation change no record of a zone but addresses', () => {
    const changing = cloudFormationPolicy(place).Statement.filter(({ Action }) =>
      Action.includes('route53:ChangeResourceRecordSets'),
    )
    assert.deepEqual(
      changing.map(({ Condition }) => Condition),
      [{ 'ForAllValues:StringEquals': { 'route53:ChangeResourceRecordSetsRecordTypes': ['A', 'AAAA'] } }],
    )
  })

  it('name nothing of another environment but what is read for a promotion', () => {
    const text = JSON.stringify(policyKinds.map((kind) => policyFor(kind, scopeOf('staging', undefined, place))))
    assert.doesNotMatch(text, /development|live-quiz-(backend|ledger|task|application|cluster)"|LiveQuizEventStack\//)
    const reading = policyFor('deploy', scopeOf('staging', 'development', place)).Statement.filter((statement) =>
      /development/.test(JSON.stringify(statement.Resource)),
    )
    assert.ok(reading.length > 0)
    for (const { Action, Sid } of reading)
      for (const action of Action) assert.match(action, /:(Describe|Get|List|Query|Batch(Get|Check))/, Sid)
  })

  it('give the admin secret and every deletion to break-glass alone', () => {
    for (const [sid, { actions }] of rows)
      for (const action of actions)
        if (/GetSecretValue|:Delete(?!Item)/.test(action)) assert.deepEqual(rolesWith(sid), ['break-glass'], action)
  })

  it('show no role what CloudFront shows the load balancer', () => {
    for (const [sid, { actions }] of rows)
      for (const action of actions)
        assert.doesNotMatch(action, /cloudfront:(Get|List)Distribution|elasticloadbalancing:DescribeRules/, sid)
  })

  it('let look type what make debug prints, but for what takes an administrator', () => {
    const target = { environment: 'production', names: environmentNames('production') } as unknown as Place
    const outputs = { ...Object.fromEntries(outputKeys.map((key) => [key, 'x'])), LogBucketName: 'x' } as StackOutputs
    const actions = policiesOf.look.flatMap(sidsOf).flatMap((sid) => permissions[sid].actions as readonly string[])
    const denied = debugCommands(target, outputs, { invalidation: 'I1', awsHasTail: true })
      .filter(({ purpose }) => !purpose.includes('administrator'))
      .flatMap(({ command }) => [...command.matchAll(/aws ([\w-]+) ([\w-]+)/g)])
      .filter(([, service = '', command = '']) => needed(service, command).some((action) => !actions.includes(action)))
    assert.deepEqual(
      denied.map(([line]) => line),
      [],
    )
  })

  it('let look change nothing', () => {
    const statements = policiesOf.look.flatMap(
      (kind) => policyFor(kind, scopeOf('production', 'staging', place)).Statement,
    )
    for (const { Action } of statements)
      for (const action of Action) assert.match(action, /:(Describe|Detect|Filter|Get|List|Query|Batch(Describe|Get))/)
  })
})

function sources(): { file: string; text: string }[] {
  return ['lib', 'deploy'].flatMap((directory) =>
    readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.mts') && !others.includes(file.replace(/\.mts$/, '')))
      .map((file) => ({ file: `${directory}/${file}`, text: readFileSync(join(root, directory, file), 'utf8') })),
  )
}

/** The permissions of a command of aws; none where the command asks for none, or is its own. */
function needed(service: string, command: string): string[] {
  const special: Record<string, string[]> = {
    'configure export-credentials': [],
    'dynamodb put-item': ['dynamodb:PutItem'],
    'dynamodb wait': ['dynamodb:DescribeTable'],
    'ecr get-login-password': ['ecr:GetAuthorizationToken'],
    'ecs wait': ['ecs:DescribeServices'],
    's3 cp': ['s3:GetObject', 's3:PutObject'],
    's3 ls': ['s3:ListBucket'],
    's3api delete-objects': ['s3:DeleteObjectVersion'],
    's3api head-bucket': ['s3:ListBucket'],
    's3api list-object-versions': ['s3:ListBucketVersions'],
    's3api list-objects-v2': ['s3:ListBucket'],
    'logs tail': ['logs:FilterLogEvents'],
    'secretsmanager restore-secret': [],
    'sns subscribe': [],
    'sts get-caller-identity': [],
  }
  const prefix = { s3api: 's3', elbv2: 'elasticloadbalancing' }[service] ?? service
  const name = command.replaceAll(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase())
  return special[`${service} ${command}`] ?? [`${prefix}:${name}`]
}
