import { type ReactNode, useEffect, useEffectEvent } from 'react'
import { announce } from '../lib/announce.ts'
import { Page } from './page.tsx'

/** A whole page that says one thing and what to do next. It comes in place of another one, so it is also said. */
export function Notice({
  sign,
  title,
  hint,
  children,
}: {
  sign: string
  title: string
  hint: string
  children: ReactNode
}) {
  const say = useEffectEvent((words: string) => announce(`${words}. ${hint}`))
  // not again with another hint: that of a page that connects changes with every attempt
  useEffect(() => say(title), [title])
  return (
    <Page>
      <div className="m-auto flex w-full max-w-sm animate-rise flex-col items-center gap-4 text-center motion-reduce:animate-none">
        <span aria-hidden="true" className="text-6xl">
          {sign}
        </span>
        <h1 className="text-3xl font-black tracking-tight text-balance">{title}</h1>
        <p className="text-lg text-balance text-soft">{hint}</p>
        <div className="mt-2 flex w-full flex-col gap-3">{children}</div>
      </div>
    </Page>
  )
}
