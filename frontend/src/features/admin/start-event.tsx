import { type FormEvent, type ReactNode, useId, useState } from 'react'
import type { EventSettings } from '../../../../backend/src/types/quiz.ts'
import { Button } from '../../components/button.tsx'
import type { AdminApi, EventEntry, EventLinks, QuizEntry } from '../../lib/admin-api.ts'
import { RequestFailed } from '../../lib/request.ts'
import { randomSecret } from '../../lib/secret.ts'
import { Dialog } from './dialog.tsx'
import type { AdminTexts } from './texts.ts'

const usual: EventSettings = {
  getReadySeconds: 3,
  reveal: 'auto',
  speed: true,
  questionsOnPhones: true,
  lateJoining: true,
  generatedNames: false,
}
const switches = ['speed', 'questionsOnPhones', 'lateJoining', 'generatedNames'] as const

interface Props {
  api: AdminApi
  quiz: QuizEntry
  started: (event: EventEntry, links: EventLinks) => void
  closed: () => void
  t: AdminTexts
}

/** Asks for the settings of an event, which hold until its end. */
export function StartEvent({ api, quiz, started, closed, t }: Props) {
  const [settings, setSettings] = useState(usual)
  /** The event's id. With other settings it is another event. */
  const [key, setKey] = useState(randomSecret)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const words = t.start

  const change = (changes: Partial<EventSettings>) => {
    setSettings({ ...settings, ...changes })
    setKey(randomSecret())
  }

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    try {
      const { hostToken, screenToken, ...entry } = await api.startEvent(quiz.id, settings, key)
      started(entry, { hostToken, screenToken })
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error
      setProblem(t.failed(error))
      setBusy(false)
    }
  }

  return (
    <Dialog title={words.title(quiz.title)} closed={closed}>
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <Choice
          label={words.getReady}
          value={settings.getReadySeconds}
          change={(getReadySeconds) => change({ getReadySeconds })}
        >
          {[1, 2, 3, 5, 7, 10].map((seconds) => [seconds, words.seconds(seconds)])}
        </Choice>
        <Choice label={words.reveal} value={settings.reveal} change={(reveal) => change({ reveal })}>
          {[
            ['auto', words.reveals.auto],
            ['host', words.reveals.host],
          ]}
        </Choice>
        {switches.map((name) => (
          <label key={name} className="flex min-h-11 cursor-pointer items-center gap-3">
            <input
              type="checkbox"
              checked={settings[name]}
              onChange={({ target }) => change({ [name]: target.checked })}
              className="size-6 shrink-0 accent-violet-700"
            />
            {words[name]}
          </label>
        ))}
        {problem !== undefined && (
          <p role="alert" className="text-bad">
            {problem}
          </p>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={closed}>{t.cancel}</Button>
          <Button look="primary" type="submit" aria-disabled={busy}>
            {words.submit}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

interface ChoiceProps<Value> {
  label: string
  value: Value
  change: (value: Value) => void
  /** Each with its label. */
  children: [value: Value, label: ReactNode][]
}

function Choice<Value extends string | number>({ label, value, change, children }: ChoiceProps<Value>) {
  const id = useId()
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <label htmlFor={id} className="grow">
        {label}
      </label>
      <select
        id={id}
        value={value}
        onChange={({ target }) => {
          const chosen = children.find(([each]) => String(each) === target.value)
          if (chosen) change(chosen[0])
        }}
        className="min-h-12 rounded-xl bg-page px-3 ring-1 ring-line *:bg-page *:text-ink"
      >
        {children.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </div>
  )
}
