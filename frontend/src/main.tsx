import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/app.tsx'
import { reloadOnce } from './lib/reload-once.ts'
import { env } from './config/env.ts'
import { releaseOf } from './config/release.ts'
import { LanguageProvider, languageOf, loadTexts } from './texts/language.tsx'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no element #root')

document.title = env.appName
// a chunk of an older release may be gone: the page of today knows its own
window.addEventListener('vite:preloadError', (event) => {
  if (reloadOnce('chunk')) event.preventDefault()
})

const first = await loadTexts(languageOf(navigator.languages))
createRoot(root).render(
  <StrictMode>
    <LanguageProvider first={first}>
      <App name={env.appName} apiUrl={env.apiUrl} wsUrl={env.wsUrl} release={releaseOf(document)} />
    </LanguageProvider>
  </StrictMode>,
)
