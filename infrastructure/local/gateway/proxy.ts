import { Agent, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'

const agent = new Agent({ keepAlive: true })

interface Proxied {
  /** 0: the client had gone before there was an answer. */
  status: number
  /** The beginning of the request's body: where the query protocol writes its action. */
  requestHead: string
  /** The whole answer, if it was asked for. */
  answer: string
}

/**
 * Streams a request to `target` and its answer back, byte for byte. Resolves when the answer has been sent (or the client
 * has gone); rejects when the target does not answer, with nothing sent yet.
 */
export function proxy(
  request: IncomingMessage,
  response: ServerResponse,
  target: string,
  keepAnswer: boolean,
): Promise<Proxied> {
  const { hostname, port } = new URL(target)
  const headers = [...request.rawHeaders]
  // this server has answered `Expect: 100-continue` already
  const expect = headers.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'expect')
  if (expect >= 0) headers.splice(expect, 2)

  return new Promise((resolve, reject) => {
    let requestHead = ''
    const answer: Buffer[] = []
    const upstream = httpRequest(
      { agent, hostname, port, method: request.method, path: request.url, headers, setHost: false },
      (reply) => {
        if (response.closed) {
          reply.resume()
          return resolve({ status: 0, requestHead, answer: '' })
        }
        const status = reply.statusCode ?? 502
        response.writeHead(status, reply.statusMessage, reply.rawHeaders)
        if (keepAnswer) reply.on('data', (chunk: Buffer) => answer.push(chunk))
        reply.pipe(response)
        reply.on('error', () => response.destroy())
        response.on('close', () => {
          reply.destroy()
          resolve({ status, requestHead, answer: Buffer.concat(answer).toString() })
        })
      },
    )
    upstream.on('error', (error) => (response.headersSent ? response.destroy() : reject(error)))
    request.on('data', (chunk: Buffer) => {
      if (requestHead.length < 4096) requestHead += chunk.toString('latin1', 0, 4096)
    })
    request.on('error', () => upstream.destroy())
    request.pipe(upstream)
  })
}
