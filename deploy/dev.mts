#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Runs backend, site and a DynamoDB on this machine and reloads as files change. Needs no Docker and no AWS.
 *
 *   npm run dev
 *   PORT=3001 SITE_PORT=5174 npm run dev      other ports than 3000 and 5173
 *
 * Starts an event with a sample quiz and prints its links; the admin secret of /admin is "dev". Needs only npm ci.
 * Listens on 127.0.0.1 only. Ctrl-C stops everything; when one part stops, so do the others. Leaves nothing behind: the
 * data is in memory.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { startDynamoDb } from '../backend/local/dynamodb.ts'
import { linksOf, quizClient } from '../backend/local/quiz-client.ts'
import { sampleQuiz } from '../backend/local/sample-quiz.ts'
import { excerpt, Failure } from '../lib/script/failure.mts'
import { root } from '../lib/script/files.mts'
import { retryUntil, runTogether } from '../lib/script/job.mts'
import { main } from '../lib/script/main.mts'
import { say } from '../lib/script/narration.mts'
import { run } from '../lib/script/shell.mts'
import { beVerbose } from '../lib/script/under-way.mts'

const table = 'live-quiz-dev'
/** Of a system that only this machine reaches, with nothing in it. */
const adminSecret = 'dev'

await main(import.meta, async ([surplus]) => {
  if (surplus !== undefined) throw new Failure(`unexpected argument: ${excerpt(surplus)}`, '--help shows the usage', 2)
  // what the two parts print is what one wants to see
  beVerbose()

  const port = await findFreePort('PORT', 3000)
  const sitePort = await findFreePort('SITE_PORT', 5173)
  // the SDK would otherwise say in each process that it wants a newer Node
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'
  const database = await startDynamoDb(table)
  say(`DynamoDB: aws dynamodb scan --table-name ${table} --endpoint-url ${database.endpoint}`)

  const backend = {
    cwd: join(root, 'backend'),
    env: {
      ...withoutAws(),
      PORT: String(port),
      HOST: '127.0.0.1',
      APPLICATION_TABLE: table,
      RELEASE_ID: 'dev',
      ADMIN_SECRET: adminSecret,
      // a change restarts the backend: its sockets have a second for that
      STOP_SECONDS: '6',
      ALLOWED_ORIGINS: `http://127.0.0.1:${sitePort},http://localhost:${sitePort}`,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_DYNAMODB: database.endpoint,
    },
  }
  const site = { cwd: join(root, 'frontend'), env: { BACKEND_URL: `http://127.0.0.1:${port}` } }
  try {
    await runTogether({
      backend: () => keepRunning('the backend', run(backend)`tsx watch --clear-screen=false src/index.ts`),
      site: () => keepRunning('the site', run(site)`vite --port ${sitePort}`),
      event: () => startSampleEvent(`http://127.0.0.1:${port}`, `http://127.0.0.1:${sitePort}`),
    })
  } finally {
    await database.close()
  }
})

/** The port that a variable asks for, or its default. Fails when it is not a port, or is taken. */
async function findFreePort(variable: string, usual: number): Promise<number> {
  const port = Number(process.env[variable] || usual)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Failure(`${variable} is ${excerpt(process.env[variable] ?? '')}`, 'it must be a port, 1 to 65535', 2)
  }
  const trial = createServer().listen(port, '127.0.0.1')
  try {
    await once(trial, 'listening')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const fact = code === 'EADDRINUSE' ? `port ${port} is taken` : `port ${port} cannot be used: ${message}`
    throw new Failure(fact, `stop the process that listens there, or: ${variable}=${port + 1} npm run dev`)
  }
  trial.close()
  return port
}

/** Starts an event as soon as the backend answers, and prints its links on the site. */
async function startSampleEvent(backendUrl: string, siteUrl: string): Promise<void> {
  const { startEvent } = quizClient(backendUrl, adminSecret)
  const event = await retryUntil(() => startEvent(sampleQuiz), { within: 60_000, every: 200 })
  const links = Object.entries(linksOf(siteUrl, event)).map(([name, link]) => `${name.padEnd(7)} ${link}`)
  say([`"${event.title}" is open, its code is ${event.code}:`, ...links, `admin   ${siteUrl}/admin`].join('\n'))
}

/** Removes every variable that could lead the backend to a real account. */
function withoutAws(): Record<string, undefined> {
  const names = Object.keys(process.env).filter((name) => /^AWS_(?!SDK_JS_)/.test(name))
  return Object.fromEntries(names.map((name) => [name, undefined]))
}

/** Runs a part that should never stop by itself: when it does, that is a failure, and stops the others. */
async function keepRunning(part: string, running: Promise<void>): Promise<never> {
  await running
  throw new Failure(`${part} stopped`, 'see its output above, then: npm run dev')
}
