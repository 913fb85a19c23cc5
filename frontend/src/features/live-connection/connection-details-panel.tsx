import { type ComponentType, useId, useState } from 'react'
import { Button } from '../../components/button.tsx'
import type { ConnectionDetailsProps } from './connection-details.tsx'

type Panel =
  | { phase: 'closed' }
  | { phase: 'loading' }
  | { phase: 'failed' }
  | { phase: 'open'; Details: ComponentType<ConnectionDetailsProps> }

/** The button and, once asked for, the details, which are a chunk of their own: an old tab may ask long after a deployment. */
export function ConnectionDetailsPanel(props: ConnectionDetailsProps) {
  const [panel, setPanel] = useState<Panel>({ phase: 'closed' })
  const id = useId()

  const open = async () => {
    setPanel({ phase: 'loading' })
    try {
      const { ConnectionDetails } = await import('./connection-details.tsx')
      setPanel({ phase: 'open', Details: ConnectionDetails })
    } catch (error) {
      console.warn('the details could not be loaded:', error)
      setPanel({ phase: 'failed' })
    }
  }
  const toggle = () => (panel.phase === 'open' ? setPanel({ phase: 'closed' }) : open())

  return (
    <>
      <Button
        data-testid="details"
        aria-expanded={panel.phase === 'open'}
        aria-controls={id}
        aria-busy={panel.phase === 'loading'}
        onClick={() => void toggle()}
      >
        About this connection
      </Button>
      <div id={id} className="col-span-full empty:hidden">
        {panel.phase === 'failed' && (
          <div role="alert">
            This part of the page could not be loaded.{' '}
            <Button onClick={() => location.reload()}>Reload the page</Button>
          </div>
        )}
        {panel.phase === 'open' && <panel.Details {...props} />}
      </div>
    </>
  )
}
