import { isTrue } from '../cloudformation/resources/property-values.ts'
import { valueOf, withHeader, type HeaderList } from '../http/headers.ts'
import type { ResponseHeadersPolicyConfig } from './policies.ts'

/**
 * The headers of a response after its behavior's policy.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html
 */
export function withPolicy(headers: HeaderList, policy: ResponseHeadersPolicyConfig | undefined): HeaderList {
  if (!policy) return headers
  return setBy(policy).reduce(
    (list, { name, value, override }) =>
      !override && valueOf(list, name) !== undefined ? list : withHeader(list, name, value),
    headers,
  )
}

interface PolicyHeader {
  name: string
  value: string
  override: boolean
}

function setBy({ SecurityHeadersConfig: security = {} }: ResponseHeadersPolicyConfig): PolicyHeader[] {
  const set: PolicyHeader[] = []
  const add = (name: string, value: string, override: boolean) => set.push({ name, value, override })
  const { ContentTypeOptions, FrameOptions, ReferrerPolicy, ContentSecurityPolicy } = security
  const { StrictTransportSecurity: transport } = security
  if (transport) {
    add('Strict-Transport-Security', `max-age=${transport.AccessControlMaxAgeSec}`, isTrue(transport.Override))
  }
  if (ContentTypeOptions) add('X-Content-Type-Options', 'nosniff', isTrue(ContentTypeOptions.Override))
  if (FrameOptions) add('X-Frame-Options', FrameOptions.FrameOption, isTrue(FrameOptions.Override))
  if (ReferrerPolicy) add('Referrer-Policy', ReferrerPolicy.ReferrerPolicy, isTrue(ReferrerPolicy.Override))
  if (ContentSecurityPolicy) {
    const { ContentSecurityPolicy: value, Override } = ContentSecurityPolicy
    add('Content-Security-Policy', value, isTrue(Override))
  }
  return set
}
