import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { Quiz } from '../../backend/src/types/quiz.ts'
import { createEditorSession } from '../src/features/editor/editor-session.ts'
import type { StoredQuiz } from '../src/lib/admin-api.ts'
import { RequestFailed } from '../src/lib/request.ts'

const question: Quiz['questions'][number] = {
  type: 'single',
  text: 'Where?',
  options: ['Lyon', 'Paris'],
  right: [0],
  seconds: 20,
  points: 1_000,
  explanation: '',
  image: null,
}
const quiz: Quiz = { title: 'Rivers', language: 'en', questions: [question] }
const newId = 'AAAAAAAAAAAAAAAAAAAAAA'
const empty: Quiz = { title: '', language: 'en', questions: [] }

/** A server with one quiz, as HTTP has it: who saves over another version than they saw is refused with 412. */
function server(title = 'Rivers', version = 3) {
  const quizzes = new Map([['q1', { quiz: { ...quiz, title }, version }]])
  const entry = (id: string): StoredQuiz => {
    const found = quizzes.get(id)
    if (!found) throw new RequestFailed(404, 'no_such_quiz', 'there is no such quiz')
    return { id, title: found.quiz.title, questions: found.quiz.questions.length, changedAt: 0, ...found }
  }
  const api = {
    readQuiz: (id: string) => Promise.resolve().then(() => entry(id)),
    addQuiz: async (added: Quiz, id: string) => {
      if (quizzes.has(id)) throw new RequestFailed(412, 'changed', 'someone else has')
      quizzes.set(id, { quiz: added, version: 1 })
      return await Promise.resolve(entry(id))
    },
    changeQuiz: async (id: string, changed: Quiz, seen: number) => {
      if ((await api.readQuiz(id)).version !== seen) throw new RequestFailed(412, 'changed', 'someone else has')
      quizzes.set(id, { quiz: changed, version: seen + 1 })
      return entry(id)
    },
  }
  let keys = 0
  const newKey = () => `k${(keys += 1)}`
  const open = () => createEditorSession({ api, place: 'q1', stored: entry('q1'), empty, newKey })
  const openNew = (place = `new-${newId}`) => createEditorSession({ api, place, stored: undefined, empty, newKey })
  const titled = (session: ReturnType<typeof open>, to: string) =>
    session.change({ ...session.state().draft, title: to })
  return { api, quizzes, open, openNew, titled }
}

beforeEach(() => localStorage.clear())

test('what one tab saves or discards is not the work of another tab', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const { open, openNew, titled } = server()
  for (const [begin, restored] of [
    [open, open],
    [openNew, openNew],
  ] as const) {
    const [one, other] = [begin(), begin()]
    titled(one, 'Lakes')
    vi.advanceTimersByTime(1_000)
    titled(other, 'Seas')
    one.discard()
    expect(restored().state().draft.title).toBe('Seas')
    titled(one, 'Lakes')
    vi.advanceTimersByTime(1_000)
    titled(other, 'Oceans')
    await one.save()
    expect(restored().state().draft.title).toBe('Oceans')
    other.discard()
    expect(restored().state().restored).toBe(false)
  }
  vi.useRealTimers()
})

test('each new quiz has a place of its own', () => {
  const { openNew, titled } = server()
  titled(openNew('new-00000001'), 'Lakes')
  titled(openNew('new-00000002'), 'Seas')
  expect(openNew('new-00000001').state().draft.title).toBe('Lakes')
  expect(openNew('new-00000003').state()).toMatchObject({ restored: false, draft: { title: '' } })
})

