/** Policies as CloudFormation writes them. */
export interface CachePolicyConfig {
  Name: string
  Comment?: string
  DefaultTTL: number
  MaxTTL: number
  MinTTL: number
  ParametersInCacheKeyAndForwardedToOrigin: {
    CookiesConfig: CookiesConfig
    EnableAcceptEncodingBrotli?: boolean
    EnableAcceptEncodingGzip: boolean
    HeadersConfig: HeadersConfig
    QueryStringsConfig: QueryStringsConfig
  }
}

export interface OriginRequestPolicyConfig {
  Name: string
  Comment?: string
  CookiesConfig: CookiesConfig
  HeadersConfig: HeadersConfig
  QueryStringsConfig: QueryStringsConfig
}

export type ItemBehavior = 'none' | 'whitelist' | 'allExcept' | 'all'

export interface CookiesConfig {
  CookieBehavior: ItemBehavior
  Cookies?: string[]
}

export interface HeadersConfig {
  HeaderBehavior: 'none' | 'whitelist' | 'allExcept' | 'allViewer'
  Headers?: string[]
}

export interface QueryStringsConfig {
  QueryStringBehavior: ItemBehavior
  QueryStrings?: string[]
}

interface Overridable {
  Override: boolean
}

export interface ResponseHeadersPolicyConfig {
  Name: string
  Comment?: string
  CorsConfig?: unknown
  CustomHeadersConfig?: { Items: (Overridable & { Header: string; Value: string })[] }
  RemoveHeadersConfig?: { Items: { Header: string }[] }
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
    XSSProtection?: Overridable & { Protection: boolean; ModeBlock?: boolean; ReportUri?: string }
  }
  ServerTimingHeadersConfig?: unknown
}

const year = 31_536_000
const day = 86_400
const noHeaders: HeadersConfig = { HeaderBehavior: 'none' }
const originControlled = ['Host', 'Origin', 'X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override']

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html */
export const managedCachePolicies: Record<string, CachePolicyConfig> = {
  '658327ea-f89d-4fab-a63d-7e88639e58f6': cachePolicy('Managed-CachingOptimized', [1, day, year], { compress: true }),
  'b2884449-e4de-46a7-ac36-70bc7f1ddd6d': cachePolicy('Managed-CachingOptimizedForUncompressedObjects', [1, day, year]),
  '4135ea2d-6df8-44a3-9df3-4b5a84be39ad': cachePolicy('Managed-CachingDisabled', [0, 0, 0]),
  '83da9c7e-98b4-4e11-a168-04f0df8e2c65': cachePolicy('UseOriginCacheControlHeaders', [0, 0, year], {
    compress: true,
    cookies: 'all',
    headers: originControlled,
  }),
  '4cc15a8a-d715-48a4-82b8-cc0b614638fe': cachePolicy('UseOriginCacheControlHeaders-QueryStrings', [0, 0, year], {
    compress: true,
    cookies: 'all',
    headers: originControlled,
    query: 'all',
  }),
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html */
export const managedOriginRequestPolicies: Record<string, OriginRequestPolicyConfig> = {
  '216adef6-5c7f-47e4-b989-5492eafa07d3': originRequestPolicy('Managed-AllViewer', { HeaderBehavior: 'allViewer' }),
  'b689b0a8-53d0-40ab-baf2-68738e2966ac': originRequestPolicy('Managed-AllViewerExceptHostHeader', {
    HeaderBehavior: 'allExcept',
    Headers: ['host'],
  }),
  'acba4595-bd28-49b8-b9fe-13317c0390fa': originRequestPolicy(
    'Managed-UserAgentRefererHeaders',
    { HeaderBehavior: 'whitelist', Headers: ['User-Agent', 'Referer'] },
    'none',
  ),
  '88a5eaf4-2fd4-4709-b370-b4c650ea3fcf': originRequestPolicy(
    'Managed-CORS-S3Origin',
    {
      HeaderBehavior: 'whitelist',
      Headers: ['Origin', 'Access-Control-Request-Headers', 'Access-Control-Request-Method'],
    },
    'none',
  ),
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-response-headers-policies.html */
export const managedResponseHeadersPolicies: Record<string, ResponseHeadersPolicyConfig> = {
  '67f7725c-6f97-4210-82d7-5512b31e9d03': {
    Name: 'Managed-SecurityHeadersPolicy',
    SecurityHeadersConfig: {
      ContentTypeOptions: { Override: true },
      FrameOptions: { FrameOption: 'SAMEORIGIN', Override: false },
      ReferrerPolicy: { ReferrerPolicy: 'strict-origin-when-cross-origin', Override: false },
      StrictTransportSecurity: { AccessControlMaxAgeSec: year, Override: false },
      XSSProtection: { Protection: true, ModeBlock: true, Override: false },
    },
  },
}

interface CachePolicyParts {
  compress?: boolean
  cookies?: ItemBehavior
  headers?: readonly string[]
  query?: ItemBehavior
}

function cachePolicy(
  Name: string,
  [MinTTL, DefaultTTL, MaxTTL]: [number, number, number],
  { compress = false, cookies = 'none', headers = [], query = 'none' }: CachePolicyParts = {},
): CachePolicyConfig {
  return {
    Name,
    MinTTL,
    DefaultTTL,
    MaxTTL,
    ParametersInCacheKeyAndForwardedToOrigin: {
      CookiesConfig: { CookieBehavior: cookies },
      EnableAcceptEncodingBrotli: compress,
      EnableAcceptEncodingGzip: compress,
      HeadersConfig: headers.length > 0 ? { HeaderBehavior: 'whitelist', Headers: [...headers] } : noHeaders,
      QueryStringsConfig: { QueryStringBehavior: query },
    },
  }
}

function originRequestPolicy(
  Name: string,
  HeadersConfig: HeadersConfig,
  rest: ItemBehavior = 'all',
): OriginRequestPolicyConfig {
  return {
    Name,
    HeadersConfig,
    CookiesConfig: { CookieBehavior: rest },
    QueryStringsConfig: { QueryStringBehavior: rest },
  }
}
