import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

const root = join(import.meta.dirname, '..', '..')

/** What to write, and what not. Only words that never mean anything else: "tell", say, needs a reader's judgement. */
const glossary: [write: string, not: RegExp][] = [
  ['fix', /\bmend(s|ed|ing)?\b/i],
  ['again, or new', /\banew\b/i],
  ['previous', /\b(of before|that was before)\b/i],
  ['available, installed, or current', /\bat hand\b/i],
  ['someone, someone else, or another user', /\bsomebody\b/i],
  ['anyone who, or the one that', /\bwhoever\b/i],
  ['continue', /\b(go|goes|went) on\b(?! the)/i],
  ['remove, or delete', /\b(take|takes|taken|taking|took) away\b/i],
  ['and printed nothing', /\bno word\b/i],
  ['uncommitted changes', /\bthat no commit holds\b/i],
  ['without the toolkit', /\bpast the toolkit\b/i],
  ['FAIL', /\bNG\b/],
]

/** Another tool's words, in backquotes, are quoted. This file quotes them all. */
const quoted = /`[^`\n]*`/g
const text = /\.(m?tsx?|js|py|bats|bash|md|json|css|html)$|(^|\/)(Makefile|Dockerfile|run|start|record)$|(^|\/)\.env/
const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' })
  .trim()
  .split('\n')
  .filter((file) => text.test(file) && !/lock\.json$|plain-english\.test/.test(file))

describe('plain English', () => {
  const lines = files.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .map((line, index) => ({
        place: `${file}:${index + 1}`,
        line: file.endsWith('.md') ? line.replaceAll(quoted, '') : line,
      })),
  )

  it('reads every text of the repository', () => assert.ok(lines.length > 30_000, `${lines.length} lines`))

  for (const [write, not] of glossary) {
    it(`writes ${write}`, () => {
      const found = lines.filter(({ line }) => not.test(line)).map(({ place, line }) => `${place}: ${line.trim()}`)
      assert.deepEqual(found, [], `write: ${write}`)
    })
  }
})
