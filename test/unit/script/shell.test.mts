import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { Failure } from '../../../lib/script/failure.mts'
import { startDryRun } from '../../../lib/script/job.mts'
import { change, probe, read, run } from '../../../lib/script/shell.mts'
import { quote } from '../../../lib/script/command-line.mts'

const odd = ['two words', "it's", 'a "quote"', 'a,b', '$HOME', '1e10', '007', '*', '~', '', 'a\\b', 'line\nbreak', '-n']

describe('shell', () => {
  for (const value of odd) {
    it(`passes ${JSON.stringify(value)} as one argument, unchanged`, async () => {
      const { stdout } = await probe`printf %s:%s ${value} end`
      assert.equal(stdout, `${value}:end`)
    })

    it(`shows ${JSON.stringify(value)} so that a shell reads it back`, async () => {
      const { stdout } = await probe`sh -c ${`printf %s ${quote(value)}`}`
      assert.equal(stdout, value === '-n' ? '-n' : value)
    })
  }

  it('passes an array as many arguments and an empty one as none', async () => {
    const { stdout } = await probe`printf ${'[%s]'} ${['--a', 'b c']} ${[]} d`
    assert.equal(stdout, '[--a][b c][d]')
  })

  it('reads JSON from stdout although the command warns on stderr', async () => {
    assert.deepEqual(await read`sh -c ${'echo warning >&2; echo "{\\"a\\": 1}"'}`, { a: 1 })
  })

  it('takes an empty answer for what the caller says it means, and otherwise for a failure', async () => {
    assert.deepEqual(await read({ ifEmpty: { items: [] } })`true`, { items: [] })
    await assert.rejects(read`true`, /true exited with 0 and printed nothing/)
    await assert.rejects(read`echo no JSON`, /echo no JSON did not answer JSON: no JSON/)
  })

  it('takes an error that says absent for no answer, and fails with any other', async () => {
    const absent = /NotFound/
    assert.equal(await read({ absent })`sh -c ${'echo RoleNotFound >&2; exit 254'}`, undefined)
    assert.equal(await read({ absent })`echo 1`, 1)
    await assert.rejects(read({ absent })`sh -c ${'echo Throttling >&2; exit 254'}`, /Throttling/)
  })

  it('does not show a secret that is no JSON', async () => {
    await assert.rejects(read({ secret: true })`echo hunter2`, (error: Error) => !/: hunter2/.test(error.message))
  })

  it('gives a command no stdin to wait on', async () => {
    const { stdout } = await probe`cat`
    assert.equal(stdout, '')
  })

  it('fails with the command, its exit code and its last word', async () => {
    await assert.rejects(read`sh -c ${'echo first >&2; echo last >&2; exit 3'}`, (error) => {
      assert.ok(error instanceof Failure)
      assert.match(error.message, /^sh: last$/)
      return true
    })
  })

  it('names a tool that is not on the PATH', async () => {
    await assert.rejects(read`no-such-tool --version`, /no-such-tool is not on the PATH/)
  })

  it('names a tool that is not on the PATH, and no variable that it is given', async () => {
    await assert.rejects(run`A=b no-such-tool --version`, /^Failure: no-such-tool is not on the PATH/)
  })

  it('does not miss a tool that passes on another one’s exit code 127', async () => {
    await assert.rejects(run`A=b sh -c ${'exit 127'}`, /^Failure: sh exited with 127$/)
    await assert.rejects(read`sh -c ${'echo tsc: not found >&2; exit 127'}`, /^Failure: sh: tsc: not found$/)
  })

  it('fails when any command of a pipe fails', async () => {
    await assert.rejects(run`false | cat`, /exited with 1/)
  })

  it('answers a probe that fails instead of throwing', async () => {
    const { exitCode, stderr } = await probe`sh -c ${'echo NotFound >&2; exit 254'}`
    assert.deepEqual([exitCode, stderr], [254, 'NotFound\n'])
  })
})

describe('in a dry run', () => {
  before(startDryRun)

  it('a change is not made, shown or not, and answers what it is told', async () => {
    const shown = await change({ dryRunAnswer: { id: 7 } })`false`
    assert.deepEqual([shown.exitCode, shown.answer().id], [0, 7])
    const unseen = await change({ shown: false })`false`
    assert.deepEqual([unseen.exitCode, unseen.answer()], [0, {}])
  })

  it('a command is only shown, unless it changes nothing outside this checkout', async () => {
    await run`false`
    await assert.rejects(run({ alsoInDryRun: true })`false`, /exited with 1/)
  })
})
