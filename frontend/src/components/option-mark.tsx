import type { Language } from '../../../backend/src/types/quiz.ts'

/**
 * How an option looks everywhere: a letter, a shape and a colour, so that nobody needs all three. White on each colour
 * has a contrast of at least 5 to 1.
 */
export const optionMarks = [
  { letter: 'A', en: 'triangle', de: 'Dreieck', colour: 'bg-rose-700', path: 'M12 3 22 20H2z' },
  { letter: 'B', en: 'diamond', de: 'Raute', colour: 'bg-blue-700', path: 'M12 1.5 22.5 12 12 22.5 1.5 12z' },
  { letter: 'C', en: 'circle', de: 'Kreis', colour: 'bg-amber-700', path: 'M12 2a10 10 0 1 1 0 20 10 10 0 0 1 0-20z' },
  { letter: 'D', en: 'square', de: 'Quadrat', colour: 'bg-emerald-700', path: 'M3 3h18v18H3z' },
  {
    letter: 'E',
    en: 'star',
    de: 'Stern',
    colour: 'bg-violet-700',
    path: 'm12 1.5 3.1 7 7.6.7-5.7 5.1 1.7 7.5-6.7-3.9-6.7 3.9 1.7-7.5L1.3 9.2l7.6-.7z',
  },
  { letter: 'F', en: 'hexagon', de: 'Sechseck', colour: 'bg-cyan-800', path: 'M6.5 2.5h11L23 12l-5.5 9.5h-11L1 12z' },
] as const

export function optionMark(at: number): (typeof optionMarks)[number] {
  const mark = optionMarks[at]
  if (!mark) throw new RangeError(`a question has no option ${at}`)
  return mark
}

/** As it is read out: "B, diamond: Lyon". */
export function optionName(at: number, text: string, language: Language): string {
  const mark = optionMark(at)
  return `${mark.letter}, ${mark[language]}${text === '' ? '' : `: ${text}`}`
}

/** The shape, as large as the text beside it and in its colour. */
export function OptionShape({ at, className = '' }: { at: number; className?: string }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true" className={`size-[1em] shrink-0 fill-current ${className}`}>
      <path d={optionMark(at).path} />
    </svg>
  )
}
