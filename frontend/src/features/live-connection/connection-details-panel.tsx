import { type ComponentType, useId, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { moduleOf } from '../../lib/module-of.ts'
import type { ConnectionDetailsProps } from './connection-details.tsx'

type Panel =
  { phase: 'closed' | 'loading' | 'failed' } | { phase: 'open'; Details: ComponentType<ConnectionDetailsProps> }

/** A button and, once asked for, the details: a separate chunk, which an old tab may request long after a deployment. */
export function ConnectionDetailsPanel(props: ConnectionDetailsProps) {
  const [panel, setPanel] = useState<Panel>({ phase: 'closed' })
  const id = useId()

  const open = async () => {
    setPanel({ phase: 'loading' })
    try {
      const { ConnectionDetails } = await moduleOf(import('./connection-details.tsx'))
      setPanel({ phase: 'open', Details: ConnectionDetails })
    } catch (error) {
      console.warn('the details could not be loaded:', error)
      setPanel({ phase: 'failed' })
    }
  }

  const toggle = () => {
    if (panel.phase === 'open') setPanel({ phase: 'closed' })
    else void open()
  }

  return (
    <>
      <Button
        data-testid="details"
        aria-expanded={panel.phase === 'open'}
        aria-controls={id}
        aria-busy={panel.phase === 'loading'}
        onClick={toggle}
      >
        Details
      </Button>
      <div id={id} className="col-span-full empty:hidden">
        {panel.phase === 'failed' && (
          <Card role="alert" className="flex flex-wrap items-center justify-between gap-4 text-sm">
            <p>The details could not be loaded. Try again, or reload the page.</p>
            <Button onClick={() => location.reload()}>Reload</Button>
          </Card>
        )}
        {panel.phase === 'open' && (
          <Card aria-label="Details of the connection">
            <panel.Details {...props} />
          </Card>
        )}
      </div>
    </>
  )
}
