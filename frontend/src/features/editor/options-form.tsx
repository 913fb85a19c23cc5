import { useId } from 'react'
import { most } from '../../../../backend/src/types/quiz.ts'
import { OptionShape, optionMark } from '../../components/option-mark.tsx'
import { type DraftQuestion, withMoreOptions, withOption, withoutOption, withRight } from './draft.ts'
import { fieldLook } from './fields.tsx'
import type { Missing } from './missing.ts'
import type { EditorTexts } from './texts.ts'

interface Props {
  question: DraftQuestion
  change: (question: DraftQuestion) => void
  missing: Missing[]
  t: EditorTexts
}

/** The options, each with its mark, its text and whether it is right. */
export function OptionsForm({ question, change, missing, t }: Props) {
  const { options, type, key } = question
  const wrongRight = missing.find(({ code }) => code === 'right' || code === 'options')
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 font-medium">{t.options}</legend>
      {options.map((option, at) => (
        <OptionRow
          // options have no names of their own, and a deleted one takes its text along
          // oxlint-disable-next-line react/no-array-index-key
          key={`${key}-${at}`}
          at={at}
          text={option}
          problem={missing.find((each) => each.option === at)}
          {...{ question, change, t }}
        />
      ))}
      {wrongRight && <p className="text-sm text-bad">{t.missing[wrongRight.code]}</p>}
      {type !== 'boolean' && options.length < most.options && (
        <button
          type="button"
          className="min-h-12 rounded-xl border-2 border-dashed border-line font-medium hover:border-accent"
          onClick={() => change(withMoreOptions(question))}
        >
          + {t.addOption}
        </button>
      )}
    </fieldset>
  )
}

interface RowProps extends Omit<Props, 'missing'> {
  at: number
  text: string
  problem: Missing | undefined
}

function OptionRow({ at, text, problem, question, change, t }: RowProps) {
  const id = useId()
  const { letter, colour } = optionMark(at)
  const isRight = question.right.includes(at)
  return (
    <div className="flex flex-col gap-1">
      <div className="flex items-center gap-2">
        <span
          className={`flex h-12 w-14 shrink-0 items-center justify-center gap-1.5 rounded-xl font-bold text-white ${colour}`}
        >
          <OptionShape at={at} /> {letter}
        </span>
        <input
          aria-label={t.option(letter)}
          value={text}
          aria-invalid={problem !== undefined}
          aria-describedby={problem && id}
          className={`${fieldLook} min-h-12 min-w-0`}
          onChange={({ target }) => change(withOption(question, at, target.value))}
        />
        {question.type !== 'poll' && (
          <label
            className={`flex min-h-12 shrink-0 cursor-pointer items-center gap-2 rounded-xl px-3 font-medium ring-1 has-focus-visible:outline-3 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent ${isRight ? 'bg-good/15 ring-2 ring-good' : 'ring-line'}`}
          >
            <input
              type={question.type === 'multiple' ? 'checkbox' : 'radio'}
              name={`right-${question.key}`}
              aria-label={t.right(letter)}
              checked={isRight}
              className="size-5 accent-emerald-700"
              onChange={() => change(withRight(question, at))}
            />
            <span aria-hidden="true">✓</span>
          </label>
        )}
        {question.type !== 'boolean' && question.options.length > 2 && (
          <button
            type="button"
            aria-label={t.deleteOption(letter)}
            className="size-12 shrink-0 rounded-xl text-xl hover:bg-line/20"
            onClick={() => change(withoutOption(question, at))}
          >
            ×
          </button>
        )}
      </div>
      {problem && (
        <p id={id} className="text-sm text-bad">
          {t.missing[problem.code]}
        </p>
      )}
    </div>
  )
}
