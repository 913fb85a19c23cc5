import { useEffect, useState, useSyncExternalStore } from 'react'
import { takeEventToken, type LinkRole } from './event-token.ts'
import { type EventView, sceneOf } from './event-view.ts'
import { followEvent, type LiveEvent, type LiveState } from './live-event.ts'
import { socketUrl } from './socket-url.ts'

interface Follower extends LiveState, Pick<LiveEvent, 'now' | 'command'> {
  /** The token of the link. */
  token: string
  /** Connects again after an end that is final. */
  again: () => void
}

/** The event of a host's or projector's link; undefined without a token: this browser was never given the link. */
export function useLiveEvent(role: LinkRole, event: string, wsUrl: string): Follower | undefined {
  const [token] = useState(() => takeEventToken(role, event))
  const follow = () => {
    const report = (problem: string) => console.warn(problem)
    return followEvent({ url: socketUrl(wsUrl, location), role, event, token: token ?? '', report })
  }
  const [live, setLive] = useState(follow)
  const state = useSyncExternalStore(token === undefined ? never : live.subscribe, live.state)
  if (token === undefined) return
  return { ...state, token, now: live.now, command: live.command, again: () => setLive(follow()) }
}

const never = () => () => {}

/** What is to be shown, and again when a question opens and when its time is up: that no message says. */
export function useScene(view: EventView | undefined, now: () => number) {
  const [, setPassed] = useState(0)
  const { phase, opensAt, closesAt } = view?.state ?? {}
  useEffect(() => {
    if (phase !== 'question') return
    const times = [opensAt, closesAt].filter((time) => typeof time === 'number').filter((time) => time > now())
    const waits = times.map((time) => setTimeout(() => setPassed(time), time - now()))
    return () => waits.forEach(clearTimeout)
  }, [phase, opensAt, closesAt, now])
  return view && sceneOf(view, now())
}
