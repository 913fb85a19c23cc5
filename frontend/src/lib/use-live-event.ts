import { useEffect, useEffectEvent, useState, useSyncExternalStore } from 'react'
import { closeCodes } from '../../../backend/src/types/protocol.ts'
import { dropEventToken, keepEventToken, type LinkRole, takeEventToken } from './event-token.ts'
import { type EventView, sceneOf } from './event-view.ts'
import { followEvent, type LiveEvent, type LiveState } from './live-event.ts'
import { reloadOnce } from './reload-once.ts'
import { socketUrl } from './socket-url.ts'
import { everyTick } from './ticks.ts'

interface Follower extends LiveState, Pick<LiveEvent, 'now' | 'command'> {
  /** The token of the link. */
  token: string
  /** Connects again after an end that is final. */
  again: () => void
}

/** The event of a host's or projector's link; undefined without a token: this browser was never given the link. */
export function useLiveEvent(role: LinkRole, event: string, wsUrl: string): Follower | undefined {
  const follow = (token: string | undefined) => {
    const report = (problem: string) => console.warn(problem)
    return { token, live: followEvent({ url: socketUrl(wsUrl, location), role, event, token: token ?? '', report }) }
  }
  const [{ token, live }, setFollowed] = useState(() => follow(takeEventToken(role, event)))
  const state = useSyncExternalStore(token === undefined ? never : live.subscribe, live.state)
  useReloadOnNewLink()
  const isIn = state.view !== undefined
  useEffect(() => {
    if (token !== undefined && isIn) keepEventToken(role, event, token)
  }, [role, event, token, isIn])
  const fallBack = useEffectEvent(() => {
    const { status } = live.state()
    if (token === undefined || status.phase !== 'ended' || status.code !== closeCodes.unknownToken) return
    const last = dropEventToken(role, event, token)
    if (last !== undefined) setFollowed(follow(last))
  })
  useEffect(() => (token === undefined ? undefined : live.subscribe(() => fallBack())), [token, live])
  useEffect(() => {
    if (state.status.phase === 'outdated') reloadOnce('outdated')
  }, [state.status.phase])
  if (token === undefined) return
  return { ...state, token, now: live.now, command: live.command, again: () => setFollowed(follow(token)) }
}

/** A browser loads nothing when a link differs in its token only from the page that is open. */
function useReloadOnNewLink(): void {
  useEffect(() => {
    const reload = () => location.reload()
    window.addEventListener('hashchange', reload)
    return () => window.removeEventListener('hashchange', reload)
  }, [])
}

const never = () => () => {}

/** What is to be shown now. No message says that a question opens or that its time is up: the clock is looked at for that. */
export function useScene(view: EventView | undefined, now: () => number) {
  return useSyncExternalStore(everyTick, () => view && sceneOf(view, now()))
}
