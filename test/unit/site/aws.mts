import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach } from 'node:test'

/**
 * For the tests of a `describe`: an `aws` that only writes down its words.
 * @param then what else it does, in sh
 * @returns its calls in this test
 */
export function recordAws(then = ''): () => string[] {
  const directory = mkdtempSync(join(tmpdir(), 'aws '))
  const calls = join(directory, 'calls')
  const path = process.env['PATH']!
  writeFileSync(join(directory, 'aws'), `#!/bin/sh\necho "$*" >>'${calls}'\n${then}\n`)
  chmodSync(join(directory, 'aws'), 0o755)
  before(() => void (process.env['PATH'] = `${directory}:${path}`))
  beforeEach(() => rmSync(calls, { force: true }))
  after(() => {
    process.env['PATH'] = path
    rmSync(directory, { recursive: true })
  })
  return () => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : [])
}
