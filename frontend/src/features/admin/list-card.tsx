import { type ReactNode, useId } from 'react'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import type { AdminTexts } from './texts.ts'
import type { Loaded } from './use-loaded.ts'

interface Props<Entry> {
  title: string
  none: string
  list: Loaded<Entry[]>
  /** Beside the title. */
  actions?: ReactNode
  /** What went wrong, or other news. */
  news?: string | undefined
  t: AdminTexts
  /** A `Row` for each entry. */
  children: ReactNode
}

export function ListCard<Entry>({ title, none, list, actions, news, t, children }: Props<Entry>) {
  const { value: entries, problem, reload } = list
  return (
    <Card aria-label={title} className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-2">
        <h2 className="grow text-xl font-bold">{title}</h2>
        {actions}
      </div>
      <output className="text-sm empty:absolute">{news}</output>
      {problem !== undefined && (
        <div role="alert" className="flex flex-wrap items-center gap-3">
          <p>{t.failed(problem)}</p>
          <Button onClick={reload}>{t.retry}</Button>
        </div>
      )}
      {entries === undefined && problem === undefined && <p>{t.loading}</p>}
      {entries?.length === 0 && <p className="text-soft">{none}</p>}
      {entries && entries.length > 0 && <ul className="flex flex-col divide-y divide-line/30">{children}</ul>}
    </Card>
  )
}

interface RowProps {
  title: ReactNode
  details: ReactNode
  /** Its buttons. Each row has the same: they are a group that has the row's title as its name. */
  children: ReactNode
}

export function Row({ title, details, children }: RowProps) {
  const id = useId()
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
      <div className="min-w-48 grow basis-0">
        <p id={id} className="flex flex-wrap items-center gap-2 font-semibold wrap-anywhere">
          {title}
        </p>
        <p className="text-sm text-soft">{details}</p>
      </div>
      <fieldset aria-labelledby={id} className="flex min-w-0 flex-wrap gap-2">
        {children}
      </fieldset>
    </li>
  )
}
