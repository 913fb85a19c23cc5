import type { Language } from '../../types/quiz.ts'
import { adjectives, animals, refusedAnywhere, refusedWords } from './words.ts'

const mostCharacters = 20
const mostBytes = 80
/** How many random names are tried before numbers are added. */
const tries = 20

/**
 * Control characters, bidi marks, zero-width and other invisible characters, and what has no meaning to all. The
 * variation selector 16 stays: phones put it behind emoji.
 */
const refusedCharacters = /(?!\uFE0F)\p{DI}|[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}\u2800]/u
/** Marks piled on one letter reach over the names above and below. */
const piledMarks = /\p{M}{4}/u
const visible = /[\p{L}\p{N}\p{P}\p{S}]/u

/** The name as it is shown, or undefined: it is empty, too long, unreadable, or refused. */
export function cleanName(given: string): string | undefined {
  // normalizing takes time and may lengthen eighteenfold: nothing that long can become a name
  if (given.length > 20 * mostCharacters) return undefined
  const name = given.normalize('NFKC').trim().replace(/ +/g, ' ')
  if (!visible.test(name) || refusedCharacters.test(name) || piledMarks.test(name)) return undefined
  return fits(name) && !isRefused(name) ? name : undefined
}

/** Equal for names that differ only in case. */
export function nameKey(name: string): string {
  // upper case first: it makes ß and ss equal
  return name.normalize('NFKC').toUpperCase().toLowerCase()
}

/**
 * A free name that looks like the taken one, or undefined. It tries a few only: where thousands share a name, the time
 * would grow with their number. @param random as Math.random
 */
export function freeNameLike(
  name: string,
  isTaken: (name: string) => boolean,
  random: () => number,
): string | undefined {
  const small = Array.from({ length: 19 }, (_, index) => index + 2)
  const large = [100, 100, 1_000, 1_000, 1_000].map((from) => from + Math.floor(random() * from * 9))
  for (const number of [...small, ...large]) {
    const candidate = numbered(name, number)
    if (!isTaken(candidate)) return candidate
  }
  return undefined
}

/** The name, shortened where that is necessary, and the number. */
function numbered(name: string, number: number): string {
  const ending = ` ${number}`
  let beginning = Array.from(name)
  while (!fits(beginning.join('').trim() + ending)) beginning = beginning.slice(0, -1)
  return beginning.join('').trim() + ending
}

/** A free name out of an adjective and an animal, with a number when many are taken. @param random as Math.random */
export function generatedName(language: Language, isTaken: (name: string) => boolean, random: () => number): string {
  const pick = (words: readonly string[]) => words[Math.floor(random() * words.length)]
  for (let tried = 1; ; tried += 1) {
    const name = `${pick(adjectives[language])} ${pick(animals[language])}`
    if (!isTaken(name)) return name
    const free = tried < tries ? undefined : freeNameLike(name, isTaken, random)
    if (free !== undefined) return free
  }
}

function fits(name: string): boolean {
  return Array.from(name).length <= mostCharacters && Buffer.byteLength(name) <= mostBytes
}

/** By a small list in both languages; the host can remove or rename a player that it does not stop. */
function isRefused(name: string): boolean {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replaceAll('ß', 'ss')
    // a number is a number: 455 is nobody's word
    .replace(/\S*[a-z@$!|]\S*/g, (word) => word.replace(/[0134578@$!|]/g, (sign) => lookalikes[sign] ?? sign))
  const words = plain.split(/[^a-z]+/)
  const letters = words.join('')
  return (
    refusedAnywhere.some((word) => letters.includes(word)) || [...words, letters].some((word) => refusedWords.has(word))
  )
}

const lookalikes: Record<string, string> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '@': 'a',
  $: 's',
  '!': 'i',
  '|': 'i',
}
