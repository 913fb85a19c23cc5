import { useEffect, useState } from 'react'
import { useLocation } from 'wouter'
import { Brand } from '../../components/brand.tsx'
import { Button } from '../../components/button.tsx'
import { Notice } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { useTexts } from '../../texts/language.tsx'
import { findEvent, type FindProblem, type FoundEvent } from './find-event.ts'

interface Props {
  name: string
  apiUrl: string
  code: string
}

/** Where the QR code leads: the event of a code. */
export function JoinPage(props: Props) {
  const [tries, setTries] = useState(0)
  return <FoundPage key={tries} {...props} again={() => setTries(tries + 1)} />
}

function FoundPage({ name, apiUrl, code, again }: Props & { again: () => void }) {
  const [found, setFound] = useState<FoundEvent | { problem: FindProblem }>()
  const event = found && 'event' in found ? found : undefined
  const { texts } = useTexts(event?.language)

  useEffect(() => {
    let current = true
    void findEvent(apiUrl, code).then((answer) => current && setFound(answer))
    return () => {
      current = false
    }
  }, [apiUrl, code])

  if (found && 'problem' in found) return <Nowhere problem={found.problem} again={again} />
  return (
    <Page header={<Brand name={name} />}>
      <div className="m-auto flex w-full max-w-sm flex-col gap-4 text-center">
        {event ? (
          <h1 className="text-3xl font-black tracking-tight text-balance wrap-anywhere">{event.title}</h1>
        ) : (
          <output>{texts.connection.connecting}</output>
        )}
      </div>
    </Page>
  )
}

function Nowhere({ problem, again }: { problem: FindProblem; again: () => void }) {
  const { join: t } = useTexts().texts
  const [, go] = useLocation()
  const words: Record<FindProblem, { sign: string; hint: string }> = {
    none: { sign: '🔍', hint: t.notOne },
    over: { sign: '🏁', hint: t.over },
    wait: { sign: '⏳', hint: t.wait },
    unreachable: { sign: '📡', hint: t.unreachable },
  }
  const { sign, hint } = words[problem]
  return (
    <Notice sign={sign} title={t.heading} hint={hint}>
      {(problem === 'unreachable' || problem === 'wait') && (
        <Button look="primary" onClick={again}>
          {t.again}
        </Button>
      )}
      <Button look={problem === 'none' || problem === 'over' ? 'primary' : 'plain'} onClick={() => go('/')}>
        {t.otherCode}
      </Button>
    </Notice>
  )
}