describe('saving', () => {
  test('sends the quiz over the version that was seen, again and again', async () => {
    const { quizzes, open, titled } = server()
    const session = open()
    titled(session, 'Lakes')
    expect(session.state()).toMatchObject({ unsaved: true })
    await session.save()
    expect(session.state()).toMatchObject({ unsaved: false, saving: false, problem: undefined })
    titled(session, 'Seas')
    await session.save()
    expect(quizzes.get('q1')).toMatchObject({ version: 5, quiz: { title: 'Seas' } })
  })

  test('a new quiz gets its id', async () => {
    const { quizzes, openNew } = server()
    const session = openNew()
    session.change({ ...session.state().draft, title: 'New' })
    await session.save()
    expect(session.state().id).toBe(newId)
    await session.save()
    expect(quizzes.get(newId)).toMatchObject({ version: 2, quiz: { title: 'New' } })
  })

  test('what is typed while it saves stays unsaved', async () => {
    const { open, titled } = server()
    const session = open()
    titled(session, 'Lakes')
    const saving = session.save()
    titled(session, 'Seas')
    await saving
    expect(session.state()).toMatchObject({ unsaved: true, draft: { title: 'Seas' } })
    await session.save()
    expect(session.state()).toMatchObject({ unsaved: false, problem: undefined })
  })

  test('a second click does not save twice', async () => {
    const { api, open, titled } = server()
    const changeQuiz = vi.spyOn(api, 'changeQuiz')
    const session = open()
    titled(session, 'Lakes')
    await Promise.all([session.save(), session.save()])
    expect(changeQuiz).toHaveBeenCalledOnce()
  })

  test('without a network the work stays, and can be saved later', async () => {
    const { api, open, titled } = server()
    const session = open()
    titled(session, 'Lakes')
    vi.spyOn(api, 'changeQuiz').mockRejectedValueOnce(new RequestFailed(0, 'unreachable', 'no network'))
    await session.save()
    expect(session.state()).toMatchObject({ unsaved: true, saving: false, problem: { code: 'failed' } })
    await session.save()
    expect(session.state()).toMatchObject({ unsaved: false, problem: undefined })
  })
})

describe('unsaved work', () => {
  test('is there again after a reload, and gone when it is saved', async () => {
    const { open, titled } = server()
    titled(open(), 'Lakes')
    const again = open()
    expect(again.state()).toMatchObject({
      unsaved: true,
      restored: true,
      draft: { title: 'Lakes' },
      problem: undefined,
    })
    await again.save()
    expect(open().state()).toMatchObject({ unsaved: false, restored: false, draft: { title: 'Lakes' } })
  })

  test('however incomplete it is', () => {
    const { openNew } = server()
    const session = openNew()
    const half = { ...question, key: 'k', text: '', options: ['', ''], right: [] }
    session.change({ ...session.state().draft, questions: [half] })
    expect(openNew().state()).toMatchObject({ restored: true, draft: { questions: [{ text: '', right: [] }] } })
  })

  test('can be discarded, back to what was saved last', async () => {
    const { open, titled } = server()
    const session = open()
    titled(session, 'Lakes')
    await session.save()
    titled(session, 'Seas')
    session.discard()
    expect(session.state()).toMatchObject({ unsaved: false, draft: { title: 'Lakes' } })
    expect(open().state().restored).toBe(false)
  })

  test('a browser that is full says so, again after an expired sign-in', () => {
    const { open, titled } = server()
    const session = open()
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('quota', 'QuotaExceededError')
    })
    titled(session, 'Lakes')
    expect(session.state()).toMatchObject({ keepsWork: false, unsaved: true, draft: { title: 'Lakes' } })
    expect(open().state()).toMatchObject({ keepsWork: false, restored: true, draft: { title: 'Lakes' } })
    session.discard()
    expect(open().state()).toMatchObject({ unsaved: false, draft: { title: 'Rivers' } })
  })
})

describe('a save whose answer was lost', () => {
  async function lost() {
    const all = server()
    const session = all.open()
    all.titled(session, 'Lakes')
    const { changeQuiz } = all.api
    vi.spyOn(all.api, 'changeQuiz').mockImplementationOnce(async (...saved) => {
      await changeQuiz(...saved)
      throw new RequestFailed(0, 'unreachable', 'the server cannot be reached')
    })
    await session.save()
    expect(session.state()).toMatchObject({ unsaved: true, problem: { code: 'failed' } })
    return { ...all, session }
  }

  test('counts when it is repeated', async () => {
    const { quizzes, session } = await lost()
    await session.save()
    expect(session.state()).toMatchObject({ unsaved: false, saving: false, problem: undefined })
    expect(quizzes.get('q1')).toMatchObject({ version: 4, quiz: { title: 'Lakes' } })
  })

  test('does not keep what was typed since from being saved', async () => {
    const { quizzes, session, titled } = await lost()
    titled(session, 'Seas')
    await session.save()
    expect(session.state()).toMatchObject({ unsaved: false, saving: false, problem: undefined })
    expect(quizzes.get('q1')).toMatchObject({ version: 5, quiz: { title: 'Seas' } })
  })

  test('counts after a reload, and its work is not kept any longer', async () => {
    const { open } = await lost()
    expect(open().state()).toMatchObject({ unsaved: false, problem: undefined, draft: { title: 'Lakes' } })
    expect(localStorage).toHaveLength(0)
  })
})

