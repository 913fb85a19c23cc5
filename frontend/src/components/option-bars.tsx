import type { Language } from '../../../backend/src/types/quiz.ts'
import { optionMark, optionName, OptionShape } from './option-mark.tsx'

interface Props {
  options: readonly string[]
  /** How many chose each; null: not known yet, or not to be seen. */
  distribution: readonly number[] | null
  /** Positions of the right ones; null: not revealed. A poll has none. */
  right: readonly number[] | null
  language: Language
  words: { right: string; chosenBy: (count: number) => string }
  className?: string
}

/** The options of a question and, when it is closed, how many chose each. All sizes follow the size of the text. */
export function OptionBars({ options, distribution, right, language, words, className = '' }: Props) {
  const most = Math.max(1, ...(distribution ?? []))
  return (
    <ul className={`grid gap-[0.5em] ${className}`}>
      {options.map((text, at) => (
        <Option
          // an option has no other name than its place
          // oxlint-disable-next-line react/no-array-index-key
          key={at}
          {...{ at, text, language, words }}
          share={distribution ? (distribution[at] ?? 0) / most : undefined}
          count={distribution?.[at]}
          verdict={right === null || right.length === 0 ? 'none' : right.includes(at) ? 'right' : 'wrong'}
        />
      ))}
    </ul>
  )
}

interface OptionProps extends Pick<Props, 'language' | 'words'> {
  at: number
  text: string
  /** Of the option that most people chose, 0 to 1. */
  share: number | undefined
  count: number | undefined
  verdict: 'none' | 'right' | 'wrong'
}

function Option({ at, text, language, words, share, count, verdict }: OptionProps) {
  const { letter, colour } = optionMark(at)
  const name = [
    optionName(at, text, language),
    verdict === 'right' && words.right,
    count !== undefined && words.chosenBy(count),
  ]
  return (
    <li
      className={`relative flex min-h-[3em] items-center gap-[0.6em] overflow-hidden rounded-[0.7em] px-[0.7em] pt-[0.4em] pb-[0.65em] font-bold text-white ${colour} ${verdict === 'right' ? 'ring-[0.2em] ring-good ring-offset-[0.15em] ring-offset-page' : ''}`}
    >
      {/* a text: most screen readers ignore an aria-label of a list item */}
      <span className="sr-only">{name.filter(Boolean).join(', ')}</span>
      {/* what is wrong steps back by a veil that keeps the contrast of the text */}
      {verdict === 'wrong' && <span aria-hidden="true" className="absolute inset-0 bg-black/45" />}
      {share !== undefined && (
        <span
          aria-hidden="true"
          className="absolute inset-x-[0.7em] bottom-[0.3em] h-[0.3em] origin-left animate-grow rounded-full bg-white motion-reduce:animate-none"
          style={{ scale: `${share} 1` }}
        />
      )}
      <span aria-hidden="true" className="relative flex shrink-0 items-center gap-[0.3em] text-[1.15em]">
        <OptionShape at={at} /> {letter}
      </span>
      <span aria-hidden="true" className="relative min-w-0 grow leading-tight wrap-anywhere">
        {text}
      </span>
      {verdict === 'right' && (
        <span aria-hidden="true" className="relative shrink-0 rounded-full bg-white px-[0.5em] text-black">
          ✓
        </span>
      )}
      {count !== undefined && (
        <span aria-hidden="true" className="relative shrink-0 text-[1.15em] tabular-nums">
          {count}
        </span>
      )}
    </li>
  )
}
