import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

interface Lock {
  packages: Record<string, { resolved?: string; version?: string; optionalDependencies?: Record<string, string> }>
}

for (const file of ['package-lock.json', 'backend/package-lock.json']) {
  describe(file, () => {
    const { packages }: Lock = JSON.parse(readFileSync(join(import.meta.dirname, '../..', file), 'utf8'))

    it('names no download address', () => {
      const named = Object.entries(packages).filter(([, { resolved }]) => resolved?.startsWith('http'))
      assert.deepEqual(named, [])
    })

    it('has an entry for each optional package of every platform, without which npm ci refuses it', () => {
      const entries = new Set(Object.keys(packages).map((path) => path.slice(path.lastIndexOf('node_modules/') + 13)))
      const wanted = Object.values(packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}))
      assert.deepEqual(
        wanted.filter((name) => !entries.has(name)),
        [],
      )
    })
  })
}
