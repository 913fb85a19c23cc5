import { useCallback, useRef, useState } from 'react'
import { Button } from '../../components/button.tsx'
import type { AdminApi, QuizEntry } from '../../lib/admin-api.ts'
import { request, RequestFailed } from '../../lib/request.ts'
import { saveFile } from '../../lib/results.ts'
import { randomSecret } from '../../lib/secret.ts'
import { exportQuiz, importQuiz, QuizFileRefused } from '../editor/quiz-file.ts'
import { unsavedNewQuizzes } from '../editor/unsaved-work.ts'
import { ListCard, Row } from './list-card.tsx'
import type { AdminTexts } from './texts.ts'
import { useLoaded, useReloadOnReturn } from './use-loaded.ts'

interface Props {
  api: AdminApi
  imageUrl: (id: string) => string
  /** Opens the editor of a quiz, or of a new one at its place; undefined: of another new one. */
  edit: (id: string | undefined) => void
  start: (quiz: QuizEntry) => void
  t: AdminTexts
}

export function QuizzesCard({ api, imageUrl, edit, start, t }: Props) {
  const list = useLoaded(useCallback((signal: AbortSignal) => api.listQuizzes(signal), [api]))
  useReloadOnReturn(list.reload)
  const [news, setNews] = useState<string>()
  const file = useRef<HTMLInputElement>(null)
  /** The ids of copies whose answer did not come yet. */
  const [copies] = useState(() => new Map<string, string>())
  const words = t.quizzes

  const act = async (action: () => Promise<string | void>) => {
    setNews(undefined)
    try {
      setNews((await action()) ?? undefined)
    } catch (error) {
      setNews(problemText(error, t))
    }
    list.reload()
  }

  const takeFile = async (chosen: File) => {
    const { quiz, imagesMissing } = await importQuiz(await chosen.text(), api.addImage)
    await api.addQuiz(quiz, randomSecret())
    if (imagesMissing > 0) return words.imagesMissing(imagesMissing)
  }

  const copy = async ({ id }: QuizEntry) => {
    const key = copies.get(id) ?? randomSecret()
    copies.set(id, key)
    await api.copyQuiz(id, key)
    copies.delete(id)
  }

  const giveFile = async ({ id, title }: QuizEntry) => {
    const { quiz } = await api.readQuiz(id)
    const text = await exportQuiz(quiz, (image) => request(imageUrl(image), {}))
    saveFile(`${title}.quiz.json`, new Blob([text], { type: 'application/json' }))
  }

  const remove = async ({ id, title, version }: QuizEntry) => {
    if (window.confirm(words.removeSure(title))) await api.removeQuiz(id, version)
  }

  return (
    <ListCard
      title={words.title}
      none={words.none}
      list={list}
      news={news}
      t={t}
      actions={
        <>
          <Button onClick={() => file.current?.click()}>{words.import}</Button>
          <input
            ref={file}
            type="file"
            hidden
            accept="application/json,.json"
            aria-label={words.import}
            onChange={({ target }) => {
              const [chosen] = target.files ?? []
              if (chosen) void act(() => takeFile(chosen))
              target.value = ''
            }}
          />
          {unsavedNewQuizzes().map(({ place, title }) => (
            <Button key={place} onClick={() => edit(place)}>
              {title === '' ? words.unfinished : `${words.unfinished}: ${title}`}
            </Button>
          ))}
          <Button look="primary" onClick={() => edit(undefined)}>
            + {words.create}
          </Button>
        </>
      }
    >
      {list.value?.map((quiz) => (
        <Row
          key={quiz.id}
          title={quiz.title}
          details={`${words.questions(quiz.questions)}, ${words.changedAt(new Date(quiz.changedAt).toLocaleString())}`}
        >
          <Button look="primary" onClick={() => start(quiz)}>
            {words.start}
          </Button>
          <Button onClick={() => edit(quiz.id)}>{words.edit}</Button>
          <Button onClick={() => void act(() => copy(quiz))}>{words.copy}</Button>
          <Button onClick={() => void act(() => giveFile(quiz))}>{words.export}</Button>
          <Button onClick={() => void act(() => remove(quiz))}>{words.remove}</Button>
        </Row>
      ))}
    </ListCard>
  )
}

function problemText(error: unknown, { quizzes, failed }: AdminTexts): string {
  if (error instanceof QuizFileRefused) {
    return error.place === undefined ? quizzes.noQuiz : quizzes.wrongQuiz(error.place)
  }
  if (error instanceof RequestFailed && error.status === 412) return quizzes.changed
  return failed(error)
}
