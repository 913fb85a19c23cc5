/** What the ECS room needs of the load balancer: put a task behind a target group, take it out, ask how it is. */
export interface Targets {
  /**
   * A target that is already registered stays as it is; one that is draining is taken back into service, as on AWS.
   * @throws AwsError TargetGroupNotFound
   */
  register(targetGroupArn: string, target: TargetAddress): void
  /**
   * Stops new requests at once. Resolves when the target is drained: no request or WebSocket is left, or the
   * deregistration delay is over (what is still open is closed then). Resolves at once for a target that is not
   * registered, and for a target group that no longer exists.
   * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay
   */
  deregister(targetGroupArn: string, target: TargetAddress): Promise<void>
  /**
   * `ip`, `instance` and so on.
   * @throws AwsError TargetGroupNotFound
   */
  targetType(targetGroupArn: string): string
  /**
   * Registered targets, and those that are still draining.
   * @throws AwsError TargetGroupNotFound
   */
  health(targetGroupArn: string): TargetHealth[]
}

export interface TargetAddress {
  /** IP address. */
  id: string
  port: number
}

export type TargetState = 'initial' | 'healthy' | 'unhealthy' | 'draining' | 'unused'

export interface TargetHealth extends TargetAddress {
  state: TargetState
  /** AWS's reason code, absent for a healthy target: `Target.ResponseCodeMismatch`. */
  reason?: string
  /** AWS's words for it: `Health checks failed with these codes: [500]`. */
  description?: string
}
