#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Plays the sample quiz in an environment with simulated players, and prints the links to join and to watch it.
 *
 *   ./deploy/quiz-demo.mts <environment> [<players>]
 *   npm run quiz-demo local 200                    make quiz-demo ENV=local PLAYERS=200
 *
 *   environment   local or development
 *   players       1 to 500; 50 when none is given
 *
 * Takes about two minutes. In a deployment, players move to another task before theirs is gone; those that lose their
 * connection come back, and all send again what was not acknowledged. At the end the answers that players were told are
 * saved are compared with the event's report: exit code 1 when they differ. Quiz and event stay, the event for
 * RETENTION_DAYS.
 */
import { playEvent } from '../backend/local/demo/play.ts'
import { linksOf, quizClient } from '../backend/local/quiz-client.ts'
import { sampleQuiz } from '../backend/local/sample-quiz.ts'
import { parseArguments } from '../lib/environment/arguments.mts'
import { resolveDestination } from '../lib/environment/target.mts'
import { makeProxyAgent, request } from '../lib/script/asking.mts'
import { invocation } from '../lib/script/command-line.mts'
import { inColumns } from '../lib/script/drawing.mts'
import { excerpt, Failure } from '../lib/script/failure.mts'
import { currentJob } from '../lib/script/job.mts'
import { main } from '../lib/script/main.mts'
import { say } from '../lib/script/narration.mts'
import { readAdminSecret } from '../lib/stack/admin-secret.mts'
import { addresses, requireStackOutputs } from '../lib/stack/stack.mts'

const usualPlayers = 50
const mostPlayers = 500

await main(import.meta, async (argv) => {
  const { environment, players: text } = parseArguments(argv, [], ['players'])
  if (environment !== 'local' && environment !== 'development') {
    throw new Failure(`simulated players have no place in ${environment}`, 'give local or development', 2)
  }
  const players = parsePlayers(text)
  const outputs = await requireStackOutputs(await resolveDestination(environment))
  const { site, cdn, cdnWebSocket } = addresses(outputs)
  const secret = await readAdminSecret(outputs.AdminSecretArn)

  const { startEvent, countAnswers } = quizClient(cdn, secret, request)
  const remedy = `${invocation('logs', environment)} shows what the tasks say`
  const event = await runOrFail(remedy, () => startEvent(sampleQuiz))
  process.stdout.write(inColumns(Object.entries(linksOf(site, event))))

  const way = { url: cdnWebSocket, agent: await makeProxyAgent() }
  const played = await runOrFail(remedy, () => playEvent(way, event, players, say, currentJob().signal))
  const { tapped, saved, late, refused, lost } = played
  say(`${players} players tapped ${tapped} times: ${saved} saved, ${late} late, ${refused} refused`)
  if (lost > 0) say(`${lost} connections were lost, and came back`)

  const counted = await runOrFail(remedy, () => countAnswers(event))
  if (counted !== saved || tapped !== saved + late + refused) {
    const told = `of ${tapped} taps players were told that ${saved} are saved, and the report has ${counted}`
    throw new Failure(told, remedy)
  }
  say(`the report has the same ${counted} answers`)
})

function parsePlayers(text = String(usualPlayers)): number {
  const players = Number(text)
  if (/^[1-9]\d{0,3}$/.test(text) && players <= mostPlayers) return players
  throw new Failure(`${excerpt(text)} is not a number of players`, `give 1 to ${mostPlayers}`, 2)
}

/** What the system refused, or did not answer, is one fact and one remedy; an interruption stays one. */
async function runOrFail<T>(remedy: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    currentJob().signal.throwIfAborted()
    throw error instanceof Failure ? error : new Failure((error as Error).message, remedy)
  }
}
