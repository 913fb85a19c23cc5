import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

interface Lock {
  packages: Record<string, { resolved?: string; version?: string; optionalDependencies?: Record<string, string> }>
}

for (const file of ['package-lock.json', 'backend/package-lock.json', 'test/e2e/lighthouse/package-lock.json']) {
  describe(file, () => {
    const { packages }: Lock = JSON.parse(readFileSync(join(import.meta.dirname, '../..', file), 'utf8'))

    it('names no download address', () => {
      const named = Object.entries(packages).filter(([, { resolved }]) => resolved?.startsWith('http'))
      assert.deepEqual(named, [])
    })

    it('has an entry for each optional package of every platform, as npm ci demands', () => {
      const entries = new Set(Object.keys(packages).map((path) => path.slice(path.lastIndexOf('node_modules/') + 13)))
      const wanted = Object.values(packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}))
      assert.deepEqual(
        wanted.filter((name) => !entries.has(name)),
        [],
      )
    })
  })
}

for (const directory of ['infrastructure/local', 'infrastructure/local/test', 'infrastructure/local/test/checkov']) {
  it(`${directory}/requirements.txt locks what requirements.in pins`, () => {
    const [wanted, locked] = ['requirements.in', 'requirements.txt'].map((file) =>
      [
        ...readFileSync(join(import.meta.dirname, '../..', directory, file), 'utf8').matchAll(
          /^([\w-]+)(?:\[.*\])?==([\w.]+)/gm,
        ),
      ].map(([, name, version]) => `${name}==${version}`),
    )
    assert.ok(wanted!.length > 0, 'no pin was read')
    assert.deepEqual(
      wanted!.filter((pin) => !locked!.includes(pin)),
      [],
    )
  })
}
