import assert from 'node:assert/strict'
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, it } from 'node:test'
import { beginLog, endLog, keepLog, log, root, writeStateFile } from '../../../lib/script/files.mts'
import { startDryRun } from '../../../lib/script/job.mts'
import { probe, read } from '../../../lib/script/shell.mts'

const environment = `unit-${process.pid}`
after(() => rmSync(join(root, '.local', 'deployments', environment), { recursive: true }))

it('the log of a run has what a command answered, unless that is a secret', async () => {
  keepLog(environment)
  assert.equal(await read<string>({ env: { ANSWER: '"stack"' } })`printenv ANSWER`, 'stack')
  beginLog()
  assert.equal(await read<string>({ env: { ANSWER: '"hunter2"' }, secret: true })`printenv ANSWER`, 'hunter2')
  await probe`printf ${'a\\0b\\0'}`
  const story = readFileSync(join(root, endLog()!), 'utf8')
  assert.match(story, /\$ printenv ANSWER\n.*"stack"\n.*\$ printenv ANSWER\n.*\(not kept\)/)
  assert.doesNotMatch(story, /hunter2/)
  // grep takes a file with a NUL for a binary one
  assert.match(story, /  a b$/m)
})

it('what a run leaves is read by no other user, also where an older version left it readable', () => {
  const mode = (file: string) => (statSync(join(root, file)).mode & 0o777).toString(8)
  chmodSync(join(root, '.local/deployments'), 0o755)
  const file = writeStateFile(environment, 'input.json', {})
  assert.deepEqual([mode('.local/deployments'), mode(file)], ['700', '600'])
})

it('a log that cannot be written does not fail the run', () => {
  const place = join(root, '.local', 'deployments', environment)
  rmSync(join(place, 'logs'), { recursive: true, force: true })
  writeFileSync(join(place, 'logs'), 'in the way')
  keepLog(environment)
  beginLog()
  log('a line')
  assert.equal(endLog(), undefined)
})

it('a dry run writes no file that a real run is about to read', () => {
  const input = (image: string) => writeStateFile(environment, 'task-definition.json', { image })
  const file = input('real')
  startDryRun()
  assert.notEqual(input('placeholder'), file)
  assert.match(readFileSync(join(root, file), 'utf8'), /real/)
})
