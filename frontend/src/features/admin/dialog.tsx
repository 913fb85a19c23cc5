import { type ReactNode, useEffect, useId, useRef } from 'react'

interface Props {
  title: string
  /** Escape, or a button inside. */
  closed: () => void
  children: ReactNode
}

/** A window over the page; the browser keeps the focus inside. */
export function Dialog({ title, closed, children }: Props) {
  const id = useId()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const before = document.activeElement
    dialog.current?.showModal()
    // the browser gives the focus back only to who closes the dialog, and React removes it
    return () => {
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onClose={closed}
      className="m-auto max-h-[92dvh] w-[min(44rem,94vw)] overflow-y-auto rounded-3xl bg-panel p-5 text-ink shadow-2xl backdrop:bg-black/60 sm:p-7"
    >
      <h2 id={id} className="mb-4 text-xl font-bold break-words">
        {title}
      </h2>
      {children}
    </dialog>
  )
}
