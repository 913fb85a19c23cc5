import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  duration,
  endedLines,
  fitted,
  liveLines,
  palette,
  plainText,
  type ShownStep,
} from '../../../lib/script/drawing.mts'

const plain = palette(false)
const size = { columns: 60, rows: 24 }

function task(about: Partial<ShownStep> = {}): ShownStep {
  const usual = { title: 'Build the image', isCommand: false, label: undefined, depth: 0, started: 0 }
  return { ...usual, kept: [], tail: [], before: 0, ...about }
}

describe('a step that has ended', () => {
  it('is a line with its mark, its title and its time at the right', () => {
    const [line] = endedLines(task(), 'done', 14_000, size, plain)
    assert.equal(line, '  ✓ Build the image                                    14 s')
  })

  it('is followed by its commands and messages, and not by their output', () => {
    const done = task({ kept: [{ command: 'docker build .' }, { remark: 'it is unchanged' }], tail: ['Step 1'] })
    assert.deepEqual(endedLines(done, 'done', 0, size, plain).slice(1), ['    $ docker build .', '    it is unchanged'])
  })

  it('shows three of many commands when it went well, and all of them otherwise', () => {
    const kept = Array.from({ length: 6 }, (_, index) => ({ command: `aws s3 cp ${index}` }))
    assert.deepEqual(endedLines(task({ kept }), 'done', 0, size, plain).slice(3), [
      '    $ aws s3 cp 2',
      '    (3 more commands are in the log)',
    ])
    for (const end of ['shown', 'failed', 'stopped'] as const)
      assert.equal(endedLines(task({ kept }), end, 0, size, plain).length, 7, end)
    assert.equal(endedLines(task({ kept: kept.slice(0, 4) }), 'done', 0, size, plain).at(-1), '    $ aws s3 cp 3')
  })

  it('breaks messages between words, and no line of a block', () => {
    const done = task({ kept: [{ remark: `  ${'aws '.repeat(20)}\nsite       a word\n` + 'word '.repeat(13).trim() }] })
    assert.deepEqual(endedLines(done, 'done', 0, size, plain).slice(1), [
      `      ${'aws '.repeat(20)}`,
      '    site       a word',
      '    word word word word word word word word word word word',
      '      word word',
    ])
  })

  it('shows all of a short output when it failed', () => {
    const lines = endedLines(task({ tail: ['Step 1', 'no space left'] }), 'failed', 0, size, plain)
    assert.deepEqual(lines.slice(1), ['    │ Step 1', '    │ no space left'])
  })

  it('shows the end of a long output when it failed, and where the rest is', () => {
    const tail = Array.from({ length: 200 }, (_, index) => `line ${index + 100}`)
    const lines = endedLines(task({ tail, before: 100 }), 'failed', 0, size, plain)
    assert.equal(lines[1], '    │ (280 lines before these are in the log)')
    assert.deepEqual([lines[2], lines.at(-1)], ['    │ line 280', '    │ line 299'])
  })

  it('shows no output when it was stopped', () => {
    const lines = endedLines(task({ tail: ['Step 1'] }), 'stopped', 0, size, plain)
    assert.equal(lines.length, 1)
    assert.match(lines[0]!, /^ {2}■ Build the image/)
  })

  it('of several at once names its job', () => {
    assert.match(endedLines(task({ label: 'image' }), 'done', 0, size, plain)[0]!, /^ {2}✓ image {2}Build the image/)
  })

  it('is no wider than the terminal, and no line of what failed either', () => {
    const wide = task({ title: 'word '.repeat(40), kept: [{ command: 'a '.repeat(90) }], tail: ['x'.repeat(200)] })
    for (const line of endedLines(wide, 'failed', 200_000, size, plain)) assert.ok(line.length < 60, line)
  })
})

describe('what is under way', () => {
  const at = { kept: [{ command: 'docker build --tag image backend/' }], tail: ['Step 1', 'Step 2 : RUN npm ci'] }

  it('is a step with its time, its command and the last line of that', () => {
    const [head, ...below] = liveLines([task(at)], [], 3000, size, plain)
    assert.match(head!, /^ {2}. Build the image +3 s$/)
    assert.deepEqual(below, ['    $ docker build --tag image backend/', '    Step 2 : RUN npm ci'])
  })

  it('is what a step waits for, where it knows', () => {
    const lines = liveLines([task({ ...at, progress: () => 'rollout: 1/2 running' })], [], 0, size, plain)
    assert.equal(lines.at(-1), '    rollout: 1/2 running')
  })

  it('has what is waited for outside any step at its foot', () => {
    assert.equal(
      liveLines([task()], ['stack, image and site 3 s'], 0, size, plain).at(-1),
      '… stack, image and site 3 s',
    )
  })

  it('fits a narrow terminal', () => {
    const lines = liveLines(
      [task({ ...at, progress: () => 'word '.repeat(20) })],
      ['word '.repeat(20)],
      0,
      { columns: 20, rows: 24 },
      plain,
    )
    for (const line of lines) assert.ok(line.length < 20, line)
  })

  it('fits a low terminal: the steps before what they are at', () => {
    const steps = ['stack', 'image', 'site'].map((title) => task({ ...at, title }))
    const lines = liveLines(steps, [], 0, { columns: 60, rows: 5 }, plain)
    assert.deepEqual(
      lines.map((line) => line.split(/\s+/)[2]),
      ['stack', 'image', 'site'],
    )
  })

  it('turns', () => {
    assert.notDeepEqual(liveLines([task()], [], 0, size, plain), liveLines([task()], [], 100, size, plain))
  })
})

describe('a line that a command printed', () => {
  it('has no colours, no tabs and of what it overwrote the last', () => {
    assert.equal(plainText('Pulling\r\x1b[32mdone\x1b[0m\t1'), 'done  1')
  })

  it('is cut where the terminal ends', () => {
    assert.equal(fitted('a long line', 7), 'a long…')
  })
})

it('without colours nothing is coloured, and with colours the text is the same', () => {
  const coloured = endedLines(task({ kept: [{ command: 'true' }] }), 'done', 0, size, palette(true))
  assert.ok(coloured.join('').includes('\x1b[32m✓'))
  assert.deepEqual(coloured.map(plainText), endedLines(task({ kept: [{ command: 'true' }] }), 'done', 0, size, plain))
})

describe('a duration', () => {
  it('is in minutes and seconds', () => {
    assert.deepEqual([400, 42_000, 185_000].map(duration), ['0 s', '42 s', '3 min 5 s'])
  })
})
