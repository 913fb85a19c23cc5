import { type ComponentProps, type ReactNode, useId } from 'react'

const box =
  'w-full rounded-xl bg-page px-3 py-2.5 ring-1 ring-line placeholder:text-soft aria-invalid:ring-2 aria-invalid:ring-bad'

interface FieldProps {
  label: string
  /** What is wrong with it; undefined: nothing. */
  problem?: string | undefined
  hint?: string | undefined
  /** Beside the label, such as how many characters are left. */
  aside?: ReactNode
}

interface TextProps extends FieldProps {
  value: string
  change: (value: string) => void
  /** Characters; more can be typed, and is said to be too much. */
  most: number
  left: (count: number) => string
  rows?: number
  placeholder?: string
  inputRef?: ComponentProps<'textarea'>['ref']
}

/** A text of one line or several. It takes more than it may hold: what is pasted must not be cut without a word. */
export function TextField({
  label,
  problem,
  hint,
  value,
  change,
  most,
  left,
  rows = 1,
  placeholder,
  inputRef,
}: TextProps) {
  const id = useId()
  const over = value.length > most * 0.8
  return (
    <div className="flex flex-col gap-1">
      <div className="flex items-baseline justify-between gap-3">
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
        {over && <span className="text-sm text-soft tabular-nums">{left(most - value.length)}</span>}
      </div>
      <textarea
        id={id}
        ref={inputRef}
        rows={rows}
        value={value}
        placeholder={placeholder}
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-hint`}
        onChange={({ target }) => change(rows === 1 ? target.value.replaceAll('\n', ' ') : target.value)}
        className={`${box} field-sizing-content resize-none`}
      />
      <FieldHint id={`${id}-hint`} problem={problem} hint={hint} />
    </div>
  )
}

interface SelectProps extends FieldProps {
  value: string
  choices: readonly { value: string; label: string }[]
  change: (value: string) => void
}

export function SelectField({ label, problem, hint, value, choices, change }: SelectProps) {
  const id = useId()
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      <select
        id={id}
        value={value}
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-hint`}
        onChange={({ target }) => change(target.value)}
        className={`${box} min-h-12 *:bg-page *:text-ink`}
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
      <FieldHint id={`${id}-hint`} problem={problem} hint={hint} />
    </div>
  )
}

function FieldHint({ id, problem, hint }: { id: string; problem: string | undefined; hint: string | undefined }) {
  return (
    <p id={id} className="text-sm empty:hidden">
      {problem === undefined ? (
        hint && <span className="text-soft">{hint}</span>
      ) : (
        <span className="text-bad">{problem}</span>
      )}
    </p>
  )
}

export { box as fieldLook }
