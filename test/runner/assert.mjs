/*
 * Has a failed `assert.ok(…)` say no more than where it stands. Node 20 looks for its words in the file on disk, at the place
 * that it has in the one line which tsx makes of the file, and where the file is long it looks for hours: at the end of
 * what it has read, it reads no byte more and tries again (findColumn in lib/internal/assert of 20.20.2).
 */
import assert from 'node:assert'

for (const each of [assert, assert.strict]) {
  const { ok } = each
  each.ok = function okAtOnce(value, ...message) {
    if (value || message.length > 0) return ok(value, ...message)
    const facts = { actual: value, expected: true, operator: '==', stackStartFn: okAtOnce }
    throw new each.AssertionError({ message: `this is ${String(value)}`, ...facts })
  }
}
