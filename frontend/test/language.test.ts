// @vitest-environment node
import { expect, test } from 'vitest'
import { playTexts } from '../src/features/play/texts.ts'
import { en } from '../src/texts/en.ts'
import { de } from '../src/texts/de.ts'
import { languageOf, loadTexts } from '../src/texts/language.tsx'

test.each([
  [['de-AT', 'en'], 'de'],
  [['fr', 'de', 'en'], 'de'],
  [['en-GB', 'de'], 'en'],
  [['fr-FR', 'nds'], 'en'],
  [[], 'en'],
])('a browser that wants %j gets %s', (wanted, language) => {
  expect(languageOf(wanted)).toBe(language)
})

test('each language has its texts', async () => {
  expect((await loadTexts('en')).texts).toBe(en)
  expect((await loadTexts('de')).texts).toBe(de)
})

test('no text was left in English', () => {
  const same = (one: object, other: object): string[] =>
    Object.entries(one).flatMap(([key, value]) => {
      const translated = (other as Record<string, unknown>)[key]
      if (typeof value === 'object' && value !== null) return same(value as object, translated as object)
      return typeof value === 'string' && value === translated ? [key] : []
    })
  expect(same(en, de)).toEqual(['code'])
  expect(same(playTexts.en, playTexts.de)).toEqual([])
})
