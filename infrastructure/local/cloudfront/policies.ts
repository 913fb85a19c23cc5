import { AwsError } from '../gateway/room.ts'
import type { Ttls } from './freshness.ts'

/** Policies as CloudFormation writes them, as far as they are served here. */
export interface CachePolicyConfig extends Ttls {
  Name: string
  ParametersInCacheKeyAndForwardedToOrigin: Selection & {
    EnableAcceptEncodingBrotli?: boolean
    EnableAcceptEncodingGzip: boolean
  }
}

export interface OriginRequestPolicyConfig extends Selection {
  Name: string
}

/** What of a viewer's request counts: all of a kind, none, or (of headers) all but some. */
export interface Selection {
  CookiesConfig: { CookieBehavior: string }
  HeadersConfig: { HeaderBehavior: string; Headers?: string[] }
  QueryStringsConfig: { QueryStringBehavior: string }
}

/**
 * @param headers the behaviors that a policy of its kind may have
 * @throws AwsError for a selection that this CloudFront does not have: a whitelist
 */
export function checkSelection(
  { CookiesConfig, HeadersConfig, QueryStringsConfig }: Selection,
  headers = ['none', 'allViewer', 'allExcept'],
): void {
  const chosen: [what: string, behavior: string, known: string[]][] = [
    ['cookies', CookiesConfig.CookieBehavior, ['none', 'all']],
    ['headers', HeadersConfig.HeaderBehavior, headers],
    ['query strings', QueryStringsConfig.QueryStringBehavior, ['none', 'all']],
  ]
  for (const [what, behavior, known] of chosen) {
    if (!known.includes(behavior)) {
      throw new AwsError('InvalidArgument', `the local AWS has no policies with ${behavior} of ${what}`)
    }
  }
}

/** The managed policies that the stack uses. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html */
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

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html */
export const managedOriginRequestPolicies: Record<string, OriginRequestPolicyConfig> = {
  'b689b0a8-53d0-40ab-baf2-68738e2966ac': {
    Name: 'Managed-AllViewerExceptHostHeader',
    CookiesConfig: { CookieBehavior: 'all' },
    HeadersConfig: { HeaderBehavior: 'allExcept', Headers: ['host'] },
    QueryStringsConfig: { QueryStringBehavior: 'all' },
  },
}

interface Overridable {
  Override: boolean
}

/** Paths of what a response headers policy may have here. */
export const headersPolicyMembers = [
  'Comment',
  'CustomHeadersConfig',
  'Name',
  'SecurityHeadersConfig.ContentSecurityPolicy',
  'SecurityHeadersConfig.ContentTypeOptions',
  'SecurityHeadersConfig.FrameOptions',
  'SecurityHeadersConfig.ReferrerPolicy',
  'SecurityHeadersConfig.StrictTransportSecurity',
]

export interface ResponseHeadersPolicyConfig {
  Name: string
  CustomHeadersConfig?: { Items: (Overridable & { Header: string; Value: string })[] }
  SecurityHeadersConfig?: {
    ContentSecurityPolicy?: Overridable & { ContentSecurityPolicy: string }
    ContentTypeOptions?: Overridable
    FrameOptions?: Overridable & { FrameOption: string }
    ReferrerPolicy?: Overridable & { ReferrerPolicy: string }
    StrictTransportSecurity?: Overridable & {
      AccessControlMaxAgeSec: number
      IncludeSubdomains?: boolean
      Preload?: boolean
    }
  }
}
