import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { QrCode } from '../../components/qr-code.tsx'
import type { EventEntry, EventLinks } from '../../lib/admin-api.ts'
import { hostLink, joinLink, screenLink } from '../../lib/links.ts'
import { Dialog } from './dialog.tsx'
import type { AdminTexts } from './texts.ts'

interface Props {
  event: EventEntry
  links: EventLinks
  closed: () => void
  t: AdminTexts
}

/** The links of an event, which the server can never show again. */
export function LinksDialog({ event, links, closed, t }: Props) {
  const words = t.links
  return (
    <Dialog title={`${words.title}: ${event.title}`} closed={closed}>
      <p className="mb-4">{words.once}</p>
      <ul className="flex flex-col gap-5">
        <Link label={words.host} hint={words.hostHint} address={hostLink(location.origin, event.id, links)} t={t} />
        <Link
          label={words.screen}
          hint={words.screenHint}
          address={screenLink(location.origin, event.id, links)}
          t={t}
        />
        <Link
          label={words.join}
          hint={words.joinHint(event.code)}
          address={joinLink(location.origin, event.code)}
          t={t}
        />
      </ul>
      <div className="mt-6 flex justify-end">
        <Button look="primary" onClick={closed}>
          {t.close}
        </Button>
      </div>
    </Dialog>
  )
}

function Link({ label, hint, address, t }: { label: string; hint: string; address: string; t: AdminTexts }) {
  const [copied, setCopied] = useState<boolean>()
  const words = t.links
  const copy = () =>
    navigator.clipboard.writeText(address).then(
      () => setCopied(true),
      // the browser or its user does not allow it
      () => setCopied(false),
    )
  return (
    <li className="flex items-center gap-4">
      <QrCode text={address} label={words.qr(label)} className="size-28 shrink-0 rounded-lg" />
      <div className="min-w-0">
        <h3 className="font-bold">{label}</h3>
        <p className="text-sm">{hint}</p>
        {/* the token stays out of sight: a projector may show this page */}
        <p className="truncate font-mono text-sm">{address.replace(/#.*$/, '#…')}</p>
        <div className="mt-2 flex flex-wrap gap-2">
          <a
            href={address}
            target="_blank"
            rel="noreferrer"
            className="inline-flex min-h-12 items-center rounded-xl bg-violet-700 px-4 font-medium text-white hover:bg-violet-600 "
          >
            {words.open}
          </a>
          {/* a page on a LAN address has no clipboard */}
          {window.isSecureContext && <Button onClick={() => void copy()}>{copied ? words.copied : words.copy}</Button>}
        </div>
        <output className="text-sm">{copied === false && words.notCopied}</output>
      </div>
    </li>
  )
}
