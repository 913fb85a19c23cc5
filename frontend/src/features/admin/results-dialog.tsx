import { Button } from '../../components/button.tsx'
import { ResultDownloads } from '../../components/result-downloads.tsx'
import type { EventEntry } from '../../lib/admin-api.ts'
import { Dialog } from './dialog.tsx'
import type { AdminTexts } from './texts.ts'

interface Props {
  apiUrl: string
  event: EventEntry
  secret: string
  closed: () => void
  t: AdminTexts
}

export function ResultsDialog({ apiUrl, event, secret, closed, t }: Props) {
  return (
    <Dialog title={`${t.results.title}: ${event.title}`} closed={closed}>
      <ResultDownloads source={{ apiUrl, event: event.id, token: secret }} words={t.results} failed={t.failed} />
      <div className="mt-6 flex justify-end">
        <Button look="primary" onClick={closed}>
          {t.close}
        </Button>
      </div>
    </Dialog>
  )
}
