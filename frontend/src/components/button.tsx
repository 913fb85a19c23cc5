import type { ComponentProps } from 'react'

const looks = {
  primary: 'bg-violet-600 text-white hover:bg-violet-700',
  plain: 'bg-panel ring-1 ring-line/60 hover:ring-line',
}

/** `aria-disabled` instead of `disabled`, which takes the focus away; what is pressed then is for the handler to refuse. */
interface Props extends Omit<ComponentProps<'button'>, 'className' | 'disabled'> {
  look?: keyof typeof looks
  wide?: boolean
}

export function Button({ look = 'plain', wide = false, type = 'button', ...props }: Props) {
  return (
    <button
      type={type}
      className={`buzzer min-h-13 cursor-pointer rounded-2xl px-5 pb-1 text-lg font-bold aria-disabled:cursor-default aria-disabled:opacity-60 ${wide ? 'w-full' : ''} ${looks[look]}`}
      {...props}
    />
  )
}
