import { randomUUID } from 'node:crypto'
import type { Action } from '../gateway/room.ts'
import { driftOf, stackDriftStatus } from './drift.ts'
import { required, textList, validationError } from './input.ts'
import type { Stacks } from './stacks.ts'
import type { Detection, Stack } from './model.ts'
import type { ResourceTypes } from './resource-type.ts'

const detectable = new Set(['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', 'UPDATE_ROLLBACK_FAILED'])

/** Drift: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html */
export function driftActions(stacks: Stacks, types: ResourceTypes): Record<string, Action> {
  return {
    DetectStackDrift(input) {
      const stack = stacks.require(required(input, 'StackName'))
      if (!detectable.has(stack.status)) {
        throw validationError(`Drift detection cannot be performed on stack [${stack.id}] in state [${stack.status}]`)
      }
      if (stack.detection?.status === 'DETECTION_IN_PROGRESS') {
        throw validationError(`Drift detection is already in progress for stack [${stack.id}]`)
      }
      const detection: Detection = {
        id: randomUUID(),
        began: new Date(),
        status: 'DETECTION_IN_PROGRESS',
        drifts: new Map(stack.detection?.drifts),
      }
      stack.detection = detection
      void detect(stack, detection, types, textList(input, 'LogicalResourceIds'))
      return { StackDriftDetectionId: detection.id }
    },

    DescribeStackDriftDetectionStatus(input) {
      const id = required(input, 'StackDriftDetectionId')
      const stack = stacks.all().find(({ detection }) => detection?.id === id)
      if (!stack) throw validationError(`DriftDetectionId ${id} does not exist`)
      const { status, reason, began, drifts } = stack.detection!
      const drifted = [...drifts.values()].filter((each) => each.status === 'MODIFIED' || each.status === 'DELETED')
      return {
        StackId: stack.id,
        StackDriftDetectionId: id,
        DetectionStatus: status,
        DetectionStatusReason: reason,
        Timestamp: began,
        ...(status === 'DETECTION_COMPLETE' && {
          StackDriftStatus: stackDriftStatus(stack.detection),
          DriftedStackResourceCount: drifted.length,
        }),
      }
    },

    DescribeStackResourceDrifts(input) {
      const stack = stacks.require(required(input, 'StackName'))
      const statuses = textList(input, 'StackResourceDriftStatusFilters') ?? []
      const found = [...(stack.detection?.drifts ?? [])].flatMap(([logicalId, drift]) => {
        const resource = stack.resources.get(logicalId)
        return resource && (statuses.length === 0 || statuses.includes(drift.status)) ? [{ resource, drift }] : []
      })
      return {
        StackResourceDrifts: found.map(({ resource, drift }) => ({
          StackId: stack.id,
          LogicalResourceId: resource.logicalId,
          PhysicalResourceId: resource.physicalId,
          ResourceType: resource.type,
          ExpectedProperties: drift.expected && JSON.stringify(drift.expected),
          ActualProperties: drift.actual && JSON.stringify(drift.actual),
          PropertyDifferences: drift.differences,
          StackResourceDriftStatus: drift.status,
          DriftStatusReason: drift.reason,
          Timestamp: drift.timestamp,
        })),
      }
    },
  }
}

async function detect(stack: Stack, detection: Detection, types: ResourceTypes, only?: string[]): Promise<void> {
  const chosen = [...stack.resources.values()].filter(({ logicalId }) => !only || only.includes(logicalId))
  await Promise.all(
    chosen.map(async (resource) => {
      const drift = await driftOf(resource, types[resource.type]!)
      if (drift) detection.drifts.set(resource.logicalId, drift)
    }),
  )
  const unknown = chosen.filter(({ logicalId }) => detection.drifts.get(logicalId)?.status === 'UNKNOWN')
  detection.status = unknown.length > 0 ? 'DETECTION_FAILED' : 'DETECTION_COMPLETE'
  if (unknown.length > 0) {
    detection.reason = `Failed to detect drift on resources [${unknown.map(({ logicalId }) => logicalId).join(', ')}]`
  }
}
