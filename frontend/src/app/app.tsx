import { lazy, Suspense } from 'react'
import { Route, Switch } from 'wouter'
import { LoadFailure } from '../components/load-failure.tsx'
import type { AppProps } from './app-props.ts'
import { CodePage } from '../features/join/code-page.tsx'
import { JoinPage } from '../features/join/join-page.tsx'
import { PlayPage } from '../features/play/play-page.tsx'
import { moduleOf } from '../lib/module-of.ts'

// What leads a player into an event is in the page itself; all else, and even the way there, is loaded when it is asked for.
const OtherPages = lazy(async () => ({ default: (await moduleOf(import('./other-pages.tsx'))).OtherPages }))

export function App(app: AppProps) {
  return (
    <Switch>
      <Route path="/">
        <CodePage name={app.name} />
      </Route>
      <Route path="/j/:code">{({ code }) => <JoinPage {...app} code={code} key={code} />}</Route>
      <Route path="/play/:event">{({ event }) => <PlayPage {...app} event={event} key={event} />}</Route>
      <Route>
        <LoadFailure>
          <Suspense fallback={null}>
            <OtherPages {...app} />
          </Suspense>
        </LoadFailure>
      </Route>
    </Switch>
  )
}
