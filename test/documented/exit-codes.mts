import { exitCodes } from '../../lib/script/failure.mts'

/** Every exit code, by what it means. */
export const meanings: Record<string, number> = {
  ...exitCodes,
  'wrong usage': 2,
  SIGHUP: 129,
  'Ctrl-C': 130,
  SIGTERM: 143,
}

const verdicts = Object.keys(meanings).join('|')
const pairs = [
  new RegExp(`\\b(?<code>\\d+)(?: after| on)? (?<verdict>${verdicts})`, 'g'),
  new RegExp(`(?<verdict>${verdicts})"?,? \\((?:exit (?:code )?)?(?<code>\\d+)\\b`, 'g'),
]

/** The exit codes that a text gives a meaning, such as `3 rolled back` and `rolled back (exit 3)`, and what is right. */
export function verdictCodes(text: string): { code: number; verdict: number; text: string }[] {
  const line = text.replaceAll(/[`*]|\s+/g, ' ')
  return pairs.flatMap((pair) =>
    [...line.matchAll(pair)].map((match) => ({
      code: Number(match.groups!['code']),
      verdict: meanings[match.groups!['verdict']!]!,
      text: match[0],
    })),
  )
}
