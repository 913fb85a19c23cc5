/*
 * The server before the quiz, as far as a page or a deployment meets it: it answers /health and welcomes WebSockets in
 * words of its own. A test deploys it as the first revision, in place of backend/src/index.ts.
 */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'

const release = process.env['RELEASE_ID'] ?? 'unreleased'
const answers: Record<string, object> = {
  '/health': { status: 'ok', release },
  '/api/live': { quizzes: 0, players: 0 },
}

const server = createServer((request, response) => {
  const answer = answers[request.url ?? '']
  response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' })
  response.end(JSON.stringify(answer ?? { error: 'not_found' }))
})
new WebSocketServer({ server }).on('connection', (socket) => {
  const send = (message: object) => socket.send(JSON.stringify(message))
  send({ type: 'welcome', connectionId: randomUUID(), release, players: 1 })
  socket.on('message', (data: Buffer) => {
    const { type, id } = JSON.parse(String(data)) as { type: string; id: unknown }
    if (type === 'ping') send({ type: 'pong', id, connectedSince: new Date().toISOString(), players: 1 })
    else send({ type: 'error', code: 'bad_message', message: 'unknown type; known: ping' })
  })
})
server.listen(Number(process.env['PORT'] ?? 3000), process.env['HOST'])
process.on('SIGTERM', () => process.exit(0))
