import { lazy, Suspense } from 'react'
import { Route, Switch, useLocation } from 'wouter'
import { moduleOf } from '../lib/module-of.ts'
import { useTexts } from '../texts/language.tsx'
import type { AppProps } from './app-props.ts'
import { NotFoundPage } from './not-found-page.tsx'

const StatusPage = lazy(async () => ({
  default: (await moduleOf(import('../features/live-connection/status-page.tsx'))).StatusPage,
}))
const AdminPage = lazy(async () => ({
  default: (await moduleOf(import('../features/admin/admin-page.tsx'))).AdminPage,
}))
const HostPage = lazy(async () => ({ default: (await moduleOf(import('../features/host/host-page.tsx'))).HostPage }))
const ScreenPage = lazy(async () => ({
  default: (await moduleOf(import('../features/screen/screen-page.tsx'))).ScreenPage,
}))
const QuizPage = lazy(async () => ({ default: (await moduleOf(import('../features/admin/quiz-page.tsx'))).QuizPage }))

/** Every page that is not for players, each a chunk of its own. */
export function OtherPages(app: AppProps) {
  const { language } = useTexts()
  const [, navigate] = useLocation()
  return (
    <Suspense fallback={null}>
      <Switch>
        <Route path="/status">
          <StatusPage {...app} />
        </Route>
        <Route path="/host/:event">
          {({ event }) => <HostPage {...app} event={event} language={language} key={event} />}
        </Route>
        <Route path="/screen/:event">
          {({ event }) => <ScreenPage {...app} event={event} language={language} key={event} />}
        </Route>
        <Route path="/admin">
          <AdminPage {...app} language={language} navigate={navigate} />
        </Route>
        <Route path="/admin/quiz/:id">
          {({ id }) => <QuizPage {...app} id={id} language={language} navigate={navigate} />}
        </Route>
        <Route>
          <NotFoundPage />
        </Route>
      </Switch>
    </Suspense>
  )
}
