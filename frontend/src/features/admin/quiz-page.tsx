import { useCallback, useEffect, useState } from 'react'
import type { Language } from '../../../../backend/src/types/quiz.ts'
import { Button } from '../../components/button.tsx'
import type { AdminApi, StoredQuiz } from '../../lib/admin-api.ts'
import { RequestFailed } from '../../lib/request.ts'
import { Editor } from '../editor/editor.tsx'
import { createEditorSession, hasUnsavedWork } from '../editor/editor-session.ts'
import { editorTexts } from '../editor/texts.ts'
import { isNewQuizPlace } from '../editor/unsaved-work.ts'
import { AdminGate } from './admin-gate.tsx'
import { adminTexts } from './texts.ts'
import { useLoaded } from './use-loaded.ts'

let keys = 0
/** A name for a question within this page. */
const newKey = () => `question-${(keys += 1)}`

interface Props {
  apiUrl: string
  id: string
  language: Language
  navigate: (path: string, options?: { replace: boolean }) => void
}

/** `/admin/quiz/:id` */
export function QuizPage({ apiUrl, id, language, navigate }: Props) {
  const words = editorTexts[language]
  return (
    <AdminGate
      apiUrl={apiUrl}
      title={words.heading}
      t={adminTexts[language]}
      before={<Button onClick={() => navigate('/admin')}>← {words.back}</Button>}
    >
      {(api) => <OpenQuiz {...{ apiUrl, api, id, language, navigate }} />}
    </AdminGate>
  )
}

interface EditorProps extends Props {
  api: AdminApi
}

function OpenQuiz(place: EditorProps) {
  // a quiz that is saved for the first time gets its id in the address, and stays open
  const [opened] = useState(place.id)
  if (isNewQuizPlace(opened)) return <OpenEditor {...place} stored={undefined} />
  return <StoredEditor {...place} opened={opened} />
}

function StoredEditor({ opened, ...place }: EditorProps & { opened: string }) {
  const { api, language } = place
  const t = adminTexts[language]
  const load = useCallback((signal: AbortSignal) => api.readQuiz(opened, signal), [api, opened])
  const { value: stored, problem, reload } = useLoaded(load)
  const [hasWork] = useState(() => hasUnsavedWork(opened))
  // work on a quiz that someone else has deleted can still be saved as a new one
  const gone = problem instanceof RequestFailed && problem.status === 404
  if (stored || (gone && hasWork)) return <OpenEditor {...place} stored={stored} />
  if (problem === undefined) return <p>{t.loading}</p>
  return (
    <div role="alert" className="flex flex-wrap items-center gap-3">
      <p>{t.failed(problem)}</p>
      <Button onClick={reload}>{t.retry}</Button>
    </div>
  )
}

function OpenEditor({ apiUrl, api, id, language, navigate, stored }: EditorProps & { stored: StoredQuiz | undefined }) {
  const [session] = useState(() => {
    const empty = { title: '', language, questions: [] }
    return createEditorSession({ api, place: id, stored, empty, newKey })
  })
  useEffect(() => {
    const leave = session.subscribe(() => {
      const saved = session.state().id
      if (saved !== undefined && saved !== id) navigate(`/admin/quiz/${saved}`, { replace: true })
    })
    return () => void leave()
  }, [session, id, navigate])
  return (
    <Editor
      session={session}
      newKey={newKey}
      addImage={api.addImage}
      imageUrl={(image) => `${apiUrl}/media/${image}`}
      t={editorTexts[language]}
    />
  )
}
