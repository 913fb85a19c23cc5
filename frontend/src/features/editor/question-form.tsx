import { useId } from 'react'
import { type Language, pointValues, type QuestionType, questionTypes } from '../../../../backend/src/types/kinds.ts'
import { most } from '../../../../backend/src/types/quiz.ts'
import { type DraftQuestion, withType } from './draft.ts'
import { SelectField, TextField } from './fields.tsx'
import { ImageForm } from './image-form.tsx'
import type { Missing } from './missing.ts'
import { OptionsForm } from './options-form.tsx'
import type { EditorTexts } from './texts.ts'

const usualSeconds = [5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240]

interface Props {
  question: DraftQuestion
  edit: (change: (question: DraftQuestion) => DraftQuestion) => void
  language: Language
  missing: Missing[]
  addImage: (image: Blob) => Promise<string>
  imageUrl: (id: string) => string
  t: EditorTexts
}

export function QuestionForm({ question, edit, language, missing, addImage, imageUrl, t }: Props) {
  const change = (changed: DraftQuestion) => edit(() => changed)
  const problem = (...codes: Missing['code'][]) => {
    const found = missing.find(({ code }) => codes.includes(code))
    return found && t.missing[found.code]
  }
  return (
    <div className="flex flex-col gap-5">
      <TypeChoice
        value={question.type}
        change={(type) => change(withType(question, type, language))}
        label={t.type}
        labels={t.types}
        hint={t.typeHints[question.type]}
      />
      <TextField
        label={t.text}
        rows={2}
        value={question.text}
        most={most.text}
        left={t.left}
        problem={problem('text', 'text_too_long')}
        change={(text) => change({ ...question, text })}
      />
      <OptionsForm {...{ question, change, missing, t }} />
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField
          label={t.seconds}
          problem={problem('seconds')}
          value={String(question.seconds)}
          choices={secondsChoices(question.seconds, t)}
          change={(value) => change({ ...question, seconds: value === 'null' ? null : Number(value) })}
        />
        {question.type !== 'poll' && (
          <SelectField
            label={t.points}
            value={String(question.points)}
            choices={pointValues.map((value) => ({ value: String(value), label: t.pointsOf[value] ?? '' }))}
            change={(value) => change({ ...question, points: pointValues.find((each) => String(each) === value) ?? 0 })}
          />
        )}
      </div>
      <ImageForm key={question.key} {...{ question, edit, missing, addImage, imageUrl, t }} />
      <TextField
        label={t.explanation}
        hint={t.explanationHint}
        rows={2}
        value={question.explanation}
        most={most.explanation}
        left={t.left}
        problem={problem('explanation_too_long')}
        change={(explanation) => change({ ...question, explanation })}
      />
    </div>
  )
}

/** The usual times, and the one that an imported question brought. */
function secondsChoices(seconds: number | null, t: EditorTexts) {
  const all = seconds === null || usualSeconds.includes(seconds) ? usualSeconds : [...usualSeconds, seconds]
  const choices = all
    .toSorted((one, other) => one - other)
    .map((each) => ({ value: String(each), label: t.secondsOf(each) }))
  return [...choices, { value: 'null', label: t.noLimit }]
}

interface TypeProps {
  value: QuestionType
  change: (type: QuestionType) => void
  label: string
  labels: Record<QuestionType, string>
  hint: string
}

function TypeChoice({ value, change, label, labels, hint }: TypeProps) {
  const name = useId()
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="mb-1 font-medium">{label}</legend>
      <div className="grid grid-cols-2 gap-2 sm:grid-cols-4">
        {questionTypes.map((type) => (
          <label
            key={type}
            className={`flex min-h-12 cursor-pointer items-center justify-center rounded-xl px-2 text-center font-medium ring-1 has-focus-visible:outline-3 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent ${type === value ? 'bg-violet-700 text-white ring-violet-700' : 'bg-page ring-line hover:ring-2'}`}
          >
            <input
              type="radio"
              className="sr-only"
              name={name}
              checked={type === value}
              onChange={() => change(type)}
            />
            {labels[type]}
          </label>
        ))}
      </div>
      <p className="text-sm text-soft">{hint}</p>
    </fieldset>
  )
}
