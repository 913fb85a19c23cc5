import type { ComponentProps } from 'react'

/** `ComponentProps` and not children alone: a card may be a landmark or take its place in a grid. */
export function Card({ className = '', ...props }: ComponentProps<'section'>) {
  return (
    <section
      className={`rounded-2xl bg-white p-4 sm:p-5 shadow-sm ring-1 ring-black/5 dark:bg-white/5 dark:ring-white/10 ${className}`}
      {...props}
    />
  )
}
