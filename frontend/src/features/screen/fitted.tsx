import { type ReactNode, useEffect, useLayoutEffect, useRef } from 'react'

const smallest = 0.35
const step = 0.05

/** Makes text smaller until all of it is on the screen: nobody can scroll a projector. */
export function Fitted({ children }: { children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => fit(box.current))
  useEffect(() => {
    const { current } = box
    const again = () => fit(current)
    window.addEventListener('resize', again)
    // an image that arrives takes its place only then
    current?.addEventListener('load', again, { capture: true })
    return () => {
      window.removeEventListener('resize', again)
      current?.removeEventListener('load', again, { capture: true })
    }
  }, [])
  return (
    <div ref={box} className="flex min-h-0 grow flex-col overflow-hidden p-[0.45rem]">
      {children}
    </div>
  )
}

function fit(box: HTMLElement | null): void {
  for (let scale = 1; box && scale >= smallest; scale -= step) {
    box.style.fontSize = `${scale}em`
    const { scrollHeight = 0, clientHeight = 0 } = box.firstElementChild ?? {}
    // also what the padding would still hold: a ring around an option needs it
    if (box.scrollHeight <= box.clientHeight && scrollHeight <= clientHeight) return
  }
}
