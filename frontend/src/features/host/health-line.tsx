import { useState } from 'react'
import { StatusLine } from '../../components/status-line.tsx'
import type { EventView } from '../../lib/event-view.ts'
import type { HostTexts } from './texts.ts'

interface Props {
  view: EventView | undefined
  connected: boolean
  t: HostTexts
}

/** Whether players, tasks and table are well, in one line. Its numbers change twice a second: only its look is read out. */
export function HealthLine({ view, connected, t }: Props) {
  const { look, text } = healthOf(view, connected, t)
  const [said, say] = useState({ look, text })
  if (said.look !== look) say({ look, text })
  return (
    <>
      <StatusLine look={look} live="off">
        {text}
      </StatusLine>
      <output className="sr-only">{said.text}</output>
    </>
  )
}

export function healthOf(view: EventView | undefined, connected: boolean, { health }: HostTexts) {
  if (!view) return { look: 'busy', text: health.connecting } as const
  if (!connected) return { look: 'bad', text: health.lost } as const
  const { counts, state } = view
  if (!counts) return { look: 'busy', text: health.connecting } as const
  if (counts.silent >= counts.tasks) return { look: 'bad', text: health.stuck } as const
  if (counts.silent > 0) return { look: 'bad', text: health.silent } as const
  if (counts.draining > 0) return { look: 'busy', text: health.draining } as const
  const players = health.connected(Math.min(counts.connected, state.players), state.players)
  const away = state.players - counts.connected
  // a few always leave early, and after the end all go home
  if (away > state.players / 10 && state.phase !== 'ended')
    return { look: 'busy', text: `${players}. ${health.away(away)}` } as const
  return { look: 'good', text: health.well(players, health.tasks(counts.tasks)) } as const
}
