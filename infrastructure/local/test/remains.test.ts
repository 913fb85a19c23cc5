import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

// of no other run
process.env['LOCAL_AWS_PORT'] = String(process.pid)
const { leaveNothing } = await import('./remains.ts')

test('containers of a run that is still under way are left alone', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'remains-'))
  const calls = join(directory, 'calls')
  writeFileSync(join(directory, 'docker'), `#!/bin/sh\necho "$@" >>'${calls}'\n`, { mode: 0o755 })
  process.env['PATH'] = `${directory}:${process.env['PATH']}`
  await leaveNothing()
  // after the removal, which needs it
  process.on('exit', () => rmSync(directory, { recursive: true }))
  const made = readFileSync(calls, 'utf8')
  assert.match(made, /^ps --all .*\nimages /)
  await assert.rejects(leaveNothing(), /another run of these tests uses port \d+ and its containers/)
  assert.equal(readFileSync(calls, 'utf8'), made)
})
