import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { cleanName, freeNameLike, generatedName, nameKey } from '../src/services/game/names.ts'

const anything = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 24 }),
  fc.string({ maxLength: 24 }),
)

test('a clean name is 1 to 20 characters and 80 bytes, visible, and stays as it is', () => {
  fc.assert(
    fc.property(anything, (given) => {
      const name = cleanName(given)
      fc.pre(name !== undefined)
      const length = Array.from(name).length
      assert.ok(length >= 1 && length <= 20 && Buffer.byteLength(name) <= 80)
      assert.equal(name.trim(), name)
      assert.doesNotMatch(name, /[\p{Cc}\u200B-\u200F\u202A-\u202E\u2066-\u2069]/u)
      assert.equal(cleanName(name), name)
    }),
    { numRuns: 1_000 },
  )
})

for (const [what, given] of [
  ['empty', ''],
  ['spaces', '   '],
  ['10,000 characters', 'x'.repeat(10_000)],
  ['21 characters', 'x'.repeat(21)],
  ['81 bytes in fewer characters', '𝒳'.repeat(3) + '\u{1F600}'.repeat(18)],
  ['bidi', 'Ada\u202Eecila'],
  ['a bidi isolate', '\u2066Ada'],
  ['zero-width', 'A\u200Bda'],
  ['a zero-width joiner', 'A\u200Dda'],
  ['a soft hyphen', 'A\u00ADda'],
  ['a control character', 'A\u0007da'],
  ['a line break', 'A\nda'],
  ['half a character', 'A\uD800'],
  ['a Hangul filler', '\u3164'],
  ['a blank of Braille', '\u2800\u2800'],
  ['piled marks', 'A\u0301\u0302\u0303\u0304\u0305'],
  ['a word of the list', 'Fuck'],
  ['one in disguise', 'f.u.c.k'],
  ['one in digits', '4r5chl0ch'],
  ['one with an accent', 'Scheiße'],
  ['a short one by itself', 'big cock'],
] as const) {
  test(`a name of ${what} is refused`, () => assert.equal(cleanName(given), undefined))
}

for (const [given, wanted] of [
  ['  Ada  Lovelace ', 'Ada Lovelace'],
  ['Ａｄａ', 'Ada'],
  ['=1+1', '=1+1'],
  ['<b>Ada</b>', '<b>Ada</b>'],
  ['李小龍', '李小龍'],
  ['Zoë 🦊', 'Zoë 🦊'],
  ['❤️', '❤️'],
  ['Scunthorpe', 'Scunthorpe'],
  ['Schwarzenegger', 'Schwarzenegger'],
  ['Grape Class', 'Grape Class'],
  ['Player 455', 'Player 455'],
] as const) {
  test(`${given} is called ${wanted}`, () => assert.equal(cleanName(given), wanted))
}

test('names that differ only in case are one name', () => {
  assert.equal(nameKey('ADA'), nameKey('ada'))
  assert.equal(nameKey('Straße'), nameKey('STRASSE'))
  assert.notEqual(nameKey('Ada'), nameKey('Äda'))
})

test('a suggestion is free, and a name itself', () => {
  fc.assert(
    fc.property(anything, fc.nat({ max: 120 }), (given, count) => {
      const name = cleanName(given)
      fc.pre(name !== undefined)
      const taken = new Set([nameKey(name)])
      for (let each = 0; each < count; each += 1) {
        const suggestion = freeNameLike(name, (candidate) => taken.has(nameKey(candidate)), Math.random)
        assert.ok(suggestion !== undefined)
        assert.ok(!taken.has(nameKey(suggestion)))
        assert.ok(Array.from(suggestion).length <= 20 && Buffer.byteLength(suggestion) <= 80)
        taken.add(nameKey(suggestion))
      }
    }),
    { numRuns: 30 },
  )
})

test('a name that very many have is tried 24 times, and then there is no suggestion', () => {
  let asked = 0
  const isTaken = (after: number) => () => (asked += 1) <= after
  assert.equal(freeNameLike('Ada', isTaken(18), Math.random), 'Ada 20')
  asked = 0
  assert.match(freeNameLike('Ada', isTaken(19), Math.random) ?? '', /^Ada [1-9]\d\d$/)
  asked = 0
  assert.match(freeNameLike('Ada', isTaken(23), Math.random) ?? '', /^Ada [1-9]\d\d\d$/)
  asked = 0
  assert.equal(freeNameLike('Ada', isTaken(1_000), Math.random), undefined)
  assert.equal(asked, 24)
})

for (const language of ['en', 'de'] as const) {
  test(`5,000 generated names in ${language} are all different, and pass as names`, () => {
    const taken = new Set<string>()
    for (let each = 0; each < 5_000; each += 1) {
      const name = generatedName(language, (candidate) => taken.has(nameKey(candidate)), Math.random)
      assert.ok(!taken.has(nameKey(name)))
      assert.equal(cleanName(name), name)
      taken.add(nameKey(name))
    }
  })
}
