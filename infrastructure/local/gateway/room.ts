/** One AWS service that this process answers itself. Whatever has no room is moto's. */
export interface Room {
  /** The service's name in a SigV4 credential scope: `ecs`, `ecr`, `cloudformation`, `elasticloadbalancing`, `cloudfront`. */
  signingName: string
  /** How requests and responses are written on the wire. */
  protocol: 'json' | 'query' | 'rest-xml'
  /** XML namespace of `query` and `rest-xml` responses. */
  namespace?: string
  /** For `rest-xml`: finds the action's name by method and path. */
  route?: (method: string, path: string) => { action: string; parameters: Record<string, string> } | undefined
  /**
   * Action name → what it does. Input: the parsed JSON body; for `query` the parsed form as nested objects (`A.member.1.B`
   * becomes `{ A: [{ B }] }`, values stay strings); for `rest-xml` the parsed document plus the path's parameters.
   * Output: a plain object, written as JSON or XML; `undefined` members are left out. A `query` list becomes `<member>`s.
   * A `rest-xml` output is the document itself, its one key the root, a list repeats its element's name:
   * `{ Distribution: { Aliases: { Quantity: 0 } } }`; input lists of several elements arrive the same way. Failures are
   * thrown as AwsError.
   */
  actions: Record<string, Action>
}

export type Input = Record<string, unknown>

/** May be async. */
export type Action = (input: Input, call: Call) => unknown

export interface Call {
  action: string
  /** The access key id that signed the request. */
  accessKeyId: string
  requestId: string
  /** Set by a `rest-xml` action whose answer is not a bare 200: status 201, an ETag or Location header. */
  reply: { status: number; headers: Record<string, string> }
}

/** An error as AWS words it: `code` and `message` reach the client unchanged. */
export class AwsError extends Error {
  readonly code: string
  readonly status: number
  constructor(code: string, message: string, status = 400) {
    super(message)
    this.name = 'AwsError'
    this.code = code
    this.status = status
  }
}
