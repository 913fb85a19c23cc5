import { act, cleanup, configure, fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { QuizPage } from '../src/features/admin/quiz-page.tsx'
import { editorTexts } from '../src/features/editor/texts.ts'
import { rivers, secret, serveApi } from './fake-api.ts'

// the machine may be busy with other suites
configure({ asyncUtilTimeout: 10_000 })

const texts = editorTexts.en
const newId = 'AAAAAAAAAAAAAAAAAAAAAA'
const savedAsNew = /^\/admin\/quiz\/[\w-]{22}$/

const navigate = vi.fn<(path: string, options?: { replace: boolean }) => void>()

function open(id = 'q0') {
  render(<QuizPage apiUrl="/api" id={id} language="en" navigate={navigate} />)
}

/** The stored quiz, when the page also listens: React does that a turn after it has painted. */
async function openStored() {
  open()
  await screen.findByDisplayValue('Rivers')
  await act(() => new Promise((resolve) => void setTimeout(resolve)))
}

const field = (name: string | RegExp) => screen.getByLabelText(name)
const type = (name: string | RegExp, value: string) => fireEvent.change(field(name), { target: { value } })
const click = (name: string | RegExp) => fireEvent.click(screen.getByRole('button', { name }))
const saveButton = () => screen.getByRole<HTMLButtonElement>('button', { name: 'Save' })
const canSave = () => saveButton().getAttribute('aria-disabled') === 'false'
/** The texts of the list of questions. */
const order = () =>
  within(screen.getByRole('region', { name: /^Questions/ }))
    .getAllByRole('listitem')
    .map((item) => item.querySelector('.line-clamp-2')?.textContent)

let server: ReturnType<typeof serveApi>

beforeEach(() => {
  localStorage.clear()
  sessionStorage.setItem('live-quiz:admin-secret', secret)
  server = serveApi()
  server.quizzes.set('q0', { quiz: rivers, version: 3 })
  vi.spyOn(window, 'confirm').mockReturnValue(true)
})

afterEach(() => {
  cleanup()
  navigate.mockReset()
})

test('the choices of a list can be read in the dark, too', async () => {
  await openStored()
  for (const list of screen.getAllByRole('combobox')) expect(list.className).toContain('*:bg-page *:text-ink')
})

describe('a new quiz', () => {
  test('says what is missing until it can be saved, and then has an address', async () => {
    open(`new-${newId}`)
    expect(screen.getByText('The quiz has no title.')).toBeTruthy()
    expect(canSave()).toBe(false)
    fireEvent.click(saveButton())
    expect(server.asked).toEqual([])
    type('Title of the quiz', 'Lakes')
    click('+ Add a question')
    fireEvent.click(field('True or false'))
    expect(screen.getByText('Nothing is marked as right.')).toBeTruthy()
    type('Question', 'Lake Constance has three countries.')
    fireEvent.click(field('A is right'))
    expect(canSave()).toBe(true)
    fireEvent.click(saveButton())
    await waitFor(() => expect(navigate).toHaveBeenCalledWith(`/admin/quiz/${newId}`, { replace: true }))
    expect(server.quizzes.get(newId)?.quiz).toEqual({
      title: 'Lakes',
      language: 'en',
      questions: [
        {
          type: 'boolean',
          text: 'Lake Constance has three countries.',
          options: ['True', 'False'],
          right: [0],
          seconds: 20,
          points: 1_000,
          explanation: '',
          image: null,
        },
      ],
    })
  })

  test('that was saved is there again after signing out and in', async () => {
    const page = (id: string) => <QuizPage apiUrl="/api" id={id} language="en" navigate={navigate} />
    const { rerender } = render(page(`new-${newId}`))
    type('Title of the quiz', 'Lakes')
    click('+ Add a question')
    fireEvent.click(field('True or false'))
    type('Question', 'Lake Constance has three countries.')
    fireEvent.click(field('A is right'))
    fireEvent.click(saveButton())
    await waitFor(() => expect(navigate).toHaveBeenCalledOnce())
    rerender(page(newId))
    click('Sign out')
    fireEvent.change(await screen.findByLabelText('Admin secret'), { target: { value: secret } })
    click('Sign in')
    expect(await screen.findByDisplayValue('Lakes')).toBeTruthy()
  })

  test('is there again after a reload, however little of it there is', () => {
    open('new')
    type('Title of the quiz', 'La')
    cleanup()
    open('new')
    expect((field('Title of the quiz') as HTMLTextAreaElement).value).toBe('La')
    expect(screen.getByText(/Your unsaved work from last time is back/)).toBeTruthy()
  })
})

describe('a stored quiz', () => {
  test('is changed over the version that was seen', async () => {
    await openStored()
    expect(canSave()).toBe(false)
    type('Title of the quiz', 'Streams')
    fireEvent.click(saveButton())
    expect(await screen.findByText('All is saved.')).toBeTruthy()
    // nor `disabled`: that takes the focus away
    expect([canSave(), saveButton().disabled]).toEqual([false, false])
    expect(server.quizzes.get('q0')).toMatchObject({ version: 4, quiz: { title: 'Streams' } })
  })

  test('Ctrl-S saves', async () => {
    await openStored()
    type('Title of the quiz', 'Streams')
    fireEvent.keyDown(window, { key: 's', ctrlKey: true })
    await waitFor(() => expect(server.quizzes.get('q0')?.version).toBe(4))
  })

  test('its questions are moved by buttons, and that is said', async () => {
    await openStored()
    click('Move question 1 down')
    expect(order()).toEqual(['The Danube flows through ten countries.', 'Where do the Rhône and the Saône meet?'])
    expect(screen.getByText('Question 1 is number 2 now.')).toBeTruthy()
    click('Move question 1 up')
    expect(order()[0]).toBe('The Danube flows through ten countries.')
  })

  test('and by dragging', async () => {
    await openStored()
    const [first = document.body, second = document.body] = within(
      screen.getByRole('region', { name: /^Questions/ }),
    ).getAllByRole('listitem')
    fireEvent.dragStart(first, { dataTransfer: { setData: () => {} } })
    fireEvent.dragOver(second)
    expect(order()[1]).toBe('Where do the Rhône and the Saône meet?')
  })

  test('a question is copied and deleted', async () => {
    await openStored()
    click('Copy')
    expect(order()).toHaveLength(3)
    click('Delete')
    expect(order()).toHaveLength(2)
  })

  test('"show it" opens the question that is incomplete', async () => {
    await openStored()
    click(/^2/)
    type('Question', '')
    click(/^1/)
    expect(screen.getByText('Question 1 of 2')).toBeTruthy()
    click('Show it')
    expect(screen.getByText('Question 2 of 2')).toBeTruthy()
    expect(screen.getByText('The question has no text.')).toBeTruthy()
  })

  test('an option says what is wrong with it', async () => {
    await openStored()
    type('Option A', '')
    const { id } = screen.getByText('This option is empty. Fill it in or delete it.')
    expect(field('Option A').getAttribute('aria-describedby')).toBe(id)
  })

  test('the preview follows what is typed', async () => {
    await openStored()
    type('Option A', 'Avignon')
    const preview = within(screen.getByRole('region', { name: 'On a phone' }))
    expect(preview.getByText(/^A\s+Avignon$/)).toBeTruthy()
  })

  test('HTML in a text is text', async () => {
    await openStored()
    type('Question', '<img src=x onerror=alert(1)>')
    const preview = within(screen.getByRole('region', { name: 'On a phone' }))
    expect(preview.getByText('<img src=x onerror=alert(1)>')).toBeTruthy()
    expect(preview.queryByRole('img')).toBeNull()
  })

  test('an image that is being stored leaves the focus where it is, and another one is not taken meanwhile', async () => {
    const openImage = vi.fn<() => Promise<never>>(() => new Promise(() => {}))
    vi.stubGlobal('createImageBitmap', openImage)
    await openStored()
    const input = field(/^Image/) as HTMLInputElement
    input.focus()
    for (const name of ['one.png', 'two.png']) fireEvent.change(input, { target: { files: [new File(['x'], name)] } })
    expect(screen.getByText(texts.imageBusy)).toBeTruthy()
    expect([input.disabled, input.getAttribute('aria-disabled')]).toEqual([false, 'true'])
    expect(openImage).toHaveBeenCalledOnce()
    // the click would open the dialog that chooses a file
    expect(fireEvent.click(input)).toBe(false)
  })

  test('leaving with unsaved work asks first', async () => {
    await openStored()
    const leave = () => {
      const event = new Event('beforeunload', { cancelable: true })
      window.dispatchEvent(event)
      return event.defaultPrevented
    }
    expect(leave()).toBe(false)
    type('Title of the quiz', 'Streams')
    expect(leave()).toBe(true)
  })

  test('the second of two editors is told, and may keep both', async () => {
    await openStored()
    type('Title of the quiz', 'Mine')
    server.quizzes.set('q0', { quiz: { ...rivers, title: 'Theirs' }, version: 4 })
    fireEvent.click(saveButton())
    const alert = await screen.findByRole('alert')
    expect(alert.textContent).toContain('Someone else saved this quiz (“Theirs”')
    expect(server.quizzes.get('q0')?.quiz.title).toBe('Theirs')
    click('Keep both: save mine as a new quiz')
    await waitFor(() => expect(navigate).toHaveBeenCalledWith(expect.stringMatching(savedAsNew), { replace: true }))
    expect([...server.quizzes.values()].map(({ quiz }) => quiz.title)).toEqual(['Theirs', 'Mine'])
  })

  test('an expired sign-in loses nothing', async () => {
    await openStored()
    type('Title of the quiz', 'Streams')
    const { fetch } = globalThis
    vi.stubGlobal('fetch', () =>
      Promise.resolve(Response.json({ error: { code: 'unauthorized', message: 'wrong' } }, { status: 401 })),
    )
    fireEvent.click(saveButton())
    const secretField = await screen.findByLabelText('Admin secret')
    vi.stubGlobal('fetch', fetch)
    fireEvent.change(secretField, { target: { value: secret } })
    click('Sign in')
    expect(await screen.findByDisplayValue('Streams')).toBeTruthy()
  })

  test('what this browser cannot keep is there again after signing out and in', async () => {
    await openStored()
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('quota', 'QuotaExceededError')
    })
    type('Title of the quiz', 'Streams')
    click('Sign out')
    fireEvent.change(await screen.findByLabelText('Admin secret'), { target: { value: secret } })
    click('Sign in')
    expect(await screen.findByDisplayValue('Streams')).toBeTruthy()
    expect(screen.getByText(/This browser cannot keep it/)).toBeTruthy()
    click('Discard changes')
  })

  test('one that is gone can be saved as a new one while there is unsaved work on it', async () => {
    await openStored()
    type('Title of the quiz', 'Mine')
    cleanup()
    server.quizzes.clear()
    open()
    expect((await screen.findByRole('alert')).textContent).toContain('Someone else deleted this quiz.')
    click('Keep both: save mine as a new quiz')
    await waitFor(() => expect(navigate).toHaveBeenCalledWith(expect.stringMatching(savedAsNew), { replace: true }))
    expect(await screen.findByText('All is saved.')).toBeTruthy()
    expect([...server.quizzes.values()].map(({ quiz }) => quiz.title)).toEqual(['Mine'])
  })

  test('one that is gone says so', async () => {
    open('q7')
    expect((await screen.findByRole('alert')).textContent).toContain('no_such_quiz')
  })
})
