import { useEffect, useState } from 'react'
import { useLocation } from 'wouter'
import { Brand } from '../../components/brand.tsx'
import { Button } from '../../components/button.tsx'
import { Notice } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { socketUrl } from '../../lib/socket-url.ts'
import { useTexts } from '../../texts/language.tsx'
import { readTicket } from '../play/tickets.ts'
import { findEvent, type FindProblem, type FoundEvent, type NotFound } from './find-event.ts'
import { NameForm } from './name-form.tsx'

interface Props {
  name: string
  apiUrl: string
  wsUrl: string
  code: string
}

/** Where the QR code leads: the event of a code, and who one wants to be there. */
export function JoinPage(props: Props) {
  const [tries, setTries] = useState(0)
  return <FoundPage key={tries} {...props} again={() => setTries(tries + 1)} />
}

function FoundPage({ name, apiUrl, wsUrl, code, again }: Props & { again: () => void }) {
  const [found, setFound] = useState<FoundEvent | NotFound>()
  const event = found && 'title' in found ? found : undefined
  const { texts } = useTexts(event?.language)
  const [, go] = useLocation()

  useEffect(() => {
    let current = true
    const find = async () => {
      const answer = await findEvent(apiUrl, code)
      if (!current) return
      const ticket = answer.event && readTicket(answer.event)
      // there is the own result, or why one is banned
      if (ticket && ('problem' in answer || ticket.banned)) go(`/play/${answer.event}`, { replace: true })
      else setFound(answer)
    }
    void find()
    return () => {
      current = false
    }
  }, [apiUrl, code, go])

  if (found && 'problem' in found) return <Nowhere problem={found.problem} again={again} />
  if (!event) {
    return (
      <Page header={<Brand name={name} />}>
        <output className="m-auto text-xl text-soft">{texts.connection.connecting}</output>
      </Page>
    )
  }
  const date = new Date(event.keptUntil).toLocaleDateString(texts.locale, { dateStyle: 'long' })
  return (
    <Page header={<Brand name={name} />} footer={<p className="text-center text-balance">{texts.join.kept(date)}</p>}>
      <div className="m-auto flex w-full max-w-sm animate-rise flex-col gap-5 motion-reduce:animate-none">
        <h1 className="text-center text-3xl font-black tracking-tight text-balance wrap-anywhere">{event.title}</h1>
        <Continue event={event.event} />
        <NameForm code={code} generatedNames={event.generatedNames} url={socketUrl(wsUrl, location)} />
      </div>
    </Page>
  )
}

/** For a browser that is in the event already, such as after the QR code was scanned again. */
function Continue({ event }: { event: string }) {
  const { join: t } = useTexts().texts
  const [, go] = useLocation()
  const [ticket] = useState(() => readTicket(event))
  if (!ticket) return null
  return (
    <div className="flex flex-col gap-2 rounded-3xl bg-panel p-4 text-center ring-1 ring-line/40">
      <p>{t.alreadyIn}</p>
      <Button look="primary" wide onClick={() => go(`/play/${event}`)}>
        {t.continueAs(ticket.name)}
      </Button>
    </div>
  )
}

function Nowhere({ problem, again }: { problem: FindProblem; again: () => void }) {
  const { join: t } = useTexts().texts
  const [, go] = useLocation()
  const words: Record<FindProblem, { sign: string; hint: string }> = {
    none: { sign: '🔍', hint: t.refusals.no_such_code },
    over: { sign: '🏁', hint: t.refusals.ended },
    wait: { sign: '⏳', hint: t.refusals.slow_down },
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
