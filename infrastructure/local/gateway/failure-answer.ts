import type { IncomingMessage } from 'node:http'
import { protocols } from './protocols.ts'
import type { AwsError } from './room.ts'
import { renderXml } from './xml.ts'

export interface FailureAnswer {
  status: number
  error: string
  headers: Record<string, string>
  body: string | Buffer
}

/** A failure as the service that was called would put it on the wire, also where moto answers it. */
export function failureAnswer(
  failure: AwsError,
  service: string,
  request: IncomingMessage,
  requestId: string,
): FailureAnswer {
  const { code, message, status } = failure
  if (isCborCall(request)) {
    const headers = { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' }
    return { status, error: code, headers, body: cborTexts({ __type: code, message }) }
  }
  if (service === 's3' || service === 'ec2') {
    const fault = { Code: code, Message: message }
    const document =
      service === 's3'
        ? { Error: { ...fault, RequestId: requestId } }
        : { Response: { Errors: { Error: fault }, RequestID: requestId } }
    return { status, error: code, headers: { 'content-type': 'application/xml' }, body: renderXml(document, 'repeat') }
  }
  const reply = (isJsonCall(request) ? protocols.json : protocols.query).fail(failure, {}, request, requestId)
  return { ...reply, error: code }
}

export function isJsonCall(request: IncomingMessage): boolean {
  return isCborCall(request) || 'x-amz-target' in request.headers
}

function isCborCall(request: IncomingMessage): boolean {
  return request.headers['smithy-protocol'] === 'rpc-v2-cbor'
}

/** A map of texts, which CloudWatch's clients speak: https://www.rfc-editor.org/rfc/rfc8949 */
function cborTexts(texts: Record<string, string>): Buffer {
  const pairs = Object.entries(texts)
  return Buffer.concat([Buffer.from([0xa0 + pairs.length]), ...pairs.flat().flatMap(cborText)])
}

function cborText(text: string): Buffer[] {
  const length = Buffer.byteLength(text)
  return [Buffer.from([0x79, length >> 8, length & 0xff]), Buffer.from(text)]
}
