import { CfnElement } from 'aws-cdk-lib/core'
import type { IConstruct } from 'constructs'

/**
 * Fixes the logical id of a resource that a task definition or the service refers to. CloudFormation does not know those
 * two: an id that changes with the construct tree would replace the resource under a running service.
 */
export function fixLogicalId(construct: IConstruct, logicalId: string): void {
  const resource = construct.node.defaultChild ?? construct
  if (!CfnElement.isCfnElement(resource)) throw new Error(`${construct.node.path} is not one CloudFormation resource`)
  resource.overrideLogicalId(logicalId)
}
