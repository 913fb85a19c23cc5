import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { provideVirtualenvOnce } from '../cli/virtualenv.mts'
import { createKeys } from '../gateway/keys.ts'
import { AwsError, type Room } from '../gateway/room.ts'
import { startGateway, type Gateway } from '../gateway/server.ts'
import { startResponseValidator } from './response-validator.ts'

/* The judge of the fidelity suite is judged: each kind of wrong answer is found, and a right one is not. */
const port = 15490
const endpoint = `http://127.0.0.1:${port}`

/** What the next call is answered. */
let answer: unknown
const given = (): unknown => {
  if (answer instanceof Error) throw answer
  return answer
}

const ecs: Room = {
  signingName: 'ecs',
  protocol: 'json',
  actions: { ListTasks: given, DescribeServices: given },
}
const loadBalancing: Room = {
  signingName: 'elasticloadbalancing',
  protocol: 'query',
  namespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
  actions: { DescribeTargetHealth: given, DeregisterTargets: given },
}
const cloudFront: Room = {
  signingName: 'cloudfront',
  protocol: 'rest-xml',
  namespace: 'http://cloudfront.amazonaws.com/doc/2020-05-31/',
  route: () => ({ action: 'ListInvalidations', parameters: {} }),
  actions: { ListInvalidations: given },
}

let gateway: Gateway
let validator: ReturnType<typeof startResponseValidator>

before(async () => {
  await provideVirtualenvOnce()
  gateway = await startGateway({
    rooms: [ecs, loadBalancing, cloudFront],
    registry: { answer: () => {}, holderOf: () => undefined },
    motoEndpoint: 'http://127.0.0.1:9',
    keys: createKeys(),
    status: () => ({}),
    hosts: ['127.0.0.1'],
    port,
    callLog: () => {},
  })
  validator = startResponseValidator(endpoint)
})
after(async () => {
  validator.close()
  await gateway.close()
})

const service = { serviceName: 's', desiredCount: 1, createdAt: new Date(0), launchType: 'FARGATE' }
const health = { Target: { Id: '10.0.0.1', Port: 80 }, TargetHealth: { State: 'healthy' } }
const invalidations = {
  Marker: '',
  MaxItems: 100,
  IsTruncated: false,
  Quantity: 1,
  Items: { InvalidationSummary: [{ Id: 'I', CreateTime: new Date(0), Status: 'Completed' }] },
}

for (const [what, call, wrong, problems] of [
  ['a right answer in JSON', ['ecs', 'DescribeServices'], { services: [service] }, []],
  [
    'a member in JSON that the model does not have',
    ['ecs', 'DescribeServices'],
    { services: [{ ...service, colour: 'blue' }] },
    ['DescribeServices.services[0].colour: is unknown to the model'],
  ],
  [
    'values in JSON of another type',
    ['ecs', 'DescribeServices'],
    { services: [{ serviceName: 1, desiredCount: '1', createdAt: 'now', launchType: 'PAPER' }], failures: {} },
    [
      'DescribeServices.services[0].serviceName: is 1, not of type string',
      "DescribeServices.services[0].desiredCount: is '1', not of type integer",
      "DescribeServices.services[0].createdAt: is 'now', not of type timestamp",
      "DescribeServices.services[0].launchType: is 'PAPER', none of EC2, FARGATE, EXTERNAL, MANAGED_INSTANCES",
      'DescribeServices.failures: is {}, not a list',
      'body: botocore cannot read it: Invalid timestamp "now": Unknown string format: now',
    ],
  ],
  [
    'an error in JSON that the operation does not have',
    ['ecs', 'ListTasks'],
    new AwsError('NoSuchTaskException', 'there is none'),
    ['NoSuchTaskException: is no error of this operation, and none that all have'],
  ],
  ['an error in JSON that it has', ['ecs', 'ListTasks'], new AwsError('ClusterNotFoundException', 'none'), []],
  ['a right answer in XML', ['elbv2', 'DescribeTargetHealth'], { TargetHealthDescriptions: [health] }, []],
  [
    'wrong members and values in XML',
    ['elbv2', 'DescribeTargetHealth'],
    { TargetHealthDescriptions: [{ Target: { Id: '', Port: 'http', Name: 'n' }, TargetHealth: { State: 'fine' } }] },
    [
      "DescribeTargetHealth.TargetHealthDescriptions[0].Target.Port: is 'http', not of type integer",
      'DescribeTargetHealth.TargetHealthDescriptions[0].Target.Name: is unknown to the model',
      /\.TargetHealth\.State: is 'fine', none of initial, healthy, /,
      /^body: botocore cannot read it: /,
    ],
  ],
  [
    'an error in XML with another status than the model’s',
    ['elbv2', 'DescribeTargetHealth'],
    new AwsError('TargetGroupNotFound', 'there is none', 404),
    ["TargetGroupNotFound: the status is 404, the model's is 400"],
  ],
  ['a right document', ['cloudfront', 'ListInvalidations'], { InvalidationList: invalidations }, []],
  [
    'a document with another root, without what is required',
    ['cloudfront', 'ListInvalidations'],
    { Invalidations: { ...invalidations, MaxItems: undefined } },
    ["Invalidations: the document's root is InvalidationList", 'InvalidationList.MaxItems: is required, and missing'],
  ],
  [
    'a list in a document whose items have another name',
    ['cloudfront', 'ListInvalidations'],
    { InvalidationList: { ...invalidations, Items: { Item: invalidations.Items.InvalidationSummary } } },
    ['InvalidationList.Items[0]: is a Item, not a InvalidationSummary'],
  ],
] as const) {
  test(`the judge finds ${problems.length === 0 ? 'no fault' : `${problems.length} faults`} in ${what}`, async () => {
    answer = wrong
    const found = await validator.call(call[0], call[1], inputs[call[1]])
    assert.equal(found.problems.length, problems.length, found.problems.join('\n'))
    problems.forEach((problem, index) => {
      if (typeof problem === 'string') assert.equal(found.problems[index], problem)
      else assert.match(found.problems[index]!, problem)
    })
  })
}

const inputs = {
  DescribeServices: { services: ['s'] },
  ListTasks: {},
  DescribeTargetHealth: { TargetGroupArn: 't' },
  ListInvalidations: { DistributionId: 'E' },
}
