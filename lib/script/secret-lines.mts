/*
 * What looks like a secret, in a file or a log.
 */

/** The patterns of keys and tokens, and who issues them. */
const patterns: [RegExp, string][] = [
  [/\b(AKIA|ASIA)[A-Z0-9]{16}\b/, 'an AWS access key'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, 'a private key'],
  [/hooks\.slack\.com\/|\bxox[a-z]-/, 'a Slack webhook or token'],
  [/\b(gh[pousr]_|github_pat_|glpat-)\w{10}/, 'a token of GitHub or GitLab'],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]+/, 'a signed token'],
  [/:\/\/[^\s/:@]+:[^\s/@]+@/, 'a URL with a password'],
  [/^\s*#?\s*\w*(SECRET|PASSWORD|PASSWD|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL)\w*\s*=\s*\S/i, 'a secret by its name'],
]

/** How a secret looks in a line of a log: anywhere in it, and in JSON; the name of an error is not one. */
const inLogs: [RegExp, string][] = [
  [
    /\w*(SECRET|PASSWORD|PASSWD|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL)(?!\w*(Exception|Error))\w*["']?\s*[=:]\s*["']?[^\s"',}]{4}/i,
    'a secret by its name',
  ],
  [/\bbearer\s+[\w.~+/-]{8}/i, 'a token of a request'],
]

/** Whether the text has a long run of mixed characters; names, paths and commit hashes do not count. */
function isRandom(text: string): boolean {
  return [...text.matchAll(/[\w+/=-]{32,}/g)].some(([run]) => /[a-z]/.test(run) && /[A-Z]/.test(run) && /\d/.test(run))
}

/** The lines of a file that look like a secret, and the kind of secret. The line itself is never shown. */
export function secretLines(text: string): { line: number; what: string }[] {
  return text.split(/\r?\n/).flatMap((content, index) => {
    const what = secretIn(content, patterns)
    return what ? [{ line: index + 1, what }] : []
  })
}

/** Lines of a log, for others to read: one that looks like a secret is not shown, only what it looks like. */
export function withoutSecrets(lines: string[]): string[] {
  return lines.map((line) => {
    const what = secretIn(line, [...patterns, ...inLogs])
    return what ? `(not shown: this line looks like ${what})` : line
  })
}

function secretIn(line: string, known: [RegExp, string][]): string {
  return known.find(([pattern]) => pattern.test(line))?.[1] ?? (isRandom(line) ? 'a random key' : '')
}
