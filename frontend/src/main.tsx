import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/app.tsx'
import { env } from './config/env.ts'
import { releaseOf } from './config/release.ts'
import { connect } from './lib/connection.ts'
import { socketUrl } from './lib/socket-url.ts'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no element #root')

document.title = env.appName
const connection = connect({ url: socketUrl(env.wsUrl, location), report: (problem) => console.warn(problem) })

createRoot(root).render(
  <StrictMode>
    <App name={env.appName} apiUrl={env.apiUrl} release={releaseOf(document)} connection={connection} />
  </StrictMode>,
)
