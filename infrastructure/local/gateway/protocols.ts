import { XMLParser } from 'fast-xml-parser'
import type { ReadRequest } from './request.ts'
import { AwsError, type Call, type Input, type Room } from './room.ts'
import { renderXml } from './xml.ts'

export interface Reply {
  status: number
  headers: Record<string, string>
  body: string
}

/** One way of AWS to put calls, results and errors on the wire: https://smithy.io/2.0/aws/protocols/index.html */
export interface Protocol {
  /** The action's name, as far as the request has it, and its parameters. */
  read(request: ReadRequest, room: Room): { action: string; input: Input }
  write(output: unknown, room: Room, request: ReadRequest, call: Call): Reply
  fail(error: AwsError, room: Pick<Room, 'namespace'>, request: Pick<ReadRequest, 'headers'>, requestId: string): Reply
  unknownAction(action: string): AwsError
}

const json: Protocol = {
  read(request) {
    const target = String(request.headers['x-amz-target'] ?? '')
    const text = request.body.toString()
    return { action: target.slice(target.lastIndexOf('.') + 1), input: text ? (parseJson(text) as Input) : {} }
  },
  write: (output, _room, request, call) => jsonReply(200, output ?? {}, request, call.requestId),
  fail: (error, _room, request, requestId) =>
    jsonReply(error.status, { __type: error.code, message: error.message }, request, requestId),
  unknownAction: (action) => new AwsError('UnknownOperationException', `the local AWS does not know ${action}`),
}

const query: Protocol = {
  read(request) {
    const form = new URLSearchParams(request.body.toString())
    for (const [name, value] of request.query) form.append(name, value)
    const { Action, Version: _, ...input } = parseForm(form)
    return { action: typeof Action === 'string' ? Action : '', input }
  },
  write(output, room, _request, { action, requestId }) {
    const result = { [`${action}Result`]: output ?? {}, ResponseMetadata: { RequestId: requestId } }
    return xmlReply(200, renderXml({ [`${action}Response`]: result }, 'member', room.namespace), requestId)
  },
  fail: xmlError,
  unknownAction: (action) => new AwsError('InvalidAction', `the local AWS does not know ${action}`),
}

const restXml: Protocol = {
  read(request, room) {
    const found = room.route?.(request.method, request.path)
    if (!found) return { action: `${request.method} ${request.path}`, input: {} }
    const [document] = request.body.length > 0 ? Object.values(parseXml(request.body.toString())) : []
    const input: Input = { ...(typeof document === 'object' ? document : undefined), ...found.parameters }
    return { action: found.action, input }
  },
  write(output, room, _request, { reply, requestId }) {
    const body = output ? renderXml(output as Record<string, unknown>, 'repeat', room.namespace) : ''
    const { status, headers } = xmlReply(reply.status, body, requestId)
    return { status, headers: { ...headers, ...reply.headers }, body }
  },
  fail: xmlError,
  unknownAction: (action) => new AwsError('UnknownOperationException', `the local AWS does not know ${action}`, 404),
}

export const protocols: Record<Room['protocol'], Protocol> = { json, query, 'rest-xml': restXml }

function jsonReply(status: number, body: unknown, request: Pick<ReadRequest, 'headers'>, requestId: string): Reply {
  const type = request.headers['content-type'] ?? ''
  return {
    status,
    headers: {
      'content-type': type.startsWith('application/x-amz-json-') ? type : 'application/x-amz-json-1.1',
      'x-amzn-requestid': requestId,
    },
    body: JSON.stringify(body, timestamps),
  }
}

/** JSON timestamps are seconds with a fraction. `Date.toJSON` has run before a replacer sees the value, so ask its holder. */
function timestamps(this: unknown, name: string, value: unknown): unknown {
  const original = (this as Record<string, unknown>)[name]
  return original instanceof Date ? original.getTime() / 1000 : value
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new AwsError('SerializationException', 'the request is not JSON')
  }
}

function xmlReply(status: number, body: string, requestId: string): Reply {
  return { status, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }, body }
}

function xmlError(error: AwsError, room: Pick<Room, 'namespace'>, _request: unknown, requestId: string): Reply {
  const type = error.status < 500 ? 'Sender' : 'Receiver'
  const response = { Error: { Type: type, Code: error.code, Message: error.message }, RequestId: requestId }
  return xmlReply(error.status, renderXml({ ErrorResponse: response }, 'member', room.namespace), requestId)
}

const xmlParser = new XMLParser({
  parseTagValue: false,
  ignoreDeclaration: true,
  removeNSPrefix: true,
  trimValues: false,
})

function parseXml(text: string): Record<string, unknown> {
  try {
    return xmlParser.parse(text, true) as Record<string, unknown>
  } catch (error) {
    throw new AwsError('MalformedInput', `the request is not XML: ${(error as Error).message}`)
  }
}

/** `A.member.1.B=x` → `{ A: [{ B: 'x' }] }`; `A.entry.1.key=k&A.entry.1.value=v` keeps its pairs as a list. */
export function parseForm(form: URLSearchParams): Input {
  const root = emptyNode()
  for (const [name, value] of form) {
    let node = root
    const parts = name.split('.')
    parts.forEach((part, index) => {
      if (index === parts.length - 1) node[part] = value
      else node = (node[part] ??= emptyNode()) as Input
      if (typeof node !== 'object') throw new AwsError('MalformedQueryString', `${name}: there is a value above it`)
    })
  }
  return collapseLists(root) as Input
}

/** Has no `__proto__` that a request could write to. */
function emptyNode(): Input {
  return Object.create(null) as Input
}

function collapseLists(node: unknown): unknown {
  if (typeof node !== 'object' || node === null) return node
  const list = (node as Input)['member'] ?? (node as Input)['entry']
  if (list !== undefined && Object.keys(node).length === 1 && typeof list === 'object') {
    return Object.entries(list as Input)
      .toSorted(([a], [b]) => Number(a) - Number(b))
      .map(([, item]) => collapseLists(item))
  }
  return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, collapseLists(value)]))
}
