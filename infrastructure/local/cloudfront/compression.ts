import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { valueOf, withHeader, without, type HeaderList } from '../http/headers.ts'

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/ServingCompressedFiles.html#compressed-content-cloudfront-file-types */
const compressedTypes = new Set(
  `application/dash+xml application/eot application/font application/font-sfnt application/javascript
   application/json application/opentype application/otf application/pdf application/pkcs7-mime
   application/protobuf application/rss+xml application/truetype application/ttf application/vnd.apple.mpegurl
   application/vnd.mapbox-vector-tile application/vnd.ms-fontobject application/wasm application/xhtml+xml
   application/xml application/x-font-opentype application/x-font-truetype application/x-font-ttf
   application/x-httpd-cgi application/x-javascript application/x-mpegurl application/x-opentype
   application/x-otf application/x-perl application/x-ttf font/eot font/opentype font/otf font/ttf image/svg+xml
   text/css text/csv text/html text/javascript text/js text/plain text/richtext text/tab-separated-values
   text/xml text/x-component text/x-java-source text/x-script vnd.apple.mpegurl`.split(/\s+/),
)

/** Whether CloudFront compresses a response: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/ServingCompressedFiles.html#compressed-content-cloudfront-notes */
export function isCompressible(status: number, headers: HeaderList, size: number): boolean {
  const type = (valueOf(headers, 'content-type') ?? '').split(';')[0]!.trim().toLowerCase()
  return (
    [200, 403, 404].includes(status) &&
    size >= 1_000 &&
    size <= 10_000_000 &&
    compressedTypes.has(type) &&
    valueOf(headers, 'content-encoding') === undefined
  )
}

const encoders = {
  br: (body: Buffer) => promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  gzip: (body: Buffer) => promisify(gzip)(body),
}

/** The body in one of the encodings that the viewer takes, best first; the ETag becomes a weak one. */
export async function compress(
  headers: HeaderList,
  body: Buffer,
  [encoding]: ('br' | 'gzip')[],
): Promise<{ headers: HeaderList; body: Buffer }> {
  if (!encoding) return { headers: withVary(headers), body }
  const encoded = await encoders[encoding](body)
  const etag = valueOf(headers, 'etag')
  const described = withHeader(withVary(without(headers, 'content-length')), 'Content-Encoding', encoding)
  return {
    headers: etag && !etag.startsWith('W/') ? withHeader(described, 'ETag', `W/${etag}`) : described,
    body: encoded,
  }
}

/** Also on the copy that is not compressed: a cache between here and the viewer must tell the two apart. */
function withVary(headers: HeaderList): HeaderList {
  const vary = valueOf(headers, 'vary')
  if (vary && /(^|,)\s*(accept-encoding|\*)\s*(,|$)/i.test(vary)) return headers
  return withHeader(headers, 'Vary', vary ? `${vary}, Accept-Encoding` : 'Accept-Encoding')
}
