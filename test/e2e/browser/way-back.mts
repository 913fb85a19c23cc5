import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import type { Quiz } from '../../../backend/src/types/quiz.ts'
import type { Checkout } from '../support/checkout.mts'
import { show } from './gallery.mts'
import { button, joinOnPhone, openHall, phone, type Stage, tapStep } from './stage.mts'

const quiz: Quiz = {
  title: 'There and back',
  language: 'en',
  questions: ['Before', 'After'].map((text) => ({
    type: 'single',
    text,
    options: ['One', 'Two'],
    right: [0],
    seconds: null,
    points: 1_000,
    explanation: '',
    image: null,
  })),
}

/** As far as a deployment looks at it a server, but it opens WebSockets and says nothing. */
const muteServer = `
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'

const answers: Record<string, object> = {
  '/health': { status: 'ok', release: process.env['RELEASE_ID'] },
  '/api/live': { quizzes: 0, players: 0 },
}
const server = createServer((request, response) => {
  const answer = answers[request.url ?? '']
  response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? {}))
})
new WebSocketServer({ server })
server.listen(Number(process.env['PORT']), process.env['HOST'])
process.on('SIGTERM', () => process.exit(0))
`

/** Revision 1 is the mute server; 2 is that of today. */
export async function deployMuteServerBefore(copy: Checkout): Promise<void> {
  const deploy = async (target: string) => {
    const ran = await copy.run(['make', target, 'ENV=local'])
    if (ran.exitCode !== 0) throw new Error(`make ${target} ended with ${ran.exitCode}:\n${ran.output}`)
  }
  const entry = join(copy.path, 'backend', 'src', 'index.ts')
  const today = readFileSync(entry)
  writeFileSync(entry, muteServer)
  await deploy('deploy-local')
  writeFileSync(entry, today)
  await deploy('deploy-backend')
}

/** Back to the mute server and forward again: pages that are open say so, and come back by themselves. */
export function survivesTheWayBack(stage: () => Stage): void {
  it('pages that are open say that the server is gone, and continue when it is back', async () => {
    const { browser, site, copy, admin } = stage()
    const rollBack = async (revision: number) => {
      const ran = await copy.run(['make', 'rollback', `REV=${revision}`, 'ENV=local'])
      assert.equal(ran.exitCode, 0, ran.output)
    }
    const event = await admin.startEvent(quiz)
    const { host, screen } = await openHall(stage(), event)
    const player = await joinOnPhone(stage(), event.code, 'Ada')
    const status = await browser.open(`${site}/status`, phone)
    await tapStep(host.page, 'Start')
    await button(player.page, 'A, triangle: One').tap()
    await player.page.getByRole('heading', { name: 'Right!' }).waitFor()

    await rollBack(1)
    await player.page.getByRole('main').getByText('Connection lost. Coming back by itself…').waitFor()
    await host.page.getByText('This page has lost its connection').first().waitFor()
    await screen.page.getByText(/^Connection lost/).waitFor()
    await status.page
      .getByTestId('connection')
      .filter({ hasText: /^reconnecting in/ })
      .waitFor()
    await Promise.all([
      show(player.page, 'phone', 'play-reconnecting'),
      show(host.page, 'phone', 'host-reconnecting'),
      show(screen.page, 'projector', 'screen-reconnecting'),
    ])

    await rollBack(2)
    await host.page
      .getByText(/^All is well: 1 of 1 players connected/)
      .first()
      .waitFor({ timeout: 60_000 })
    await tapStep(host.page, 'Show the ranking')
    await tapStep(host.page, 'Next question')
    await button(player.page, 'B, diamond: Two').tap()
    await player.page.getByRole('heading', { name: 'Not this time' }).waitFor()
    await screen.page.getByText('B, diamond: Two, 1 person').waitFor()
    await status.page
      .getByTestId('connection')
      .filter({ hasText: /^connected$/ })
      .waitFor()
    const failed = [player, host, screen, status].flatMap(({ complaints }) => complaints)
    // a socket that its task closed, and /status asking while no task is there, are complaints of the network
    assert.deepEqual(
      failed.filter((complaint) => !/WebSocket|status of 503/.test(complaint)),
      [],
    )
  })
}
