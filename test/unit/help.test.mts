/*
 * What --help prints of a script, against the script.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { verdictCodes } from '../documented/exit-codes.mts'
import { npmScripts, scripts, targets } from '../documented/scripts.mts'

it('reads every script', () => assert.ok(scripts.length > 30, `${scripts.length} scripts`))

for (const { name, manual, flags, words } of scripts) {
  describe(name, () => {
    const lines = manual.split('\n')
    const usage = lines.filter((line) => line.trim().startsWith(name))

    it('takes the flags of its usage, and no other', () => {
      const named = usage.join(' ').match(/(?<=[ [])--?[a-z][\w-]*/g) ?? []
      assert.deepEqual([...new Set(named)].toSorted(), flags.toSorted())
    })

    it('explains each flag on a line of its own', () => {
      const explained = lines.flatMap((line) => /^ {2,}(--?[a-z][\w-]*(?:, --[\w-]+)*) {2,}\S/.exec(line)?.[1] ?? [])
      assert.deepEqual(explained.flatMap((names) => names.split(', ')).toSorted(), flags.toSorted())
    })

    if (name.startsWith('./deploy/')) {
      it('takes the words of its usage', () => {
        const [, ...named] = (usage[0] ?? '').replaceAll(/\[--[^\]]*\]/g, '').match(/(?<=<)\w+(?=>)/g) ?? []
        assert.deepEqual(named, words)
      })
    }

    it('names only make targets, npm scripts and variables that exist', () => {
      for (const [, npm = ''] of manual.matchAll(/npm run ([\w:-]+)/g)) assert.ok(npm in npmScripts(), `npm run ${npm}`)
      for (const [line, target = '', given = ''] of manual.matchAll(/make ([a-z][\w-]+)((?: [A-Z]+=\S+)*)/g)) {
        assert.ok(target in targets, line)
        const variables = [...given.matchAll(/([A-Z]+)=/g)].map(([, variable]) => variable!)
        assert.deepEqual(
          variables.filter((variable) => !targets[target]!.variables.includes(variable)),
          [],
          line,
        )
      }
    })

    it('names exit codes as they are', () => {
      for (const { code, verdict, text } of verdictCodes(manual)) assert.equal(code, verdict, text)
    })
  })
}
