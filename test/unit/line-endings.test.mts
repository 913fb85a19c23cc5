/* A clone with core.autocrlf=true, as Git for Windows makes it, is used in WSL: nothing in it may become CRLF. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { it } from 'node:test'

it('every text file is checked out with LF, whatever core.autocrlf says', () => {
  const root = join(import.meta.dirname, '..', '..')
  const listed = execFileSync('git', ['ls-files', '--eol'], { cwd: root, encoding: 'utf8' }).trimEnd().split('\n')
  // i/lf    w/lf    attr/text=auto eol=lf 	Makefile
  const text = listed.filter((line) => !/^i\/(-text|none)/.test(line))
  assert.ok(text.length > 300)
  assert.deepEqual(
    text.filter((line) => !/^i\/lf .* eol=lf\s/.test(line)),
    [],
  )
})
