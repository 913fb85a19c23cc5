// @vitest-environment node
import { expect, test, vi } from 'vitest'
import type { Quiz } from '../../backend/src/types/quiz.ts'
import { exportQuiz, importQuiz } from '../src/features/editor/quiz-file.ts'

const map = 'a'.repeat(64)
const stored = 'b'.repeat(64)
const bytes = Uint8Array.from({ length: 256 }, (_, at) => at)

const lyon: Quiz['questions'][number] = {
  type: 'single',
  text: 'Where do Rhône and Saône meet?',
  options: ['Lyon', 'Paris'],
  right: [0],
  seconds: 20,
  points: 1_000,
  explanation: '',
  image: { id: map, alt: 'A map' },
}
const quiz: Quiz = { title: 'Rivers', language: 'en', questions: [lyon, { ...lyon, text: 'And again?' }] }

const readImage = () => Promise.resolve(new Blob([bytes], { type: 'image/webp' }))

test('a quiz comes back as it was, its image stored once under the id that it has there', async () => {
  const added: Blob[] = []
  const addImage = (image: Blob) => {
    added.push(image)
    return Promise.resolve(stored)
  }
  const { quiz: imported, imagesMissing } = await importQuiz(await exportQuiz(quiz, readImage), addImage)
  expect(imported).toEqual(JSON.parse(JSON.stringify(quiz).replaceAll(map, stored)))
  expect(imagesMissing).toBe(0)
  expect(added.map(({ type }) => type)).toEqual(['image/webp'])
  expect(new Uint8Array((await added[0]?.arrayBuffer()) ?? [])).toEqual(bytes)
})

test('a file without the image says so, and the question comes without it', async () => {
  const addImage = vi.fn<() => Promise<string>>()
  const file = JSON.stringify({ format: 'live-quiz/1', quiz, images: {} })
  expect(await importQuiz(file, addImage)).toEqual({
    quiz: { ...quiz, questions: quiz.questions.map((question) => ({ ...question, image: null })) },
    imagesMissing: 2,
  })
  expect(addImage).not.toHaveBeenCalled()
})

const changed = (changes: object) =>
  JSON.stringify({ format: 'live-quiz/1', quiz: { ...quiz, ...changes }, images: {} })
const refused: [name: string, file: string, place: string | undefined][] = [
  ['a photo', '\u0000PNG', undefined],
  ['other JSON', '[1]', undefined],
  ['the file of a later release', JSON.stringify({ format: 'live-quiz/2', quiz, images: {} }), undefined],
  [
    'a script as image',
    JSON.stringify({ format: 'live-quiz/1', quiz, images: { x: 'data:text/html;base64,AA==' } }),
    undefined,
  ],
  [
    'an image in broken base64',
    JSON.stringify({ format: 'live-quiz/1', quiz, images: { [map]: 'data:image/png;base64,A' } }),
    undefined,
  ],
  [
    'no right option',
    changed({ questions: [{ ...lyon, right: [] }] }),
    'questions.0.right: not exactly one right option',
  ],
  ['a field too many', changed({ extra: 1 }), 'extra: Invalid key: Expected never but received "extra"'],
]
for (const [name, file, place] of refused) {
  test(`${name} is no quiz`, async () => {
    const addImage = vi.fn<() => Promise<string>>()
    await expect(importQuiz(file, addImage)).rejects.toMatchObject({ name: 'Error', place })
    expect(addImage).not.toHaveBeenCalled()
  })
}
