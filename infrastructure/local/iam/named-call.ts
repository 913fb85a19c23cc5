import type { IncomingHttpHeaders } from 'node:http'

/** A call, as far as it says what it needs. */
export interface NamedCall {
  service: string
  action: string
  /** Method, path, query and headers, of which S3 and CloudFront make their names. */
  path: string
  query: URLSearchParams
  headers: IncomingHttpHeaders
  /** Of a small request: JSON, a form or XML. */
  body: string
}
