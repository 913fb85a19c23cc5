import type { IncomingHttpHeaders } from 'node:http'

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html#request-custom-headers-behavior */
const ofCdn = /^[\w-]{54}==$/

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html */
const ofLoadBalancer = /(?:Self|Root)=(1-[\da-f]{8}-[\da-f]{24})/

/**
 * What the access logs call this request: the CDN's id of it, or the load balancer's where the CDN was not asked. They
 * have the address of who asked; no line of a task has one. Undefined where neither is in front of the task. Whatever else
 * a client sends under these names is not repeated.
 */
export function requestIdOf(headers: IncomingHttpHeaders): string | undefined {
  const [cdn, trace] = [headers['x-amz-cf-id'], headers['x-amzn-trace-id']]
  if (typeof cdn === 'string' && ofCdn.test(cdn)) return cdn
  return typeof trace === 'string' ? ofLoadBalancer.exec(trace)?.[1] : undefined
}
