import { type ReactNode, useMemo, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { type AdminApi, adminApi } from '../../lib/admin-api.ts'
import { forgetAdminSecret, keepAdminSecret, readAdminSecret } from '../../lib/admin-secret.ts'
import { useTitle } from '../../lib/use-title.ts'
import { SignIn } from './sign-in.tsx'
import type { AdminTexts } from './texts.ts'

interface Props {
  apiUrl: string
  title: string
  /** Before the title, such as the way back. */
  before?: ReactNode
  t: AdminTexts
  children: (api: AdminApi, secret: string) => ReactNode
}

/** The page of an admin, or the sign-in; back to it as soon as the server does not take the secret any more. */
export function AdminGate({ apiUrl, title, before, t, children }: Props) {
  useTitle(title)
  const [secret, setSecret] = useState(() => readAdminSecret())
  const signOut = () => {
    forgetAdminSecret()
    setSecret(undefined)
  }
  const api = useMemo(() => {
    if (secret === undefined) return
    return adminApi(apiUrl, secret, () => {
      forgetAdminSecret()
      setSecret(undefined)
    })
  }, [apiUrl, secret])

  return (
    <div className="mx-auto flex min-h-dvh max-w-7xl flex-col gap-6 px-4 pt-5 pb-4">
      <header className="flex flex-wrap items-center gap-3">
        <img src="/favicon.svg" alt="" width="36" height="36" />
        {before}
        <h1 className="grow text-2xl font-bold tracking-tight">{title}</h1>
        {api && (
          <div className="ml-auto">
            <Button onClick={signOut}>{t.signOut}</Button>
          </div>
        )}
      </header>
      <main className="flex grow flex-col gap-6">
        {api && secret !== undefined ? (
          children(api, secret)
        ) : (
          <SignIn
            apiUrl={apiUrl}
            t={t}
            signedIn={(given) => {
              keepAdminSecret(given)
              setSecret(given)
            }}
          />
        )}
      </main>
    </div>
  )
}
