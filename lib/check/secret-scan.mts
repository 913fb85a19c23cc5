import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../script/shell.mts'
import type { Finding } from './tools.mts'

/** What keys and tokens look like, by those who hand them out. */
const looks: [RegExp, string][] = [
  [/\b(AKIA|ASIA)[A-Z0-9]{16}\b/, 'an AWS access key'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, 'a private key'],
  [/hooks\.slack\.com\/|\bxox[a-z]-/, 'a Slack webhook or token'],
  [/\b(gh[pousr]_|github_pat_|glpat-)\w{10}/, 'a token of GitHub or GitLab'],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]+/, 'a signed token'],
  [/:\/\/[^\s/:@]+:[^\s/@]+@/, 'a URL with a password'],
  [/^\s*#?\s*\w*(SECRET|PASSWORD|PASSWD|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL)\w*\s*=\s*\S/i, 'a secret by its name'],
]

/** A long run of mixed characters; names, paths and digests of commits are none. */
function isRandom(text: string): boolean {
  return [...text.matchAll(/[\w+/=-]{32,}/g)].some(([run]) => /[a-z]/.test(run) && /[A-Z]/.test(run) && /\d/.test(run))
}

/** Lines of a file that look like a secret, and like which. The line itself is not told. */
export function secretLines(text: string): { line: number; what: string }[] {
  return text.split(/\r?\n/).flatMap((content, index) => {
    const what = looks.find(([pattern]) => pattern.test(content))?.[1] ?? (isRandom(content) ? 'a random key' : '')
    return what ? [{ line: index + 1, what }] : []
  })
}

/** No file in env/ holds a secret: they are in the repository, and one of them travels into every image. */
export function envSecretsFinding(directory = join(root, 'env')): Finding {
  const name = 'secrets in env/'
  const files = readdirSync(directory).toSorted()
  const found = files.flatMap((file) =>
    secretLines(readFileSync(join(directory, file), 'utf8')).map(
      ({ line, what }) => `env/${file}:${line} looks like ${what}`,
    ),
  )
  return found.length === 0
    ? { name, status: 'OK', detail: `none in ${files.length} files` }
    : {
        name,
        status: 'FAIL',
        detail: found.join('; '),
        remedy: 'take it out, and renew it if it was ever pushed: secrets live in Secrets Manager and SSM',
      }
}
