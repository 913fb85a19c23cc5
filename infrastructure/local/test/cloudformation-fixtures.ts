import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Properties, ResourceRequest, ResourceType, ResourceTypes } from '../cloudformation/resource-type.ts'
import { createCloudFormation } from '../cloudformation/room.ts'
import { AwsError, type Input } from '../gateway/room.ts'

/** A service that keeps things in memory: `Test::Thing` can be changed in place, `Test::Fixed` cannot. */
interface FakeService {
  /** What exists, by physical id. */
  things: Map<string, Properties>
  /** What was done, in order: `create A`, `update A`, `delete A`, with `…` when it began. */
  journal: string[]
  types: ResourceTypes
  /** Holds `create` of a logical id until released. */
  hold: (logicalId: string) => () => void
}

export function createFakeService(): FakeService {
  const things = new Map<string, Properties>()
  const journal: string[] = []
  const held = new Map<string, Promise<unknown>>()
  let count = 0

  const put = (id: string, { properties }: ResourceRequest) => {
    things.set(id, properties)
    return { physicalId: id, attributes: { Arn: `arn:${id}`, Value: properties['Value'] } }
  }
  const type: Required<Pick<ResourceType, 'create' | 'update' | 'delete' | 'read'>> = {
    async create(request) {
      journal.push(`create ${request.logicalId}…`)
      await (held.get(request.logicalId) ?? sleep(1))
      refuse(request.properties, 'create')
      const id = (request.properties['Name'] as string | undefined) ?? `${request.logicalId}-${++count}`
      if (things.has(id)) throw new AwsError('AlreadyExists', `${id} already exists`)
      journal.push(`create ${request.logicalId}`)
      return put(id, request)
    },
    async update(request, { physicalId }) {
      await sleep(1)
      refuse(request.properties, 'update')
      journal.push(`update ${request.logicalId}`)
      return put(physicalId, request)
    },
    async delete({ physicalId }, properties) {
      await sleep(1)
      refuse(properties, 'delete')
      journal.push(`delete ${physicalId}`)
      if (!things.delete(physicalId)) throw new AwsError('NotFound', `${physicalId} does not exist`)
    },
    async read({ physicalId }) {
      const live = things.get(physicalId)
      if (live) refuse(live, 'read')
      return live
    },
  }
  return {
    things,
    journal,
    types: {
      'Test::Thing': { ...type, nameProperty: 'Name', replacedBy: ['Name', 'Kind'], taggable: true },
      'Test::Fixed': { create: type.create, delete: type.delete },
    },
    hold(logicalId) {
      const gate = new EventEmitter()
      held.set(logicalId, once(gate, 'open'))
      return () => void gate.emit('open')
    },
  }
}

function refuse(properties: Properties, verb: string): void {
  if (properties['Fails'] === verb || properties['Fails'] === 'always') {
    throw new AwsError('InvalidRequest', `it cannot be ${verb}d`)
  }
}

export type Resources = Record<string, unknown>

/** A resource of a test template. */
export function thing(properties: Properties = {}, others: Record<string, unknown> = {}) {
  return { Type: 'Test::Thing', Properties: properties, ...others }
}

/** A template's text; one that is only a list of resources may say so. */
export function body(template: Resources | { Resources: Resources }): string {
  return JSON.stringify('Resources' in template ? template : { Resources: template })
}

/** A CloudFormation with fake types, called as the gateway calls it. */
export function createFixture() {
  const service = createFakeService()
  // nothing listens there: a test that reaches for moto fails
  const { room, summary } = createCloudFormation({
    resourceTypes: service.types,
    motoEndpoint: 'http://127.0.0.1:9',
    headStart: 0,
  })

  async function call(action: string, input: Input = {}): Promise<Input> {
    const context = { action, accessKeyId: 'test', requestId: 'test', reply: { status: 200, headers: {} } }
    return ((await room.actions[action]!(input, context)) ?? {}) as Input
  }

  async function describeStack(name = 'Stack'): Promise<Input> {
    const { Stacks } = await call('DescribeStacks', { StackName: name })
    return (Stacks as Input[])[0]!
  }

  /** Waits until nothing is under way; gives the status. */
  async function settled(name = 'Stack'): Promise<string> {
    for (let waited = 0; waited < 5000; waited += 5) {
      const status = String((await describeStack(name))['StackStatus'])
      if (!status.endsWith('_IN_PROGRESS') || status === 'REVIEW_IN_PROGRESS') return status
      await sleep(5)
    }
    return assert.fail('the operation does not end')
  }

  async function create(template: Resources, others: Input = {}): Promise<string> {
    await call('CreateStack', { StackName: 'Stack', TemplateBody: body(template), ...others })
    return settled(others['StackName'] as string | undefined)
  }

  async function update(template: Resources, others: Input = {}): Promise<string> {
    await call('UpdateStack', { StackName: 'Stack', TemplateBody: body(template), ...others })
    return settled(others['StackName'] as string | undefined)
  }

  async function remove(name = 'Stack'): Promise<string> {
    const { StackId } = await describeStack(name)
    await call('DeleteStack', { StackName: name })
    return settled(String(StackId))
  }

  /** Events, oldest first. */
  async function events(name = 'Stack'): Promise<Input[]> {
    const { StackEvents } = await call('DescribeStackEvents', { StackName: name })
    return (StackEvents as Input[]).toReversed()
  }

  /** `A CREATE_COMPLETE`, oldest first. */
  async function eventLines(name = 'Stack'): Promise<string[]> {
    return (await events(name)).map(
      (event) => `${String(event['LogicalResourceId'])} ${String(event['ResourceStatus'])}`,
    )
  }

  async function reasons(status: string, name = 'Stack'): Promise<string[]> {
    const found = (await events(name)).filter((event) => event['ResourceStatus'] === status)
    return found.map((event) => String(event['ResourceStatusReason']))
  }

  async function physicalId(logicalId: string): Promise<string> {
    const { StackResources } = await call('DescribeStackResources', {
      StackName: 'Stack',
      LogicalResourceId: logicalId,
    })
    return String((StackResources as Input[])[0]!['PhysicalResourceId'])
  }

  return {
    ...service,
    call,
    create,
    update,
    remove,
    describeStack,
    settled,
    events,
    eventLines,
    reasons,
    physicalId,
    summary,
  }
}

/** Asserts AWS's code and words. */
export async function rejectsWith(promise: Promise<unknown>, code: string, message: string | RegExp): Promise<void> {
  await assert.rejects(promise, (error: AwsError) => {
    assert.equal(error.code, code)
    if (typeof message === 'string') assert.equal(error.message, message)
    else assert.match(error.message, message)
    return true
  })
}
