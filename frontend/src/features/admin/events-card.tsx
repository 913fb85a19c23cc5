import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import type { AdminApi, EventEntry, EventLinks } from '../../lib/admin-api.ts'
import { RequestFailed } from '../../lib/request.ts'
import { ListCard, Row } from './list-card.tsx'
import type { AdminTexts } from './texts.ts'
import type { Loaded } from './use-loaded.ts'

interface Props {
  api: AdminApi
  list: Loaded<EventEntry[]>
  showLinks: (event: EventEntry, links: EventLinks) => void
  showResults: (event: EventEntry) => void
  t: AdminTexts
}

export function EventsCard({ api, list, showLinks, showResults, t }: Props) {
  const [news, setNews] = useState<string>()
  const words = t.events

  const act = async (sure: string, action: () => Promise<void>) => {
    if (!window.confirm(sure)) return
    setNews(undefined)
    try {
      await action()
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error
      setNews(t.failed(error))
    }
    list.reload()
  }

  return (
    <ListCard title={words.title} none={words.none} list={list} news={news} t={t}>
      {list.value?.map((event) => (
        <Row
          key={event.id}
          title={
            <>
              {event.title} <EventState event={event} t={t} />
            </>
          }
          details={
            <>
              {words.code} <span className="font-mono">{event.code}</span>, {words.players(event.players)},{' '}
              {new Date(event.createdAt).toLocaleString()},{' '}
              {words.keptUntil(new Date(event.expiresAt * 1_000).toLocaleDateString())}
            </>
          }
        >
          {event.endedAt === undefined && (
            <Button
              onClick={() => void act(words.linksSure, async () => showLinks(event, await api.renewLinks(event.id)))}
            >
              {words.links}
            </Button>
          )}
          <Button onClick={() => showResults(event)}>{words.results}</Button>
          <Button onClick={() => void act(words.eraseSure(event.title, event.code), () => api.eraseEvent(event.id))}>
            {words.erase}
          </Button>
        </Row>
      ))}
    </ListCard>
  )
}

function EventState({ event, t }: { event: EventEntry; t: AdminTexts }) {
  const state = event.endedAt === undefined ? (event.live ? 'live' : 'open') : 'ended'
  const looks = {
    live: 'bg-emerald-700 text-white',
    open: 'bg-violet-700 text-white',
    ended: 'bg-line/25',
  }
  return (
    <span className={`rounded-full px-2.5 py-0.5 text-xs font-semibold ${looks[state]}`}>{t.events.states[state]}</span>
  )
}
