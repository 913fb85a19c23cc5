import type { CountsMessage } from '../../types/protocol.ts'
import type { EventState } from '../game/state.ts'
import { answeredCount, distribution } from '../game/views.ts'
import { longestPeriod } from '../log/tail.ts'
import { deadAfter, type Others, silentAfter } from './deadline.ts'

/** The sockets of this task. */
interface Here {
  connected: number
  hosts: number
  screens: number
  draining: boolean
  /** Since this task last read the log, in milliseconds. */
  unread: number
}

/** Longer than any task waits before it reads the log again. */
const unreadWhenSilent = longestPeriod + silentAfter
/** What a task says is written every 5 s at least, and read every second: a host sees one as silent after so long. */
const unheardWhenSilent = 7_000

/** What hosts and screens see of everyone, over all tasks that were heard of in the last 15 seconds. */
export function countsMessage(state: EventState, here: Here, others: Others | undefined, now: number): CountsMessage {
  const rows = (others?.rows ?? []).filter(({ at }) => now - at < deadAfter)
  const sum = (key: 'connected' | 'hosts' | 'screens') => rows.reduce((total, row) => total + row[key], here[key])
  const { current, phase } = state
  const isOpen = phase === 'question'
  return {
    type: 'counts',
    question: current?.question ?? null,
    answered: current ? answeredCount(state, current) : 0,
    connected: sum('connected'),
    hosts: sum('hosts'),
    screens: sum('screens'),
    distribution: current && !isOpen ? distribution(state, current).options : null,
    tasks: rows.length + 1,
    draining: rows.filter(({ draining }) => draining).length + (here.draining ? 1 : 0),
    silent: rows.filter(({ at }) => now - at >= unheardWhenSilent).length + (here.unread >= unreadWhenSilent ? 1 : 0),
  }
}