describe('a first save whose answer was lost', () => {
  async function lost() {
    const all = server()
    const session = all.openNew()
    all.titled(session, 'Lakes')
    const { addQuiz } = all.api
    vi.spyOn(all.api, 'addQuiz').mockImplementationOnce(async (...added) => {
      await addQuiz(...added)
      throw new RequestFailed(0, 'unreachable', 'the server cannot be reached')
    })
    await session.save()
    expect(session.state()).toMatchObject({ id: undefined, unsaved: true, problem: { code: 'failed' } })
    return { ...all, session, stored: () => [...all.quizzes].slice(1) }
  }

  test('counts when it is repeated, and the quiz is not stored twice', async () => {
    const { session, stored } = await lost()
    await session.save()
    expect(session.state()).toMatchObject({ id: newId, unsaved: false, problem: undefined })
    expect(stored()).toMatchObject([[newId, { version: 1, quiz: { title: 'Lakes' } }]])
    expect(localStorage).toHaveLength(0)
  })

  test('also after a reload', async () => {
    const { openNew, stored } = await lost()
    const again = openNew()
    await again.save()
    expect(again.state()).toMatchObject({ id: newId, unsaved: false, problem: undefined })
    expect(stored()).toHaveLength(1)
  })

  test('does not keep what was typed since from being saved over it', async () => {
    const { session, stored, titled } = await lost()
    titled(session, 'Seas')
    await session.save()
    expect(session.state()).toMatchObject({ id: newId, unsaved: false, problem: undefined })
    expect(stored()).toMatchObject([[newId, { version: 2, quiz: { title: 'Seas' } }]])
  })

  /** What they saved first is not known to be theirs. */
  async function typedAfterReload() {
    const all = await lost()
    const again = all.openNew()
    all.titled(again, 'Seas')
    await again.save()
    expect(again.state()).toMatchObject({ unsaved: true, problem: { code: 'changed', theirs: { title: 'Lakes' } } })
    return { ...all, again }
  }

  test('and what was typed after a reload can be saved over it', async () => {
    const { again, stored } = await typedAfterReload()
    await again.keepMine()
    expect(again.state()).toMatchObject({ id: newId, unsaved: false, problem: undefined })
    expect(stored()).toMatchObject([[newId, { version: 2, quiz: { title: 'Seas' } }]])
  })

  test('or be discarded, and then it is edited', async () => {
    const { again, stored, titled } = await typedAfterReload()
    again.takeTheirs()
    expect(again.state()).toMatchObject({ id: newId, unsaved: false, draft: { title: 'Lakes' } })
    titled(again, 'Oceans')
    await again.save()
    expect(stored()).toMatchObject([[newId, { version: 2, quiz: { title: 'Oceans' } }]])
  })

  test('or be saved beside it, once', async () => {
    const { again, stored } = await typedAfterReload()
    await again.saveAsNew()
    expect(again.state()).toMatchObject({ unsaved: false, problem: undefined })
    expect(stored()).toMatchObject([
      [newId, { version: 1, quiz: { title: 'Lakes' } }],
      [again.state().id, { version: 1, quiz: { title: 'Seas' } }],
    ])
  })
})

