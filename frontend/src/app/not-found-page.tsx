import { useLocation } from 'wouter'
import { Button } from '../components/button.tsx'
import { Notice } from '../components/notice.tsx'
import { useTexts } from '../texts/language.tsx'

export function NotFoundPage() {
  const { nowhere: t } = useTexts().texts
  const [, go] = useLocation()
  return (
    <Notice sign="🧭" title={t.notFound} hint={t.notFoundHint}>
      <Button look="primary" onClick={() => go('/')}>
        {t.home}
      </Button>
    </Notice>
  )
}
