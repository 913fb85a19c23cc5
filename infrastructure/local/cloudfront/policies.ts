import { AwsError } from '../gateway/room.ts'
import type { Ttls } from './freshness.ts'

/** Policies as CloudFormation writes them, as far as they are served here. */
export interface CachePolicyConfig extends Ttls {
  Name: string
  ParametersInCacheKeyAndForwardedToOrigin: {
    CookiesConfig: { CookieBehavior: string }
    EnableAcceptEncodingBrotli?: boolean
    EnableAcceptEncodingGzip: boolean
    HeadersConfig: { HeaderBehavior: string }
    QueryStringsConfig: { QueryStringBehavior: string }
  }
}

/** @throws AwsError for a cache policy that has more of a request in its key than path and encodings */
export function checkCachePolicy({ ParametersInCacheKeyAndForwardedToOrigin: selected }: CachePolicyConfig): void {
  const chosen = {
    cookies: selected.CookiesConfig.CookieBehavior,
    headers: selected.HeadersConfig.HeaderBehavior,
    'query strings': selected.QueryStringsConfig.QueryStringBehavior,
  }
  for (const [what, behavior] of Object.entries(chosen)) {
    if (behavior !== 'none') {
      throw new AwsError('InvalidArgument', `the local AWS has no cache policies with ${behavior} of ${what}`)
    }
  }
}

/** The managed policy that the stack uses. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html */
export const managedCachePolicies: Record<string, CachePolicyConfig> = {
  '4135ea2d-6df8-44a3-9df3-4b5a84be39ad': {
    Name: 'Managed-CachingDisabled',
    MinTTL: 0,
    DefaultTTL: 0,
    MaxTTL: 0,
    ParametersInCacheKeyAndForwardedToOrigin: {
      CookiesConfig: { CookieBehavior: 'none' },
      EnableAcceptEncodingBrotli: false,
      EnableAcceptEncodingGzip: false,
      HeadersConfig: { HeaderBehavior: 'none' },
      QueryStringsConfig: { QueryStringBehavior: 'none' },
    },
  },
}

/**
 * The one origin request policy that is known here, Managed-AllViewerExceptHostHeader.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
 */
export const allViewerExceptHost = 'b689b0a8-53d0-40ab-baf2-68738e2966ac'

interface Overridable {
  Override: boolean
}

/** Paths of what a response headers policy may have here. */
export const headersPolicyMembers = [
  'Comment',
  'Name',
  'SecurityHeadersConfig.ContentSecurityPolicy',
  'SecurityHeadersConfig.ContentTypeOptions',
  'SecurityHeadersConfig.FrameOptions',
  'SecurityHeadersConfig.ReferrerPolicy',
  'SecurityHeadersConfig.StrictTransportSecurity.AccessControlMaxAgeSec',
  'SecurityHeadersConfig.StrictTransportSecurity.Override',
]

export interface ResponseHeadersPolicyConfig {
  Name: string
  SecurityHeadersConfig?: {
    ContentSecurityPolicy?: Overridable & { ContentSecurityPolicy: string }
    ContentTypeOptions?: Overridable
    FrameOptions?: Overridable & { FrameOption: string }
    ReferrerPolicy?: Overridable & { ReferrerPolicy: string }
    StrictTransportSecurity?: Overridable & { AccessControlMaxAgeSec: number }
  }
}
