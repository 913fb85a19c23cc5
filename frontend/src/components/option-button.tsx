import type { Language } from '../../../backend/src/types/quiz.ts'
import { optionMark, optionName, OptionShape } from './option-mark.tsx'

/** `chosen`: one's own. `right` and `wrong` are known only after the answer is revealed; `aside`: neither. */
export type OptionLook = 'open' | 'chosen' | 'right' | 'wrong' | 'aside'

const looks = {
  open: 'text-white',
  chosen: 'text-white ring-4 ring-ink ring-offset-2 ring-offset-page',
  right: 'text-white ring-4 ring-good ring-offset-2 ring-offset-page',
  wrong: 'text-white ring-4 ring-bad ring-offset-2 ring-offset-page',
  aside: 'bg-panel text-soft',
}
const signs = { open: '', chosen: '●', right: '✓', wrong: '✗', aside: '' }

interface Props {
  at: number
  /** Empty where only the projector shows it. */
  text: string
  language: Language
  look?: OptionLook
  /** What is said after the name, such as "your answer". */
  note?: string
  /** Multiple choice: whether it is selected. */
  pressed?: boolean
  disabled?: boolean
  onPress?: () => void
}

/** An option as a buzzer. Its name is letter, shape and text, as in "B, diamond: Lyon": nobody needs to see the colour. */
export function OptionButton({ at, text, language, look = 'open', note, pressed, disabled, onPress }: Props) {
  const { letter, colour } = optionMark(at)
  const name = optionName(at, text, language)
  return (
    <button
      type="button"
      aria-pressed={pressed}
      aria-disabled={disabled}
      onClick={() => !disabled && onPress?.()}
      className={`buzzer relative flex min-h-16 w-full items-center gap-3 rounded-2xl px-4 pt-2.5 pb-3.5 text-left text-[clamp(1rem,4.6vw,1.125rem)] leading-snug font-bold aria-disabled:cursor-default ${disabled ? '' : 'cursor-pointer'} ${look === 'aside' ? '' : colour} ${looks[look]}`}
    >
      <span aria-hidden="true" className="flex shrink-0 items-center gap-1.5 text-2xl">
        <OptionShape at={at} /> {letter}
      </span>
      {/* in the page and not an attribute, so that a browser translates it together with what is seen */}
      <span className="sr-only">{note === undefined ? name : `${name}. ${note}`}</span>
      <span aria-hidden="true" className="min-w-0 grow wrap-anywhere hyphens-auto">
        {text}
      </span>
      <span aria-hidden="true" className="w-6 shrink-0 text-center text-2xl empty:hidden">
        {signs[look]}
      </span>
    </button>
  )
}
