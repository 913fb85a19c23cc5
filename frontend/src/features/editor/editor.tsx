import { useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { languages, questionTypes } from '../../../../backend/src/types/kinds.ts'
import { most } from '../../../../backend/src/types/quiz.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import {
  type Draft,
  type DraftQuestion,
  emptyQuestion,
  withLanguage,
  withNewQuestion,
  withoutQuestion,
  withQuestion,
  withQuestionMoved,
} from './draft.ts'
import type { EditorSession } from './editor-session.ts'
import { SelectField, TextField } from './fields.tsx'
import { type Missing, missingIn } from './missing.ts'
import { PhonePreview } from './phone-preview.tsx'
import { QuestionForm } from './question-form.tsx'
import { QuestionList } from './question-list.tsx'
import { SaveBar } from './save-bar.tsx'
import type { EditorTexts } from './texts.ts'

interface Props {
  session: EditorSession
  newKey: () => string
  addImage: (image: Blob) => Promise<string>
  imageUrl: (id: string) => string
  t: EditorTexts
}

export function Editor({ session, newKey, addImage, imageUrl, t }: Props) {
  const state = useSyncExternalStore(session.subscribe, session.state)
  const { draft } = state
  const missing = useMemo(() => missingIn(draft), [draft])
  const [chosen, setChosen] = useState<string>()
  const open = draft.questions.find(({ key }) => key === chosen) ?? draft.questions[0]
  useSaving(session, missing.length === 0)

  /** Never the draft of this rendering: an image may have been stored meanwhile. */
  const edit = (change: (draft: Draft) => Draft) => session.change(change(session.state().draft))
  const isFull = draft.questions.length >= most.questions
  const add = (question: DraftQuestion) => {
    if (isFull) return
    edit((now) => withNewQuestion(now, question, open?.key))
    setChosen(question.key)
  }
  const addEmpty = () => add(emptyQuestion(newKey(), open?.type ?? questionTypes[0], draft.language))
  const problem = (...codes: Missing['code'][]) => {
    const found = missing.find((each) => each.question === undefined && codes.includes(each.code))
    return found && t.missing[found.code]
  }

  return (
    <>
      <div className="grid gap-4 sm:grid-cols-[1fr_14rem]">
        <TextField
          label={t.title}
          placeholder={t.titleHint}
          value={draft.title}
          most={most.title}
          left={t.left}
          problem={problem('title', 'title_too_long')}
          change={(title) => edit((now) => ({ ...now, title }))}
        />
        <SelectField
          label={t.language}
          value={draft.language}
          choices={languages.map((value) => ({ value, label: t.languages[value] }))}
          change={(value) => edit((now) => withLanguage(now, languages.find((each) => each === value) ?? 'en'))}
        />
      </div>
      <div className="mt-6 grid grow items-start gap-6 lg:grid-cols-[17rem_1fr] xl:grid-cols-[18rem_1fr_18rem]">
        <section aria-labelledby="questions" className="flex flex-col gap-3 lg:sticky lg:top-4">
          <h2 id="questions" className="text-lg font-bold">
            {t.questions} <span className="font-normal tabular-nums">({draft.questions.length})</span>
          </h2>
          {problem('no_question', 'too_many_questions', 'too_large') && (
            <p className="text-sm text-bad">{problem('no_question', 'too_many_questions', 'too_large')}</p>
          )}
          <div className="max-h-80 overflow-y-auto p-1 lg:max-h-[60dvh]">
            <QuestionList
              questions={draft.questions}
              open={open?.key}
              choose={setChosen}
              move={(key, to) => edit((now) => withQuestionMoved(now, key, to))}
              incomplete={new Set(missing.flatMap(({ question }) => question ?? []))}
              t={t}
            />
          </div>
          <Button look="primary" aria-disabled={isFull} onClick={addEmpty}>
            + {t.addQuestion}
          </Button>
        </section>
        {open && (
          <>
            <OpenQuestion
              {...{ draft, open, missing, addImage, imageUrl, t }}
              edit={(change) => edit((now) => withEdited(now, open.key, change))}
              copy={() => add({ ...open, key: newKey() })}
              remove={() => edit((now) => withoutQuestion(now, open.key))}
            />
            <div className="xl:sticky xl:top-4">
              <PhonePreview
                question={open}
                at={draft.questions.indexOf(open)}
                of={draft.questions.length}
                imageUrl={imageUrl}
                t={t}
              />
            </div>
          </>
        )}
      </div>
      <SaveBar {...{ session, state, missing, t }} showMissing={({ question }) => question && setChosen(question)} />
    </>
  )
}

interface OpenProps extends Pick<Props, 'addImage' | 'imageUrl' | 't'> {
  draft: Draft
  open: DraftQuestion
  missing: Missing[]
  edit: (change: (question: DraftQuestion) => DraftQuestion) => void
  copy: () => void
  remove: () => void
}

function OpenQuestion({ draft, open, missing, edit, copy, remove, addImage, imageUrl, t }: OpenProps) {
  const at = draft.questions.indexOf(open) + 1
  return (
    <Card aria-labelledby="open-question" className="min-w-0">
      <div className="mb-4 flex flex-wrap items-center gap-2">
        <h2 id="open-question" className="grow text-lg font-bold">
          {t.question(at, draft.questions.length)}
        </h2>
        <Button aria-disabled={draft.questions.length >= most.questions} onClick={copy}>
          {t.copyQuestion}
        </Button>
        <Button onClick={() => window.confirm(t.deleteQuestionSure(at)) && remove()}>{t.deleteQuestion}</Button>
      </div>
      <QuestionForm
        key={open.key}
        question={open}
        language={draft.language}
        missing={missing.filter(({ question }) => question === open.key)}
        {...{ edit, addImage, imageUrl, t }}
      />
    </Card>
  )
}

function withEdited(draft: Draft, key: string, change: (question: DraftQuestion) => DraftQuestion): Draft {
  const question = draft.questions.find((each) => each.key === key)
  return question ? withQuestion(draft, change(question)) : draft
}

/** Ctrl-S saves; closing the tab with unsaved work asks first, although this browser keeps it: the server does not. */
function useSaving(session: EditorSession, complete: boolean): void {
  useEffect(() => {
    const { signal, abort } = withAbort()
    const save = (event: KeyboardEvent) => {
      if (event.key !== 's' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      if (complete) void session.save()
    }
    const ask = (event: BeforeUnloadEvent) => session.state().unsaved && event.preventDefault()
    window.addEventListener('keydown', save, { signal })
    window.addEventListener('beforeunload', ask, { signal })
    return abort
  }, [session, complete])
}

function withAbort() {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort() }
}
