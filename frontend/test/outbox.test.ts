// @vitest-environment node
import { expect, test } from 'vitest'
import { openOutbox } from '../src/lib/outbox.ts'

const answer = { id: 'a1', question: 0, choices: [1], at: 1_800_000_000_000 }

function storage({ isFull = false } = {}) {
  const kept = new Map<string, string>()
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => {
      if (isFull) throw new DOMException('full', 'QuotaExceededError')
      kept.set(key, value)
    },
    removeItem: (key: string) => kept.delete(key),
  }
}

test('an answer waits until it is settled, also over a reload', () => {
  const store = storage()
  expect(openOutbox('secret', store).add(answer)).toBe(true)
  const reloaded = openOutbox('secret', store)
  expect(reloaded.waiting()).toEqual([answer])
  expect(reloaded.settle('a1')).toEqual(answer)
  expect(reloaded.waiting()).toEqual([])
  expect(store.kept.size).toBe(0)
})

test('two tabs share it', () => {
  const store = storage()
  const [one, other] = [openOutbox('secret', store), openOutbox('secret', store)]
  one.add(answer)
  other.add({ ...answer, id: 'a2' })
  one.settle('a1')
  expect(other.waiting().map(({ id }) => id)).toEqual(['a2'])
})

test('players do not share it', () => {
  const store = storage()
  openOutbox('secret', store).add(answer)
  expect(openOutbox('another', store).waiting()).toEqual([])
})

test('a storage that is full or forbidden loses nothing while the page is open', () => {
  const outbox = openOutbox('secret', storage({ isFull: true }))
  expect(outbox.add(answer)).toBe(false)
  expect(outbox.waiting()).toEqual([answer])
  expect(outbox.settle('a1')).toEqual(answer)
  expect(outbox.waiting()).toEqual([])
})

test.each(['not JSON', '{}', '[{"id":1}]'])('what another release kept is dropped: %s', (kept) => {
  const store = storage()
  store.kept.set('live-quiz:answers:secret', kept)
  expect(openOutbox('secret', store).waiting()).toEqual([])
})
