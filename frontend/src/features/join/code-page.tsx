import { type FormEvent, useId, useState } from 'react'
import { useLocation } from 'wouter'
import { Brand } from '../../components/brand.tsx'
import { Button } from '../../components/button.tsx'
import { Page } from '../../components/page.tsx'
import { useTexts } from '../../texts/language.tsx'

const codeLength = 6

/** The first page: the code on the big screen leads to its event. */
export function CodePage({ name }: { name: string }) {
  const { join: t } = useTexts().texts
  const [, go] = useLocation()
  const [code, setCode] = useState('')
  const [problem, setProblem] = useState<string>()
  const id = useId()

  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (code.length === codeLength) go(`/j/${code}`)
    else setProblem(t.codeIncomplete)
  }

  return (
    <Page header={<Brand name={name} />} footer={<p className="text-center text-balance">{t.keptInGeneral}</p>}>
      <form
        noValidate
        onSubmit={submit}
        className="m-auto flex w-full max-w-sm animate-rise flex-col gap-4 motion-reduce:animate-none"
      >
        <h1 className="text-center text-4xl font-black tracking-tight">{t.heading}</h1>
        <label htmlFor={id} className="sr-only">
          {t.code}
        </label>
        <input
          id={id}
          value={code}
          onChange={({ target }) => {
            // whatever is pasted with it, such as "123 456"
            setCode(target.value.replace(/\D/g, '').slice(0, codeLength))
            setProblem(undefined)
          }}
          inputMode="numeric"
          autoComplete="off"
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}-hint`}
          placeholder="••••••"
          className="w-full rounded-3xl bg-panel py-4 pl-[0.3em] text-center text-5xl font-black tracking-[0.3em] tabular-nums ring-2 ring-line placeholder:text-line/60 aria-invalid:ring-bad"
        />
        <p id={`${id}-hint`} className="min-h-6 text-center" aria-live="polite">
          {problem === undefined ? (
            <span className="text-soft">{t.codeHint}</span>
          ) : (
            <span className="font-semibold text-bad">{problem}</span>
          )}
        </p>
        <Button look="primary" type="submit" wide>
          {t.next}
        </Button>
      </form>
    </Page>
  )
}
