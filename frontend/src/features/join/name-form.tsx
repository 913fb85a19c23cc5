import { type FormEvent, useId, useRef, useState } from 'react'
import { useLocation } from 'wouter'
import type { Join } from '../../../../backend/src/types/protocol.ts'
import { Button } from '../../components/button.tsx'
import { randomSecret } from '../../lib/secret.ts'
import { useTexts } from '../../texts/language.tsx'
import { joinEvent, type Joining } from '../play/players.ts'

interface Props {
  code: string
  /** The event hands out names. */
  generatedNames: boolean
  url: string
}

type Problem = 'missing' | Exclude<Joining, { ticket: unknown }>

const longestName = 20

/** Asks for a name and joins with it. */
export function NameForm({ code, generatedNames, url }: Props) {
  const { join: t } = useTexts().texts
  const [, go] = useLocation()
  const [name, setName] = useState('')
  const [isJoining, setJoining] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  // the same try again is the same player: the first one may have got in without our hearing of it
  const lastTry = useRef<Join>(undefined)
  const field = useRef<HTMLInputElement>(null)
  const id = useId()

  const join = async (wanted: string) => {
    setProblem(undefined)
    setJoining(true)
    if (lastTry.current?.name !== wanted) lastTry.current = { type: 'join', id: randomSecret(), code, name: wanted }
    const outcome = await joinEvent(url, lastTry.current)
    if ('ticket' in outcome) return go(`/play/${outcome.ticket.event}`, { replace: true })
    setJoining(false)
    setProblem(outcome)
    field.current?.focus()
  }

  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isJoining) return
    const wanted = name.trim()
    if (wanted !== '' || generatedNames) void join(wanted)
    else setProblem('missing')
  }

  const suggestion = typeof problem === 'object' && 'refused' in problem ? problem.refused.suggestion : undefined
  return (
    <form noValidate onSubmit={submit} className="flex flex-col gap-4">
      {generatedNames ? (
        <p className="text-center text-lg text-balance">{t.generated}</p>
      ) : (
        <div className="flex flex-col gap-2">
          <label htmlFor={id} className="text-center text-lg font-bold">
            {t.name}
          </label>
          <input
            ref={field}
            id={id}
            value={name}
            onChange={({ target }) => {
              setName(Array.from(target.value).slice(0, longestName).join(''))
              setProblem(undefined)
            }}
            autoComplete="off"
            autoCapitalize="words"
            enterKeyHint="go"
            spellCheck={false}
            aria-invalid={problem !== undefined}
            aria-describedby={`${id}-hint`}
            className="w-full rounded-3xl bg-panel px-4 py-4 text-center text-2xl font-bold ring-2 ring-line aria-invalid:ring-bad"
          />
        </div>
      )}
      <p id={`${id}-hint`} className="min-h-6 text-center text-balance" aria-live="polite">
        {problem === undefined ? (
          !generatedNames && <span className="text-soft">{t.nameHint}</span>
        ) : (
          <span className="font-semibold text-bad">{problemWords(problem, t)}</span>
        )}
      </p>
      {suggestion !== undefined && (
        <Button
          wide
          onClick={() => {
            setName(suggestion)
            void join(suggestion)
          }}
        >
          {t.suggestion(suggestion)}
        </Button>
      )}
      <Button look="primary" type="submit" wide aria-disabled={isJoining}>
        {isJoining ? t.joining : t.join}
      </Button>
    </form>
  )
}

function problemWords(problem: Problem, t: ReturnType<typeof useTexts>['texts']['join']): string {
  if (problem === 'missing') return t.nameMissing
  return 'refused' in problem ? t.refusals[problem.refused.code] : t.unreachable
}
