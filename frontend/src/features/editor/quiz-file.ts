import * as v from 'valibot'
import { type Quiz, quizSchema } from '../../../../backend/src/types/quiz.ts'

const fileFormat = 'live-quiz/1'

/** A quiz with its images, so that it can move to another system. */
const fileSchema = v.object({
  format: v.literal(fileFormat),
  quiz: quizSchema,
  /** `data:` URLs by the id that the quiz names them by. */
  images: v.record(v.string(), v.pipe(v.string(), v.regex(/^data:image\/(jpeg|png|webp);base64,[A-Za-z\d+/=]+$/))),
})

/** A file that holds no quiz; `place` is what in it is wrong, if it is almost one. */
export class QuizFileRefused extends Error {
  readonly place: string | undefined
  constructor(place?: string, cause?: unknown) {
    super(place ?? 'not a quiz', { cause })
    this.place = place
  }
}

/** The file's text. `readImage` gets an image's bytes from the server. */
export async function exportQuiz(quiz: Quiz, readImage: (id: string) => Promise<Blob>): Promise<string> {
  const images: Record<string, string> = {}
  for (const id of imagesOf(quiz)) images[id] = await dataUrlOf(await readImage(id))
  return JSON.stringify({ format: fileFormat, quiz, images }, null, 2)
}

/**
 * The quiz of a file, its images stored by `addImage`, which returns their ids there. A question whose image the file
 * does not hold comes without it, and is counted. Throws `QuizFileRefused`, or what `addImage` throws.
 */
export async function importQuiz(
  text: string,
  addImage: (image: Blob) => Promise<string>,
): Promise<{ quiz: Quiz; imagesMissing: number }> {
  const { quiz, images } = readQuizFile(text)
  const ids = new Map<string, string>()
  for (const id of imagesOf(quiz)) {
    const image = images[id]
    if (image !== undefined) ids.set(id, await addImage(blobOf(image)))
  }
  const questions = quiz.questions.map((question) => {
    const id = question.image && ids.get(question.image.id)
    return { ...question, image: question.image && id ? { ...question.image, id } : null }
  })
  const imagesMissing = quiz.questions.filter(({ image }) => image && !ids.has(image.id)).length
  return { quiz: { ...quiz, questions }, imagesMissing }
}

function readQuizFile(text: string): v.InferOutput<typeof fileSchema> {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch (error) {
    throw new QuizFileRefused(undefined, error)
  }
  const result = v.safeParse(fileSchema, content)
  if (result.success) return result.output
  const [issue] = result.issues
  const place = v.getDotPath(issue) ?? ''
  throw new QuizFileRefused(place.startsWith('quiz.') ? `${place.slice('quiz.'.length)}: ${issue.message}` : undefined)
}

function imagesOf(quiz: Quiz): Set<string> {
  return new Set(quiz.questions.flatMap(({ image }) => image?.id ?? []))
}

async function dataUrlOf(image: Blob): Promise<string> {
  let bytes = ''
  for (const byte of new Uint8Array(await image.arrayBuffer())) bytes += String.fromCodePoint(byte)
  return `data:${image.type};base64,${btoa(bytes)}`
}

function blobOf(dataUrl: string): Blob {
  const [, type = '', base64 = ''] = /^data:([^;]+);base64,(.*)$/.exec(dataUrl) ?? []
  try {
    return new Blob([Uint8Array.from(atob(base64), (each) => each.codePointAt(0) ?? 0)], { type })
  } catch (error) {
    throw new QuizFileRefused(undefined, error)
  }
}
