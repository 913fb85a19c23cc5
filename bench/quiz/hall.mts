import { join } from 'node:path'
import { say } from '../../lib/script/narration.mts'
import type { JoinRequest, Measured } from './crowd.mts'
import { type Part, startPart } from './parts.mts'
import type { Findings } from './result.mts'

/** All players of the run, over several processes. */
export type Hall = ReturnType<typeof openHall>

/** @param findings errors and delays are noted there */
export function openHall(processes: number, findings: Pick<Findings, 'errors' | 'delay'>) {
  const crowds: Part[] = Array.from({ length: processes }, () => startPart(join(import.meta.dirname, 'crowd.mts')))

  /** Asks every process; the values of all of them. */
  async function ask(request: string, given: (place: number) => unknown): Promise<number[]> {
    const answers = await Promise.all(crowds.map((crowd, place) => crowd.ask<Measured>(request, given(place))))
    for (const { errors, delay } of answers) {
      for (const error of errors) {
        if (!findings.errors.has(error)) say(`failed: ${error}`)
        findings.errors.add(error)
      }
      findings.delay = Math.max(findings.delay, delay)
    }
    return answers.flatMap(({ values }) => values)
  }

  return {
    /** Milliseconds from connecting to `joined`, one a player. */
    async join(players: number, request: Pick<JoinRequest, 'ports' | 'codes' | 'perSecond'>): Promise<number[]> {
      const count = Math.ceil(players / processes)
      return await ask('join', (place) => ({
        ...request,
        first: place * count,
        count: Math.min(count, players - place * count),
        perSecond: request.perSecond / processes,
      }))
    },

    /**
     * Milliseconds from a click to each player's `state` of that phase.
     * @param act clicks, and resolves with the time of it on `clock`
     * @param place of the event's code
     */
    async timeClick(phase: string, question: number, act: () => Promise<number>, place = 0): Promise<number[]> {
      const arrivals = ask('see', () => ({ place, phase, question }))
      const [at, times] = await Promise.all([act(), arrivals])
      return times.map((time) => time - at)
    },

    /** Resolves when every player has that phase. Ask before it can come. */
    async waitFor(phase: string, question: number): Promise<void> {
      await ask('see', () => ({ place: 0, phase, question }))
    },

    /** Milliseconds to each acknowledgement; `from` as `Date.now()`, `over` in milliseconds. */
    answer: async (question: number, from: number, over: number) =>
      await ask('answer', () => ({ question, from, over })),

    /**
     * When each player of a port has entered elsewhere, on `clock`.
     * @param act takes the port away, once every process knows who is on it
     */
    async backAgain(port: number, act: () => Promise<void>): Promise<number[]> {
      const back = ask('backAgain', () => ({ port }))
      await Promise.all(crowds.map((crowd) => crowd.ask('hear')))
      await act()
      return await back
    },

    async leave(): Promise<void> {
      await Promise.all(crowds.map((crowd) => crowd.ask('leave')))
    },

    async stop(): Promise<void> {
      await Promise.all(crowds.map((crowd) => crowd.stop()))
    },
  }
}
