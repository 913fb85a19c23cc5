import { canInstall, installPackages } from '../../../infrastructure/local/testing.ts'
import { findProgram } from '../../../lib/script/children.mts'
import { Failure } from '../../../lib/script/failure.mts'

/** What copies images when a release is promoted; on Debian as root it is installed if it is missing. */
export async function provideSkopeo(): Promise<void> {
  if (!findProgram('skopeo') && canInstall()) await installPackages(['skopeo'], 'a promotion copies the image with it')
  if (!findProgram('skopeo')) throw new Failure('there is no skopeo here', 'install it, and run the tests again')
}