describe('two editors', () => {
  /** One opens the quiz, another saves it, the first tries to save. */
  async function second() {
    const all = server()
    const mine = all.open()
    all.titled(mine, 'Mine')
    await all.api.changeQuiz('q1', { ...quiz, title: 'Theirs' }, 3)
    await mine.save()
    return { ...all, mine }
  }

  test('the second is told, nothing is overwritten, and their work stays', async () => {
    const { mine, quizzes } = await second()
    expect(quizzes.get('q1')).toMatchObject({ version: 4, quiz: { title: 'Theirs' } })
    const expected = {
      unsaved: true,
      draft: { title: 'Mine' },
      problem: { code: 'changed', theirs: { title: 'Theirs' } },
    }
    expect(mine.state()).toMatchObject(expected)
  })

  test('and after a reload is told before they save', async () => {
    const { open } = await second()
    expect(open().state()).toMatchObject({ draft: { title: 'Mine' }, problem: { code: 'changed' } })
  })

  test('and an ordinary save is still refused then, whatever was typed and reloaded since', async () => {
    const { open, quizzes, titled } = await second()
    titled(open(), 'Mine, too')
    const again = open()
    expect(again.state()).toMatchObject({ problem: { code: 'changed' } })
    await again.save()
    expect(again.state()).toMatchObject({ draft: { title: 'Mine, too' }, problem: { code: 'changed' } })
    expect(quizzes.get('q1')).toMatchObject({ version: 4, quiz: { title: 'Theirs' } })
    await again.keepMine()
    expect(quizzes.get('q1')).toMatchObject({ version: 5, quiz: { title: 'Mine, too' } })
  })

  test('or they discard theirs after a reload, and continue', async () => {
    const { open, quizzes, titled } = await second()
    const again = open()
    again.discard()
    titled(again, 'Both')
    await again.save()
    expect(quizzes.get('q1')).toMatchObject({ version: 5, quiz: { title: 'Both' } })
  })

  test('they may save over it', async () => {
    const { mine, quizzes } = await second()
    await mine.keepMine()
    expect(quizzes.get('q1')).toMatchObject({ version: 5, quiz: { title: 'Mine' } })
    expect(mine.state()).toMatchObject({ unsaved: false, problem: undefined })
  })

  test('they may continue with it', async () => {
    const { mine, titled, quizzes } = await second()
    mine.takeTheirs()
    expect(mine.state()).toMatchObject({ unsaved: false, draft: { title: 'Theirs' }, problem: undefined })
    titled(mine, 'Both')
    await mine.save()
    expect(quizzes.get('q1')).toMatchObject({ version: 5, quiz: { title: 'Both' } })
  })

  test('they may keep both', async () => {
    const { mine, quizzes, open } = await second()
    await mine.saveAsNew()
    expect(quizzes.get('q1')).toMatchObject({ quiz: { title: 'Theirs' } })
    const [, added] = quizzes.keys()
    expect(quizzes.get(added ?? '')).toMatchObject({ quiz: { title: 'Mine' } })
    expect(mine.state()).toMatchObject({ id: added, unsaved: false, problem: undefined })
    expect(open().state().restored).toBe(false)
  })

  test('they may keep both, and a new quiz that is not finished stays in this browser', async () => {
    const { mine, openNew, titled } = await second()
    titled(openNew(), 'Not finished')
    await mine.saveAsNew()
    expect(openNew().state()).toMatchObject({ restored: true, draft: { title: 'Not finished' } })
  })

  test('a new quiz that could not be saved stays their work on the old one', async () => {
    const { api, mine, open, openNew } = await second()
    api.addQuiz = () => Promise.reject(new RequestFailed(503, 'unavailable', 'the database does not answer'))
    await mine.saveAsNew()
    expect(mine.state()).toMatchObject({ unsaved: true, problem: { code: 'failed' } })
    expect(open().state()).toMatchObject({ draft: { title: 'Mine' }, problem: { code: 'changed' } })
    expect(openNew().state().restored).toBe(false)
  })

  test('a quiz that was deleted can be saved as a new one', async () => {
    const { open, titled, quizzes } = server()
    const session = open()
    titled(session, 'Lakes')
    quizzes.clear()
    await session.save()
    expect(session.state()).toMatchObject({ unsaved: true, problem: { code: 'gone' } })
    await session.saveAsNew()
    expect([...quizzes.values()]).toMatchObject([{ quiz: { title: 'Lakes' } }])
  })

  test('and that is said after every reload until it is', async () => {
    const { open, openNew, titled, quizzes } = server()
    titled(open(), 'Lakes')
    quizzes.clear()
    titled(openNew('q1'), 'Seas')
    const again = openNew('q1')
    expect(again.state()).toMatchObject({ unsaved: true, draft: { title: 'Seas' }, problem: { code: 'gone' } })
    await again.saveAsNew()
    expect([...quizzes.values()]).toMatchObject([{ version: 1, quiz: { title: 'Seas' } }])
    expect(localStorage).toHaveLength(0)
  })
})
