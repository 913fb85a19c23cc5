import type { ReactNode } from 'react'

/** A page of the phone: one column, room for the thumb, and the notch of no phone in the way. */
export function Page({ children, header, footer }: { children: ReactNode; header?: ReactNode; footer?: ReactNode }) {
  return (
    <div className="mx-auto flex min-h-dvh w-full max-w-xl flex-col gap-5 pt-[max(1rem,env(safe-area-inset-top))] pr-[max(1rem,env(safe-area-inset-right))] pb-[max(1rem,env(safe-area-inset-bottom))] pl-[max(1rem,env(safe-area-inset-left))]">
      {header && <header>{header}</header>}
      <main className="flex grow flex-col gap-5">{children}</main>
      {footer && <footer className="text-sm text-soft">{footer}</footer>}
    </div>
  )
}
