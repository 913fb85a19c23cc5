/*
 * Has a failed `assert.ok(…)` say at once that it failed. Node 20 looks for its words in the file on disk, at the place that it
 * has in the one line which tsx makes of the file: for minutes, and nothing else gets the processor.
 * https://github.com/nodejs/node/issues/52677
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
