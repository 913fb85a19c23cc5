import { joinEvent, type Player } from './player.mts'
import { type Host, openHost, type HostLink } from './host.mts'
import { judgeEvent, statuses, type Tap, type Verdict } from './ledger.mts'
import { adminSecret, type World } from './world.mts'
import type { Question } from '../../backend/src/types/quiz.ts'

export interface PlayedEvent {
  link: HostLink
  code: string
  host: Host
  players: Player[]
  taps: Tap[]
  /** Waits until every tap has its answer, ends the event, with another host's page if that is given, and compares. */
  judge(host?: Host): Promise<{ verdict: Verdict; statuses: Record<string, number> }>
}

/** Starts an event with so many questions of five seconds; the players join over all tasks. */
export async function startEvent(world: World, { players: many = 40, questions = 2 } = {}): Promise<PlayedEvent> {
  const question: Question = {
    type: 'single',
    text: 'Which one?',
    options: ['One', 'Two', 'Three', 'Four'],
    right: [1],
    seconds: 5,
    points: 1_000,
    explanation: '',
    image: null,
  }
  const quiz = { title: 'Taps', language: 'en', questions: Array.from({ length: questions }, () => question) }
  const { id: quizId } = await post<{ id: string }>(world, '/api/quizzes', quiz)
  const settings = { getReadySeconds: 1 }
  const link = await post<HostLink & { code: string }>(world, '/api/events', { quiz: quizId, settings })
  for (const secret of [link.code, link.hostToken]) world.secrets.add(secret)
  const host = await openHost(world, link)
  const taps: Tap[] = []
  const players = await Promise.all(
    Array.from({ length: many }, (_, index) =>
      joinEvent({ world, home: index, ledger: taps }, link.code, `Wombat ${index}`),
    ),
  )
  return {
    link,
    code: link.code,
    host,
    players,
    taps,
    async judge(ending = host) {
      await Promise.all(players.map((player) => player.page.until(player.isAnswered)))
      await ending.end()
      for (const player of players) player.close()
      ending.close()
      return { verdict: await judgeEvent(world, link, taps), statuses: statuses(taps) }
    },
  }
}

async function post<Body>(world: World, path: string, body: unknown): Promise<Body> {
  const [target] = world.targets()
  const response = await fetch(`http://127.0.0.1:${target?.port}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminSecret}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as Body
}
