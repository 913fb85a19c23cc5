import type { ServerResponse } from 'node:http'
import type { ListenerAction } from './model.ts'

const titles = {
  408: 'Request Time-out',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
}

/**
 * The load balancer's own pages.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#load-balancer-http-error-codes
 */
export function answerError(response: ServerResponse, status: keyof typeof titles): void {
  if (response.headersSent) {
    // half an answer is out already: only a broken connection shows the client that it failed
    response.destroy()
    return
  }
  const title = `${status} ${titles[status]}`
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`
  answer(response, status, 'text/html', body)
}

export function answerFixed(
  response: ServerResponse,
  { StatusCode, ContentType = 'text/plain', MessageBody = '' }: NonNullable<ListenerAction['FixedResponseConfig']>,
): void {
  answer(response, Number(StatusCode), `${ContentType}; charset=utf-8`, MessageBody)
}

function answer(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, {
    Server: 'awselb/2.0',
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(body),
  })
  response.end(body)
}
