import { type FormEvent, useId, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { request, RequestFailed } from '../../lib/request.ts'
import type { AdminTexts } from './texts.ts'

interface Props {
  apiUrl: string
  signedIn: (secret: string) => void
  t: AdminTexts
}

/** Asks for the admin secret, and for a list with it: only a secret that the server takes is kept. */
export function SignIn({ apiUrl, signedIn, t }: Props) {
  const id = useId()
  const [secret, setSecret] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const words = t.signIn

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (busy) return
    const given = secret.trim()
    // a header cannot hold anything else: fetch throws, as if the server could not be reached
    if (!/^[ -~]+$/.test(given)) return setProblem(words.wrong)
    setBusy(true)
    setProblem(undefined)
    try {
      await request(`${apiUrl}/quizzes`, { token: given })
      signedIn(given)
    } catch (error) {
      setProblem(problemText(error, t))
      setBusy(false)
    }
  }

  return (
    <Card className="mx-auto w-full max-w-md">
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <h2 className="text-xl font-bold">{words.title}</h2>
        <div className="flex flex-col gap-1">
          <label htmlFor={id} className="font-medium">
            {words.secret}
          </label>
          <input
            id={id}
            type="password"
            required
            autoComplete="current-password"
            value={secret}
            aria-invalid={problem !== undefined}
            aria-describedby={`${id}-hint`}
            onChange={({ target }) => setSecret(target.value)}
            className="min-h-12 rounded-xl bg-page px-3 ring-1 ring-line"
          />
          <p id={`${id}-hint`} className="text-sm text-soft">
            {words.hint} {words.kept}
          </p>
        </div>
        {problem !== undefined && (
          <p role="alert" className="text-bad">
            {problem}
          </p>
        )}
        <Button look="primary" type="submit" aria-disabled={busy}>
          {words.submit}
        </Button>
      </form>
    </Card>
  )
}

function problemText(error: unknown, { signIn }: AdminTexts): string {
  if (!(error instanceof RequestFailed)) throw error
  if (error.status === 401) return signIn.wrong
  return error.status === 429 ? signIn.slowDown : signIn.failed(error)
}
