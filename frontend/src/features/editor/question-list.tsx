import { useState } from 'react'
import type { DraftQuestion } from './draft.ts'
import type { EditorTexts } from './texts.ts'

interface Props {
  questions: DraftQuestion[]
  open: string | undefined
  choose: (key: string) => void
  /** `to` counts from 0. */
  move: (key: string, to: number) => void
  /** Keys of questions in which something is missing. */
  incomplete: Set<string>
  t: EditorTexts
}

/** The questions in their order, which buttons change, or dragging. */
export function QuestionList({ questions, open, choose, move, incomplete, t }: Props) {
  const [dragged, setDragged] = useState<string>()
  const [moved, setMoved] = useState('')

  const place = (key: string, to: number) => {
    const from = questions.findIndex((each) => each.key === key)
    if (from === -1 || from === to || to < 0 || to >= questions.length) return
    move(key, to)
    setMoved(t.moved(from + 1, to + 1))
  }

  return (
    <>
      <ol className="flex flex-col gap-2">
        {questions.map((question, at) => (
          // by keyboard the buttons do the same
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
          <li
            key={question.key}
            draggable
            onDragStart={(event) => {
              event.dataTransfer.effectAllowed = 'move'
              // Firefox starts no drag without data
              event.dataTransfer.setData('text/plain', question.text)
              setDragged(question.key)
            }}
            onDragEnd={() => setDragged(undefined)}
            onDragOver={(event) => {
              if (dragged === undefined) return
              event.preventDefault()
              place(dragged, at)
            }}
            onDrop={(event) => event.preventDefault()}
            className={`flex cursor-grab items-stretch rounded-xl ring-1 ${question.key === open ? 'bg-accent/15 ring-2 ring-accent' : 'bg-panel ring-line/40'} ${question.key === dragged ? 'opacity-50' : ''}`}
          >
            <button
              type="button"
              aria-current={question.key === open ? 'true' : undefined}
              onClick={() => choose(question.key)}
              className="flex min-h-14 min-w-0 grow cursor-pointer items-center gap-3 rounded-xl px-3 text-left "
            >
              <span className="font-bold tabular-nums">{at + 1}</span>
              <span className="min-w-0 grow">
                <span className="line-clamp-2 text-sm leading-snug font-medium break-words">
                  {question.text.trim() || <i className="font-normal">{t.untitled}</i>}
                </span>
                <span className="block text-xs text-soft">
                  {t.types[question.type]}
                  {incomplete.has(question.key) && (
                    <span className="ml-2 font-semibold text-bad">● {t.incomplete}</span>
                  )}
                </span>
              </span>
            </button>
            <span className="flex flex-col justify-center pr-1">
              <MoveButton
                label={t.moveUp(at + 1)}
                disabled={at === 0}
                click={() => place(question.key, at - 1)}
                sign="▲"
              />
              <MoveButton
                label={t.moveDown(at + 1)}
                disabled={at === questions.length - 1}
                click={() => place(question.key, at + 1)}
                sign="▼"
              />
            </span>
          </li>
        ))}
      </ol>
      <output className="sr-only">{moved}</output>
    </>
  )
}

function MoveButton({
  label,
  disabled,
  click,
  sign,
}: {
  label: string
  disabled: boolean
  click: () => void
  sign: string
}) {
  return (
    <button
      type="button"
      aria-label={label}
      // stays focusable at the end of the list: who moves by keyboard does not lose their place
      aria-disabled={disabled}
      onClick={click}
      className="h-7 w-9 rounded-lg text-xs hover:bg-line/20 aria-disabled:opacity-30"
    >
      {sign}
    </button>
  )
}
