import { App, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib'
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Bucket } from 'aws-cdk-lib/aws-s3'
import { StringParameter } from 'aws-cdk-lib/aws-ssm'
import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { account, region } from '../settings.ts'
import { cdk, clients, cloudFormation, directory } from './cloudformation-world.ts'

interface Version {
  value: string
  /** Another name replaces the parameter that has it. */
  name?: string
  /** A parameter that someone else has already made. */
  takesTaken?: boolean
}

/** The app's cloud assembly in one of its versions: what `cdk synth` would have written. */
function assembly({ value, name = 'first', takesTaken = false }: Version): string {
  const outdir = mkdtempSync(join(directory, 'cdk.out-'))
  const app = new App({ outdir, analyticsReporting: false })
  const stack = new Stack(app, 'App', { tags: { app: 'quiz' } })
  const bucket = new Bucket(stack, 'Bucket', {
    versioned: true,
    enforceSSL: true,
    removalPolicy: RemovalPolicy.DESTROY,
  })
  const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') })
  bucket.grantRead(role)
  const mayList = new PolicyStatement({ actions: ['s3:ListAllMyBuckets'], resources: ['*'] })
  role.addManagedPolicy(new ManagedPolicy(stack, 'Policy', { statements: [mayList] }))
  const parameter = new StringParameter(stack, 'Parameter', { parameterName: '/app/value', stringValue: value })
  const named = new StringParameter(stack, 'Named', { parameterName: `/app/named/${name}`, stringValue: 'x' })
  Tags.of(named).add('of', 'the app')
  if (takesTaken) {
    const taken = new StringParameter(stack, 'Taken', { parameterName: '/taken', stringValue: 'mine' })
    taken.node.addDependency(parameter)
  }
  stack.exportValue(bucket.bucketName, { name: 'app-bucket' })
  app.synth()
  return outdir
}

const deploy = (version: Version, ...flags: string[]) =>
  cdk('deploy', '--app', assembly(version), '--require-approval', 'never', ...flags)

const value = () => clients.lookUpParameter('/app/value')

async function names(): Promise<string[]> {
  const { Parameters } = await clients.ssm().describeParameters({})
  return (Parameters ?? []).flatMap(({ Name }) => /^\/app\/named\/(.*)/.exec(Name!)?.[1] ?? [])
}

test('cdk bootstrap makes the bucket, the repository, the roles and the version', async () => {
  const { code, output } = await cdk('bootstrap', `aws://${account}/${region}`)
  assert.equal(code, 0, output)
  assert.match(output, /CREATE_COMPLETE +\| AWS::ECR::Repository/)
  assert.match(output, new RegExp(`Environment aws://${account}/${region} bootstrapped\\.`))
  assert.ok(Number(await clients.lookUpParameter('/cdk-bootstrap/hnb659fds/version')) >= 30)
})

test('a first cdk diff shows what will be created and leaves no stack behind', async () => {
  const { output } = await cdk('diff', '--app', assembly({ value: 'one' }))
  assert.match(output, /\[\+\] AWS::S3::Bucket Bucket/)
  assert.deepEqual(
    cloudFormation.summary().stacks.map(({ name }) => name),
    ['CDKToolkit'],
  )
})

test('the first cdk deploy creates every resource for real and shows the outputs', async () => {
  const { code, output } = await deploy({ value: 'one' })
  assert.equal(code, 0, output)
  const bucket = /^App\.Export\S+ = (\S+)$/m.exec(output)?.[1]
  assert.match(bucket ?? '', /^app-bucket/)
  const { Status } = await clients.s3().getBucketVersioning({ Bucket: bucket })
  assert.equal(Status, 'Enabled')
  const { TagSet } = await clients.s3().getBucketTagging({ Bucket: bucket })
  assert.ok(TagSet?.some(({ Key, Value }) => Key === 'app' && Value === 'quiz'))
  assert.equal(await value(), 'one')
})

test('the second cdk deploy has nothing to do', async () => {
  const { code, output } = await deploy({ value: 'one' })
  assert.equal(code, 0, output)
  assert.match(output, /App \(no changes\)/)
})

test('cdk diff shows nothing where nothing changed, and a needed replacement', async () => {
  const same = await cdk('diff', '--app', assembly({ value: 'one' }))
  assert.match(same.output, /There were no differences/)
  const { output } = await cdk('diff', '--app', assembly({ value: 'two', name: 'second' }))
  assert.match(output, /\[~\] AWS::SSM::Parameter Parameter/)
  assert.match(output, /\[~\] AWS::SSM::Parameter Named \S+ replace/)
})

test('an update changes in place what it can and replaces the rest', async () => {
  const { code, output } = await deploy({ value: 'two', name: 'second' })
  assert.equal(code, 0, output)
  assert.equal(await value(), 'two')
  assert.deepEqual(await names(), ['second'])
})

test('an update that fails says why and leaves everything as it was', async () => {
  await clients.ssm().putParameter({ Name: '/taken', Value: 'theirs', Type: 'String' })
  const { code, output } = await deploy({ value: 'three', name: 'third', takesTaken: true })
  assert.equal(code, 1)
  // cdk cuts the status short
  assert.match(output, /UPDATE_ROLLBACK_COMPLET/)
  assert.match(output, /HandlerErrorCode: AlreadyExists/)
  assert.equal(await value(), 'two')
  assert.deepEqual(await names(), ['second'])
  assert.equal(await clients.lookUpParameter('/taken'), 'theirs')
})

test('cdk deploy --no-rollback stops where it failed, and cdk rollback goes back', async () => {
  const failing = assembly({ value: 'three', takesTaken: true, name: 'second' })
  const { code, output } = await cdk('deploy', '--app', failing, '--require-approval', 'never', '--no-rollback')
  assert.equal(code, 1)
  assert.match(output, /UPDATE_FAILED/)
  assert.equal(await value(), 'three')
  const undone = await cdk('rollback', '--app', failing)
  assert.equal(undone.code, 0, undone.output)
  assert.equal(await value(), 'two')
})

test('cdk destroy leaves nothing of the stack', async () => {
  const { code, output } = await cdk('destroy', '--app', assembly({ value: 'two' }), '--force')
  assert.equal(code, 0, output)
  assert.match(output, /App: destroyed/)
  assert.equal(await value(), undefined)
  assert.deepEqual(await names(), [])
  const { Roles } = await clients.iam().listRoles({})
  assert.ok(!Roles?.some(({ RoleName }) => RoleName?.startsWith('App-')))
})
