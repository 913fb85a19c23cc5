import type { ComponentProps } from 'react'

const looks = {
  primary: 'bg-violet-600 text-white hover:bg-violet-500 disabled:hover:bg-violet-600',
  plain: 'bg-white ring-1 ring-black/10 hover:bg-zinc-50 dark:bg-white/5 dark:ring-white/15 dark:hover:bg-white/10',
}

interface Props extends Omit<ComponentProps<'button'>, 'type' | 'className'> {
  look?: keyof typeof looks
}

export function Button({ look = 'plain', ...props }: Props) {
  return (
    <button
      type="button"
      className={`min-h-12 cursor-pointer rounded-xl px-4 font-medium transition-colors focus-visible:outline-2 focus-visible:outline-offset-2 focus-visible:outline-violet-500 disabled:cursor-not-allowed disabled:opacity-50 ${looks[look]}`}
      {...props}
    />
  )
}
