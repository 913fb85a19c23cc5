import { useCallback, useEffect, useState } from 'react'
import { Button } from '../../components/button.tsx'
import type { Wanted } from '../../lib/commands.ts'
import type { EventView, Scene } from '../../lib/event-view.ts'
import { type Action, actionsOf } from './actions.ts'
import type { HostTexts } from './texts.ts'

/** A press within this time was meant for what the buttons said before. */
const settleMs = 700

interface Props {
  view: EventView
  scene: Scene
  connected: boolean
  send: (command: Wanted) => void
  t: HostTexts
}

/** What the host does next, large and where the thumb is; Space does the same. */
export function CommandBar({ view, scene, connected, send, t }: Props) {
  const { main, others } = actionsOf(view, scene)
  const settled = useSettled(`${view.state.version} ${scene}`)
  const act = useCallback(
    ({ name, command, sure }: Action) => {
      if (!settled || !connected) return
      const question = sure ? t.sure[name] : undefined
      if (question === undefined || window.confirm(question)) send(command)
    },
    [settled, connected, send, t],
  )
  useSpace(connected && main ? () => act(main) : undefined)

  if (!main && others.length === 0) return
  return (
    <div className="sticky bottom-0 z-10 -mx-4 flex flex-col gap-2 bg-page/95 px-4 pt-3 pb-[max(1rem,env(safe-area-inset-bottom))] backdrop-blur">
      {main && (
        <Button look="primary" wide aria-disabled={!connected} onClick={() => act(main)}>
          {t.actions[main.name]}
          <kbd
            aria-hidden="true"
            className="ml-3 hidden rounded bg-black/30 px-2 text-sm font-normal pointer-fine:inline"
          >
            {t.space}
          </kbd>
        </Button>
      )}
      <div className="flex flex-wrap gap-2 [&>button]:grow [&>button]:px-3 [&>button]:text-base">
        {others.map((action) => (
          <Button
            key={action.name}
            aria-disabled={!connected}
            onClick={({ currentTarget, detail }) => {
              // after a click Space is to mean the next step, not this button again
              if (detail > 0) currentTarget.blur()
              act(action)
            }}
          >
            {t.actions[action.name]}
          </Button>
        ))}
      </div>
    </div>
  )
}

/** Whether what is to be done has been the same for a moment. */
function useSettled(step: string): boolean {
  const [settled, setSettled] = useState(step)
  useEffect(() => {
    const wait = setTimeout(() => setSettled(step), settleMs)
    return () => clearTimeout(wait)
  }, [step])
  return settled === step
}

/** Space, where it would not press, type or scroll something else. */
function useSpace(act: (() => void) | undefined): void {
  useEffect(() => {
    if (!act) return
    const press = (event: KeyboardEvent) => {
      if (event.code !== 'Space' || event.repeat || event.defaultPrevented) return
      if (event.target instanceof Element && event.target.closest('button, input, textarea, select, a, dialog')) return
      event.preventDefault()
      act()
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [act])
}
