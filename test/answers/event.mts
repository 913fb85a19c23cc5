import { joinEvent, type Player } from './player.mts'
import { type Host, openHost, type HostLink } from './host.mts'
import { judgeEvent, statuses, type Tap, type Verdict } from './ledger.mts'
import type { World } from './world.mts'
import { quizClient } from '../../backend/local/quiz-client.ts'
import type { Question, Quiz } from '../../backend/src/types/quiz.ts'

export interface PlayedEvent {
  link: HostLink
  code: string
  host: Host
  players: Player[]
  taps: Tap[]
  /** Waits until every tap has its answer, ends the event, with another host's page if that is given, and compares. */
  judge(host?: Host): Promise<{ verdict: Verdict; statuses: Record<string, number> }>
}

/** Starts an event with so many questions of so many seconds; the players join over all tasks. */
export async function startEvent(
  world: World,
  {
    players: many = 40,
    questions = 2,
    seconds = 5,
  }: { players?: number; questions?: number; seconds?: number | null } = {},
): Promise<PlayedEvent> {
  const question: Question = {
    type: 'single',
    text: 'Which one?',
    options: ['One', 'Two', 'Three', 'Four'],
    right: [1],
    seconds,
    points: 1_000,
    explanation: '',
    image: null,
  }
  const quiz: Quiz = { title: 'Taps', language: 'en', questions: Array.from({ length: questions }, () => question) }
  const [origin = ''] = world.origins()
  const players: Player[] = []
  const link = {
    ...(await quizClient(origin, world.adminSecret).startEvent(quiz, { getReadySeconds: 1 })),
    shown: async (number: number) => {
      await Promise.all(players.map(({ page }) => page.until(() => page.state?.question === number)))
    },
  }
  for (const secret of [link.code, link.hostToken]) world.secrets.add(secret)
  const host = await openHost(world, link)
  const taps: Tap[] = []
  players.push(
    ...(await Promise.all(
      Array.from({ length: many }, (_, index) =>
        joinEvent({ world, home: index, ledger: taps }, link.code, `Wombat ${index}`),
      ),
    )),
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
