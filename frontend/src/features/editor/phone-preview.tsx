import { OptionShape, optionMark } from '../../components/option-mark.tsx'
import type { DraftQuestion } from './draft.ts'
import type { EditorTexts } from './texts.ts'

interface Props {
  question: DraftQuestion
  at: number
  of: number
  imageUrl: (id: string) => string
  t: EditorTexts
}

/** The question as players see it on a phone. */
export function PhonePreview({ question, at, of, imageUrl, t }: Props) {
  const { text, options, image, seconds } = question
  return (
    <section aria-label={t.preview} className="flex flex-col items-center gap-2">
      <h3 className="text-sm font-medium">{t.preview}</h3>
      <div className="flex aspect-9/17 w-full max-w-72 flex-col gap-3 overflow-y-auto rounded-[2rem] bg-page p-4 shadow-lg ring-8 ring-zinc-800 dark:ring-zinc-700">
        <p className="flex justify-between text-xs font-medium">
          <span>
            {at + 1} / {of}
          </span>
          <span>{seconds !== null && t.secondsOf(seconds)}</span>
        </p>
        <p className="text-base leading-snug font-bold break-words">{text}</p>
        {image && <img src={imageUrl(image.id)} alt={image.alt} className="max-h-32 rounded-lg object-contain" />}
        <ul className="mt-auto flex flex-col gap-2">
          {options.map((option, place) => (
            <li
              // oxlint-disable-next-line react/no-array-index-key
              key={place}
              className={`flex min-h-12 items-center gap-2 rounded-xl px-3 py-2 text-sm font-semibold text-white ${optionMark(place).colour}`}
            >
              <OptionShape at={place} />
              <span className="min-w-0 break-words">
                {optionMark(place).letter}&ensp;{option}
              </span>
            </li>
          ))}
        </ul>
      </div>
    </section>
  )
}
