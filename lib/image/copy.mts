import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Place, Target } from '../environment/target.mts'
import { Failure } from '../script/failure.mts'
import { removeAtEnd, root, makeRunDirectory } from '../script/files.mts'
import { isDryRun } from '../script/job.mts'
import { run } from '../script/shell.mts'
import { readImage } from './repository.mts'

interface ImageCopy {
  /** `<repository>@sha256:…`. */
  from: string
  /** URI of the repository that gets it, in the same registry. */
  to: string
  /** What it is called there. */
  tag: string
  digest: string
}

/** Copies an image from one repository to another, byte for byte: its digest stays. Fails when the registry says otherwise. */
export async function copyImage(
  { environment, names, local }: Place & Pick<Target, 'local'>,
  { from, to, tag, digest }: ImageCopy,
): Promise<void> {
  // anyone who can read the file can push; skopeo keeps it apart from the user's own logins
  const login = join(makeRunDirectory(environment, 'registry'), 'auth.json')
  removeAtEnd(join(root, login))
  // the registry of the AWS on this machine has no certificate
  const plain = (flags: string[]) => (local ? flags : [])
  try {
    await run`aws ecr get-login-password | skopeo login --authfile ${login} ${plain(['--tls-verify=false'])} --username AWS --password-stdin ${to.split('/')[0]!}`
    await run`skopeo copy --authfile ${login} --preserve-digests ${plain(['--src-tls-verify=false', '--dest-tls-verify=false'])} docker://${from} docker://${to}:${tag}`
  } finally {
    // a rollout that follows takes minutes
    rmSync(join(root, login), { force: true })
  }
  if (isDryRun()) return
  const copied = (await readImage(names.repository, `imageTag=${tag}`))?.digest
  if (copied !== digest) {
    throw new Failure(
      `the copy in ${names.repository} is ${copied ?? 'missing'}, not ${digest}; nothing was deployed`,
      `skopeo inspect --raw docker://${from} | sha256sum shows what should have been copied`,
    )
  }
}
