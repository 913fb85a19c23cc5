import { useCallback, useState } from 'react'
import type { Language } from '../../../../backend/src/types/quiz.ts'
import type { AdminApi, EventEntry, EventLinks, QuizEntry } from '../../lib/admin-api.ts'
import { newQuizPlace } from '../editor/unsaved-work.ts'
import { AdminGate } from './admin-gate.tsx'
import { EventsCard } from './events-card.tsx'
import { LinksDialog } from './links-dialog.tsx'
import { QuizzesCard } from './quizzes-card.tsx'
import { ResultsDialog } from './results-dialog.tsx'
import { StartEvent } from './start-event.tsx'
import { type AdminTexts, adminTexts } from './texts.ts'
import { useLoaded, useReloadOnReturn } from './use-loaded.ts'

interface Props {
  apiUrl: string
  language: Language
  /** Goes to another page of the site. */
  navigate: (path: string) => void
}

/** `/admin` */
export function AdminPage({ apiUrl, language, navigate }: Props) {
  const t = adminTexts[language]
  return (
    <AdminGate apiUrl={apiUrl} title={t.title} t={t}>
      {(api, secret) => <Lists {...{ apiUrl, api, secret, navigate, t }} />}
    </AdminGate>
  )
}

type Open =
  | { what: 'start'; quiz: QuizEntry }
  | { what: 'links'; event: EventEntry; links: EventLinks }
  | { what: 'results'; event: EventEntry }

interface ListsProps {
  apiUrl: string
  api: AdminApi
  secret: string
  navigate: (path: string) => void
  t: AdminTexts
}

function Lists({ apiUrl, api, secret, navigate, t }: ListsProps) {
  const [open, setOpen] = useState<Open>()
  const events = useLoaded(useCallback((signal: AbortSignal) => api.listEvents(signal), [api]))
  useReloadOnReturn(events.reload)
  const close = () => setOpen(undefined)
  const showLinks = (event: EventEntry, links: EventLinks) => {
    setOpen({ what: 'links', event, links })
    events.reload()
  }
  return (
    <>
      <QuizzesCard
        api={api}
        imageUrl={(id) => `${apiUrl}/media/${id}`}
        edit={(id) => navigate(`/admin/quiz/${id ?? newQuizPlace()}`)}
        start={(quiz) => setOpen({ what: 'start', quiz })}
        t={t}
      />
      <EventsCard
        api={api}
        list={events}
        showLinks={showLinks}
        showResults={(event) => setOpen({ what: 'results', event })}
        t={t}
      />
      {open?.what === 'start' && <StartEvent api={api} quiz={open.quiz} started={showLinks} closed={close} t={t} />}
      {open?.what === 'links' && <LinksDialog event={open.event} links={open.links} closed={close} t={t} />}
      {open?.what === 'results' && <ResultsDialog {...{ apiUrl, secret, t }} event={open.event} closed={close} />}
    </>
  )
}
