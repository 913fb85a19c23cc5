import type { ComponentProps } from 'react'

/** `ComponentProps` and not children alone: a card may be a landmark or take its place in a grid. */
export function Card({ className = '', ...props }: ComponentProps<'section'>) {
  return <section className={`rounded-3xl bg-panel p-4 shadow-sm ring-1 ring-line/25 sm:p-5 ${className}`} {...props} />
}
