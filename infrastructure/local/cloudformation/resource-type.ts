/** What the CloudFormation engine knows of a resource type. Each room (or resources/<service>.ts, for moto's) exports its own. */
export interface ResourceType {
  /** Paths of the properties that it carries: any other is refused. Absent: it is recorded with whatever it has. */
  knows?: readonly string[]
  create(request: ResourceRequest): Promise<ResourceState>
  /**
   * Changes an existing resource in place. Absent: every changed property means replacement (CloudFormation's "Update
   * requires: Replacement").
   */
  update?(request: ResourceRequest, current: ResourceState, previous: Properties): Promise<ResourceState>
  delete(current: ResourceState, properties: Properties): Promise<void>
  /** Properties as they are live, for drift detection; undefined when the resource is gone. Absent: it cannot be checked. */
  read?(current: ResourceState): Promise<Properties | undefined>
  /** Properties of "Update requires: Replacement". */
  replacedBy?: readonly string[]
  /** The property that gives a custom name: CloudFormation refuses to replace a resource that has one. */
  nameProperty?: string
  /** The stack's tags reach it: a changed stack tag is an update of it. */
  taggable?: boolean
}

/** Resolved properties, as the template writes them (PascalCase, intrinsics gone). */
export type Properties = Record<string, unknown>

export interface ResourceRequest {
  logicalId: string
  stackName: string
  stackId: string
  properties: Properties
  /** The stack's tags and CloudFormation's own three (`aws:cloudformation:…`); those in `properties` are not among them. */
  tags: Record<string, string>
}

export interface ResourceState {
  /** What `Ref` gives. */
  physicalId: string
  /** What `Fn::GetAtt` gives. */
  attributes: Record<string, unknown>
}

export type ResourceTypes = Record<string, ResourceType>
