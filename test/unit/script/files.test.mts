import assert from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, it } from 'node:test'
import { beginLog, endLog, keepLog, root } from '../../../lib/script/files.mts'
import { read } from '../../../lib/script/shell.mts'

const environment = `unit-${process.pid}`
after(() => rmSync(join(root, '.local', 'deployments', environment), { recursive: true }))

it('the log of a run has what a command answered, unless that is a secret', async () => {
  keepLog(environment)
  assert.equal(await read<string>({ env: { ANSWER: '"stack"' } })`printenv ANSWER`, 'stack')
  beginLog()
  assert.equal(await read<string>({ env: { ANSWER: '"hunter2"' }, secret: true })`printenv ANSWER`, 'hunter2')
  const log = readFileSync(join(root, endLog()!), 'utf8')
  assert.match(log, /\$ printenv ANSWER\n.*"stack"\n.*\$ printenv ANSWER\n.*\(not kept\)/)
  assert.doesNotMatch(log, /hunter2/)
})
