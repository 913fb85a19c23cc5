import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Template as Synthesized } from 'aws-cdk-lib/assertions'
import { createApp, templateOf, withCosts } from '../../test/synthesis.ts'
import { provideVirtualenvOnce, python } from '../cli/virtualenv.mts'
import { createClients } from '../cloudformation/resources/clients.ts'
import { createCloudFormation } from '../cloudformation/room.ts'
import type { ResourceTypes } from '../cloudformation/resource-type.ts'
import type { Input } from '../gateway/room.ts'
import { startMoto } from '../moto.ts'
import { openCloudFront } from './cloudfront-fixtures.ts'
import { closing, loadBalance, openWebSocket, roundTrip, startEcho, until } from './elb-fixtures.ts'

/*
 * Staging's own template behind a load balancer and a CDN that carry requests: an environment that was deployed when
 * the load balancer was open to all, and nothing logged who asks, becomes what it is today, and nobody notices.
 */
const port = 14725
const motoEndpoint = `http://127.0.0.1:${port}`
const clients = createClients(motoEndpoint)
/** Rounds of visits. */
let asked = 0
let visited = false

interface Properties {
  DistributionConfig?: { Origins: { OriginCustomHeaders?: { HeaderName: string }[] }[]; Logging?: object }
  LoadBalancerAttributes?: { Key: string }[]
}

interface Template {
  Resources: Record<string, { Type: string; Properties: Properties; DependsOn?: string[] }>
}

/** What carries requests, and what that needs; no cluster, and nobody reads the outputs. */
function current(template = templateOf('staging')): Template {
  const { Resources } = structuredClone(template.toJSON()) as Template
  return { Resources: Object.fromEntries(Object.entries(Resources).filter(([id]) => id !== 'Cluster')) }
}

/** The same when CloudFront showed no secret and the listener asked for none; and without access logs. */
function earlier(): Template {
  const { Resources } = current()
  for (const [id, { Type, Properties }] of Object.entries(Resources)) {
    if (Type === 'AWS::ElasticLoadBalancingV2::ListenerRule' || id.startsWith('OriginSecret')) delete Resources[id]
    for (const origin of Properties?.DistributionConfig?.Origins ?? []) delete origin.OriginCustomHeaders
    if (/^(LogBucket$|AccessLogs)/.test(id)) delete Resources[id]
  }
  delete Resources['Distribution']!.Properties.DistributionConfig!.Logging
  const loadBalancer = Resources['LoadBalancer']!
  loadBalancer.DependsOn = loadBalancer.DependsOn?.filter((id) => Resources[id])
  const { LoadBalancerAttributes: attributes = [] } = loadBalancer.Properties
  loadBalancer.Properties.LoadBalancerAttributes = attributes.filter(({ Key }) => !Key.startsWith('access_logs'))
  return { Resources }
}

/** Waits for so many rounds of visits; not when nobody visits. */
async function visits(rounds: number): Promise<void> {
  for (const enough = asked + rounds; visited && asked < enough; await sleep(10));
}

let cloudFormation: ReturnType<typeof createCloudFormation>
let elb: Awaited<ReturnType<typeof loadBalance>>['elb']
const resource = async (LogicalResourceId: string) =>
  ((await call('DescribeStackResources', { StackName: 'Stack', LogicalResourceId }))['StackResources'] as Input[])[0]!
const output = async (name: string) => {
  const { Stacks } = await call('DescribeStacks', { StackName: 'Stack' })
  const outputs = (Stacks as { Outputs: { OutputKey: string; OutputValue: string }[] }[])[0]!.Outputs
  return `http://${outputs.find(({ OutputKey }) => OutputKey === name)!.OutputValue}`
}

async function call(action: string, input: Input): Promise<Input> {
  const context = { action, accessKeyId: 'test', requestId: 'test', reply: { status: 200, headers: {} } }
  return ((await cloudFormation.room.actions[action]!(input, context)) ?? {}) as Input
}

async function deploy(action: string, template: Template): Promise<void> {
  const Outputs = {
    LoadBalancer: { Value: { 'Fn::GetAtt': ['LoadBalancer', 'DNSName'] } },
    Site: { Value: { 'Fn::GetAtt': ['Distribution', 'DomainName'] } },
  }
  const TemplateBody = JSON.stringify({ ...template, Outputs })
  await call(action, { StackName: 'Stack', TemplateBody, Capabilities: ['CAPABILITY_NAMED_IAM'] })
  for (let status = ''; !/(CREATE|UPDATE)_COMPLETE$/.test(status); await sleep(20)) {
    const { Stacks } = await call('DescribeStacks', { StackName: 'Stack' })
    status = String((Stacks as Input[])[0]!['StackStatus'])
    if (/ROLLBACK|FAILED/.test(status)) {
      assert.fail(JSON.stringify(await call('DescribeStackEvents', { StackName: 'Stack' }), null, 2))
    }
  }
}

