import { lazy, type ReactNode, Suspense } from 'react'
import { Route, Switch, useLocation } from 'wouter'
import { LoadFailure } from './load-failure.tsx'
import { NotFoundPage } from './not-found-page.tsx'
import { CodePage } from '../features/join/code-page.tsx'
import { JoinPage } from '../features/join/join-page.tsx'
import { useTexts } from '../texts/language.tsx'

export interface AppProps {
  name: string
  release: string
  apiUrl: string
  wsUrl: string
}

// What a player needs is in the page itself: nothing is loaded in the middle of a game. All else is a chunk of its own.
const StatusPage = lazy(async () => ({
  default: (await import('../features/live-connection/status-page.tsx')).StatusPage,
}))
const AdminPage = lazy(async () => ({ default: (await import('../features/admin/admin-page.tsx')).AdminPage }))
const HostPage = lazy(async () => ({ default: (await import('../features/host/host-page.tsx')).HostPage }))
const ScreenPage = lazy(async () => ({ default: (await import('../features/screen/screen-page.tsx')).ScreenPage }))
const QuizPage = lazy(async () => ({ default: (await import('../features/admin/quiz-page.tsx')).QuizPage }))

export function App(app: AppProps) {
  const { language } = useTexts()
  const [, navigate] = useLocation()
  return (
    <Switch>
      <Route path="/">
        <CodePage name={app.name} />
      </Route>
      <Route path="/j/:code">{({ code }) => <JoinPage {...app} code={code} key={code} />}</Route>
      <Route path="/status">
        <Chunk>
          <StatusPage {...app} />
        </Chunk>
      </Route>
      <Route path="/host/:event">
        {({ event }) => (
          <Chunk key={event}>
            <HostPage {...app} event={event} language={language} />
          </Chunk>
        )}
      </Route>
      <Route path="/screen/:event">
        {({ event }) => (
          <Chunk key={event}>
            <ScreenPage {...app} event={event} language={language} />
          </Chunk>
        )}
      </Route>
      <Route path="/admin">
        <Chunk>
          <AdminPage {...app} language={language} navigate={navigate} />
        </Chunk>
      </Route>
      <Route path="/admin/quiz/:id">
        {({ id }) => (
          <Chunk>
            <QuizPage {...app} id={id} language={language} navigate={navigate} />
          </Chunk>
        )}
      </Route>
      <Route>
        <NotFoundPage />
      </Route>
    </Switch>
  )
}

/** A page that is loaded when it is opened. */
function Chunk({ children }: { children: ReactNode }) {
  return (
    <LoadFailure>
      <Suspense fallback={null}>{children}</Suspense>
    </LoadFailure>
  )
}
