import assert from 'node:assert/strict'
import { once } from 'node:events'
import { utimesSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { startDev, startedDev } from './support/dev-server.mts'

/* `npm run dev` as a developer has it: real processes, ports of their own. */
const root = join(import.meta.dirname, '..', '..')

test('one run, from its first page to Ctrl-C', { timeout: 300_000 }, async (t) => {
  const { site, says, interrupt, ended } = await startedDev(t)

  await t.test('the site reaches the backend, and the backend its DynamoDB', async () => {
    const answer = await fetch(`${site}/api/live`)
    assert.deepEqual(await answer.json(), { quizzes: 0, players: 0 })
  })

  await t.test('a page of the site gets its WebSocket', async (inner) => {
    const socket = new WebSocket(`${site.replace('http', 'ws')}/ws`, { origin: site })
    inner.after(() => socket.terminate())
    const [message] = await once(socket, 'message')
    assert.deepEqual(JSON.parse(String(message)).type, 'welcome')
  })

  await t.test('an event with the sample quiz is open, and its code is known', async () => {
    const [, code] = await says(/^event +\| join +http:\/\/127\.0\.0\.1:\d+\/j\/(\d{6})$/m)
    const [, id, token] = await says(/^event +\| host +http.*\/host\/([\w-]+)#([\w-]+)$/m)
    await says(/^event +\| screen +http.*\/screen\/[\w-]+#[\w-]+$/m)
    const joined = (await (await fetch(`${site}/api/join/${code}`)).json()) as { event: string }
    assert.equal(joined.event, id)
    const authorization = `Bearer ${token}`
    assert.equal((await fetch(`${site}/api/events/${id}`, { headers: { authorization } })).status, 200)
  })

  await t.test('a change of the backend restarts it', async () => {
    const now = new Date()
    utimesSync(join(root, 'backend', 'src', 'index.ts'), now, now)
    await says(/"listening"[^]*"stopped"[^]*"listening"/)
  })

  await t.test('Ctrl-C stops every part and ends with 130', async () => {
    interrupt()
    assert.equal(await ended, 130)
    await assert.rejects(fetch(site))
  })
})

test('when one part ends, so do the others', { timeout: 300_000 }, async (t) => {
  const { output, ended, says } = await startDev(t, { VITE_API_URL: 'not a path' })
  await says(/^backend \|/m)
  assert.equal(await ended, 1)
  assert.match(output(), /^error: .*vite.*\nremedy: /m)
})

for (const variable of ['PORT', 'SITE_PORT']) {
  test(`a ${variable} that is taken ends with one fact and one remedy`, { timeout: 300_000 }, async (t) => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => server.close())
    const { port } = server.address() as AddressInfo
    const { output, ended } = await startDev(t, { [variable]: String(port) })
    assert.equal(await ended, 1)
    assert.equal(
      output(),
      `error: port ${port} is taken\nremedy: stop the process that listens there, or: ${variable}=${port + 1} npm run dev\n`,
    )
  })
}