before(async () => {
  await provideVirtualenvOnce()
  const moto = await startMoto(python, port)
  closing.push(() => moto.close())
  elb = (await loadBalance({ s3Endpoint: motoEndpoint })).elb
  const cloudFront = openCloudFront(motoEndpoint)
  const distribution = cloudFront.resourceTypes['AWS::CloudFront::Distribution']!
  const slow: ResourceTypes = {
    'AWS::CloudFront::Distribution': {
      ...distribution,
      async update(...change) {
        // meanwhile each edge of the CDN does as before
        await visits(5)
        const updated = await distribution.update!(...change)
        // what an edge had sent on without the secret is answered by then
        await visits(2)
        return updated
      },
    },
  }
  const resourceTypes = { ...elb.resourceTypes, ...cloudFront.resourceTypes, ...slow }
  cloudFormation = createCloudFormation({ resourceTypes, motoEndpoint })
  closing.push(() => cloudFormation.close())
})

after(() => clients.close())

test('visitors notice nothing when an open load balancer becomes one of the CDN only, and both log', async () => {
  await deploy('CreateStack', earlier())
  const targetGroup = String((await resource('TargetGroup'))['PhysicalResourceId'])
  const target = await startEcho('answered')
  elb.targets.register(targetGroup, target)
  await until(() => elb.targets.health(targetGroup)[0]?.state === 'healthy')
  const [site, loadBalancer] = [await output('Site'), await output('LoadBalancer')]
  assert.equal((await fetch(`${loadBalancer}/api/live`)).status, 200)

  const open = await openWebSocket(`${site}/ws`)
  const failures: string[] = []
  visited = true
  const visiting = (async () => {
    while (visited) {
      asked += 1
      for (const path of ['/api/live', '/health']) {
        const answered = await fetch(site + path).then(({ status }) => String(status), String)
        if (answered !== '200') failures.push(`${path}: ${answered}`)
      }
      await openWebSocket(`${site}/ws`).then(
        (socket) => socket.terminate(),
        (error: Error) => failures.push(`/ws: ${error.message}`),
      )
    }
  })()
  try {
    await deploy('UpdateStack', current())
  } finally {
    // it would never end
    visited = false
    await visiting
  }
  assert.deepEqual(failures, [])
  assert.equal(await roundTrip(open, 'still there'), 'still there')
})

test('past the CDN, anybody reaches /health and exactly /, and nothing else', async () => {
  const loadBalancer = await output('LoadBalancer')
  const status = async (path: string) => (await fetch(loadBalancer + path)).status
  assert.deepEqual(await Promise.all(['/health', '/'].map(status)), [200, 200])
  const others = ['/api/live', '/health/', '/healthy', '//', '/ws', '/api/media/x', '/?/health/../api/live']
  assert.deepEqual(await Promise.all(others.map(status)), [404, 404, 404, 404, 404, 404, 200])
  await openWebSocket(loadBalancer)
  await assert.rejects(openWebSocket(`${loadBalancer}/ws`), /404/)
})

test('the secret opens the load balancer, and CloudFormation shows it nowhere', async () => {
  const { Origins } = current().Resources['Distribution']!.Properties.DistributionConfig!
  const { HeaderName } = Origins.flatMap(({ OriginCustomHeaders = [] }) => OriginCustomHeaders)[0]!
  const { SecretList = [] } = await clients.secretsManager().listSecrets({})
  const { ARN: SecretId } = SecretList.find(({ Description }) => Description?.includes('CloudFront'))!
  const { SecretString = '' } = await clients.secretsManager().getSecretValue({ SecretId })
  const loadBalancer = await output('LoadBalancer')
  const ask = async (value: string) =>
    (await fetch(`${loadBalancer}/api/live`, { headers: { [HeaderName]: value } })).status
  assert.deepEqual([await ask(SecretString), await ask(SecretString.slice(1)), await ask('*')], [200, 404, 404])
  // what a viewer sends under that name does not get past the CDN either
  assert.equal((await fetch(`${await output('Site')}/api/live`, { headers: { [HeaderName]: 'mine' } })).status, 200)
  const actions = ['DescribeStacks', 'DescribeStackEvents', 'DescribeStackResources', 'GetTemplate']
  const shown = await Promise.all(actions.map((action) => call(action, { StackName: 'Stack' })))
  assert.equal(JSON.stringify(shown).includes(SecretString), false)
})

test('web ACL, flow logs, a key of one’s own and a budget come and go, and the site answers', async () => {
  const target = String((await resource('TargetGroup'))['PhysicalResourceId'])
  for (const template of [Synthesized.fromStack(createApp('staging', withCosts).stack), templateOf('staging')]) {
    await deploy('UpdateStack', current(template))
    assert.equal((await fetch(`${await output('Site')}/api/live`)).status, 200)
  }
  assert.equal(String((await resource('TargetGroup'))['PhysicalResourceId']), target)
})
