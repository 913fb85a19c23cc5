import { beforeEach, expect, test } from 'vitest'
import {
  dropUnsavedWork,
  keepUnsavedWork,
  readUnsavedWork,
  unsavedNewQuizzes,
} from '../src/features/editor/unsaved-work.ts'

const isText = (value: unknown) => typeof value === 'string'
const work = { base: 3, quiz: 'a quiz', at: 1_000 }

beforeEach(() => localStorage.clear())

test('unsaved work is there again after a reload, for its quiz only', () => {
  expect(keepUnsavedWork('q1', work)).toBe(true)
  expect(readUnsavedWork('q1', isText)).toEqual(work)
  expect(readUnsavedWork('q2', isText)).toBeUndefined()
})

test('saved work is dropped', () => {
  keepUnsavedWork('q1', work)
  dropUnsavedWork('q1', work.at)
  expect(readUnsavedWork('q1', isText)).toBeUndefined()
})

test('work that another tab has kept since stays', () => {
  keepUnsavedWork('q1', { ...work, at: 1_001 })
  dropUnsavedWork('q1', work.at)
  expect(readUnsavedWork('q1', isText)?.at).toBe(1_001)
})

test('what another release kept and this one does not understand is not shown', () => {
  keepUnsavedWork('q1', { ...work, quiz: { other: 'shape' } })
  expect(readUnsavedWork('q1', isText)).toBeUndefined()
})

test('a full browser says so, has the work while the page is open, and asks before it is closed', () => {
  const closingAsks = () => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }))
  const full = {
    getItem: () => null,
    removeItem: () => {},
    setItem: () => {
      throw new DOMException('quota', 'QuotaExceededError')
    },
  }
  expect(keepUnsavedWork('new', work, full)).toBe(false)
  expect(readUnsavedWork('new', isText, full)).toEqual(work)
  expect(unsavedNewQuizzes(full)).toEqual([{ place: 'new', title: '' }])
  expect(closingAsks()).toBe(true)
  dropUnsavedWork('new', work.at, full)
  expect(readUnsavedWork('new', isText, full)).toBeUndefined()
  expect(closingAsks()).toBe(false)
})
