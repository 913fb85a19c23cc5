import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../script/files.mts'
import { secretLines } from '../script/secret-lines.mts'
import { failed, passed, type Finding } from './finding.mts'

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
