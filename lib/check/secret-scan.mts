import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../script/files.mts'
import { failed, passed, type Finding } from './tools.mts'

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

/** Whether the text has a long run of mixed characters; names, paths and commit hashes do not count. */
function isRandom(text: string): boolean {
  return [...text.matchAll(/[\w+/=-]{32,}/g)].some(([run]) => /[a-z]/.test(run) && /[A-Z]/.test(run) && /\d/.test(run))
}

/** The lines of a file that look like a secret, and the kind of secret. The line itself is never shown. */
export function secretLines(text: string): { line: number; what: string }[] {
  return text.split(/\r?\n/).flatMap((content, index) => {
    const what = patterns.find(([pattern]) => pattern.test(content))?.[1] ?? (isRandom(content) ? 'a random key' : '')
    return what ? [{ line: index + 1, what }] : []
  })
}

/** No file in env/ may hold a secret: all are in the repository, and one is copied into every image. */
export function envSecretsFinding(directory = join(root, 'env')): Finding {
  const name = 'secrets in env/'
  const files = readdirSync(directory).toSorted()
  const found = files.flatMap((file) =>
    secretLines(readFileSync(join(directory, file), 'utf8')).map(
      ({ line, what }) => `env/${file}:${line} looks like ${what}`,
    ),
  )
  return found.length === 0
    ? { name, ...passed(`none in ${files.length} files`) }
    : {
        name,
        ...failed(
          found.join('; '),
          'remove it, and renew it if it was ever pushed: secrets live in Secrets Manager and SSM',
        ),
      }
}
