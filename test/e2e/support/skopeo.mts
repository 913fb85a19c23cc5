import { canInstall, installPackages, onPath } from '../../../infrastructure/local/testing.ts'
import { Failure } from '../../../lib/script/failure.mts'

/** What copies images when a release is promoted; on Debian as root it is installed if it is missing. */
export async function provideSkopeo(): Promise<void> {
  if (!onPath('skopeo') && canInstall()) await installPackages(['skopeo'], 'a promotion copies the image with it')
  if (!onPath('skopeo')) throw new Failure('there is no skopeo here', 'install it, and run the tests again')
}
