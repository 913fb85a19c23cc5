import type { Room } from '../gateway/room.ts'
import { changeSetActions } from './change-set-actions.ts'
import { driftActions } from './drift-actions.ts'
import { withDynamicReferences } from './dynamic-references.ts'
import { readActions } from './read-actions.ts'
import { createClients } from './resources/clients.ts'
import { limits } from './resources/limits.ts'
import { motoTypes } from './resources/moto-types.ts'
import type { ResourceTypes } from './resource-type.ts'
import { stackActions } from './stack-actions.ts'
import { createStacks } from './stacks.ts'
import { timings } from '../settings.ts'

interface CloudFormationOptions {
  /** The types that other rooms create. */
  resourceTypes: ResourceTypes
  /** Where S3, SSM and the services behind this room's own types answer. */
  motoEndpoint: string
  /** Milliseconds that the call which starts an operation waits for its end. */
  headStart?: number
}

/** What is deployed, and which of it nothing here acts on. */
interface CloudFormationSummary {
  stacks: { name: string; status: string; resources: number }[]
  recorded: { stack: string; logicalId: string; type: string; limit: string }[]
}

export interface CloudFormation {
  room: Room
  summary: () => CloudFormationSummary
  /** Waits for what is under way, then lets go of the connections. */
  close: () => Promise<void>
}

/** CloudFormation: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/Welcome.html */
export function createCloudFormation(options: CloudFormationOptions): CloudFormation {
  const { resourceTypes, motoEndpoint, headStart = timings.operationHeadStart } = options
  const clients = createClients(motoEndpoint)
  const stacks = createStacks(headStart)
  const types = withDynamicReferences({ ...motoTypes(clients), ...resourceTypes }, clients.lookUpSecret)
  const sources = { readObject: clients.readObject, lookUpParameter: clients.lookUpParameter }
  const room: Room = {
    signingName: 'cloudformation',
    protocol: 'query',
    namespace: 'http://cloudformation.amazonaws.com/doc/2010-05-15/',
    actions: {
      ...stackActions(stacks, types, sources),
      ...changeSetActions(stacks, types, sources),
      ...readActions(stacks),
      ...driftActions(stacks, types),
    },
  }

  function summary(): CloudFormationSummary {
    const living = stacks.all().filter(({ status }) => status !== 'DELETE_COMPLETE')
    return {
      stacks: living.map(({ name, status, resources }) => ({ name, status, resources: resources.size })),
      recorded: living.flatMap((stack) =>
        [...stack.resources.values()].flatMap(({ logicalId, type }) => {
          const limit = limits[type]
          return limit ? [{ stack: stack.name, logicalId, type, limit }] : []
        }),
      ),
    }
  }

  async function close(): Promise<void> {
    await Promise.all(stacks.all().map(({ operation }) => operation))
    clients.close()
  }

  return { room, summary, close }
}
