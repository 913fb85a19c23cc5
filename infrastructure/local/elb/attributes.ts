import { AwsError } from '../gateway/room.ts'

/** As the template and the API write it. */
export interface Attribute {
  Key: string
  Value: string | number | boolean
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html */
export const loadBalancerDefaults: Record<string, string> = {
  'access_logs.s3.enabled': 'false',
  'access_logs.s3.bucket': '',
  'access_logs.s3.prefix': '',
  'deletion_protection.enabled': 'false',
  'idle_timeout.timeout_seconds': '60',
  'routing.http.drop_invalid_header_fields.enabled': 'false',
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html */
export const targetGroupDefaults: Record<string, string> = {
  'deregistration_delay.timeout_seconds': '300',
  'load_balancing.algorithm.type': 'round_robin',
  'stickiness.enabled': 'false',
}

/**
 * The defaults with what the template sets: an attribute that it no longer names gets its default back.
 * @throws AwsError ValidationError for an attribute that has no default here
 */
export function withAttributes(defaults: Record<string, string>, attributes: Attribute[] = []): Record<string, string> {
  for (const { Key } of attributes) {
    if (!Object.hasOwn(defaults, Key)) throw new AwsError('ValidationError', `the local AWS has no attribute '${Key}'`)
  }
  return { ...defaults, ...Object.fromEntries(attributes.map(({ Key, Value }) => [Key, String(Value)])) }
}

/** Milliseconds of an attribute that is in seconds. */
export function milliseconds(attributes: Record<string, string>, key: string): number {
  return Number(attributes[key]) * 1_000
}
