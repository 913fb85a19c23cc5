import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { utimesSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { WebSocket } from 'ws'

/* `npm run dev` as a developer has it: real processes, ports of their own. */
const root = join(import.meta.dirname, '..', '..')

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

async function dev(t: TestContext, given: Record<string, string> = {}) {
  const env = { PORT: String(await freePort()), SITE_PORT: String(await freePort()), ...given }
  // the way of `npm run dev`, started from elsewhere
  const child = spawn(join(root, 'deploy', 'dev.mts'), { cwd: '/', env: { ...process.env, ...env } })
  t.after(() => child.kill('SIGTERM') && once(child, 'close'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      child.emit('output')
    })
  }
  const ended = once(child, 'close').then(([code]) => Number(code))
  return {
    site: `http://127.0.0.1:${env.SITE_PORT}`,
    interrupt: () => child.kill('SIGINT'),
    output: () => output,
    ended,
    says: async (pattern: RegExp): Promise<RegExpExecArray> => {
      for (;;) {
        const found = pattern.exec(output)
        if (found) return found
        await Promise.race([once(child, 'output'), ended.then(() => assert.fail(output))])
      }
    },
  }
}

type Dev = Awaited<ReturnType<typeof dev>>

async function running(t: TestContext): Promise<Dev> {
  const started = await dev(t)
  await started.says(/^backend \| .*"listening"/m)
  await started.says(/^site +\| .*Local:/m)
  return started
}

test('the site reaches the backend, and the backend its DynamoDB', { timeout: 60_000 }, async (t) => {
  const { site } = await running(t)
  const answer = await fetch(`${site}/api/live`)
  assert.deepEqual(await answer.json(), { quizzes: 0, players: 0 })
})

test('a page of the site gets its WebSocket', { timeout: 60_000 }, async (t) => {
  const { site } = await running(t)
  const socket = new WebSocket(`${site.replace('http', 'ws')}/ws`, { origin: site })
  t.after(() => socket.terminate())
  const [message] = await once(socket, 'message')
  assert.deepEqual(JSON.parse(String(message)).type, 'welcome')
})

test('an event with the sample quiz is open, and its code is known', { timeout: 60_000 }, async (t) => {
  const { site, says } = await running(t)
  const [, code] = await says(/^event +\| join +http:\/\/127\.0\.0\.1:\d+\/j\/(\d{6})$/m)
  const [, id, token] = await says(/^event +\| host +http.*\/host\/([\w-]+)#([\w-]+)$/m)
  await says(/^event +\| screen +http.*\/screen\/[\w-]+#[\w-]+$/m)
  const joined = (await (await fetch(`${site}/api/join/${code}`)).json()) as { event: string }
  assert.equal(joined.event, id)
  const authorization = `Bearer ${token}`
  assert.equal((await fetch(`${site}/api/events/${id}`, { headers: { authorization } })).status, 200)
})

test('a change of the backend restarts it', { timeout: 60_000 }, async (t) => {
  const { says } = await running(t)
  const now = new Date()
  utimesSync(join(root, 'backend', 'src', 'index.ts'), now, now)
  await says(/"listening"[^]*"stopped"[^]*"listening"/)
})

test('Ctrl-C stops every part and ends with 130', { timeout: 60_000 }, async (t) => {
  const { site, interrupt, ended } = await running(t)
  interrupt()
  assert.equal(await ended, 130)
  await assert.rejects(fetch(site))
})

test('when one part ends, so do the others', { timeout: 60_000 }, async (t) => {
  const { output, ended, says } = await dev(t, { VITE_API_URL: 'not a path' })
  await says(/^backend \|/m)
  assert.equal(await ended, 1)
  assert.match(output(), /^error: .*vite.*\nremedy: /m)
})

for (const variable of ['PORT', 'SITE_PORT']) {
  test(`a ${variable} that is taken ends with one fact and one remedy`, { timeout: 60_000 }, async (t) => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => server.close())
    const { port } = server.address() as AddressInfo
    const { output, ended } = await dev(t, { [variable]: String(port) })
    assert.equal(await ended, 1)
    assert.equal(
      output(),
      `error: port ${port} is taken\nremedy: stop the process that listens there, or: ${variable}=${port + 1} npm run dev\n`,
    )
  })
}
