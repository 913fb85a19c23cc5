import { newRelease } from '../environment/checkout.mts'
import { attempt, passed, type Finding } from './tools.mts'

/** Whether git takes this directory for a checkout with a commit: git itself may be there, and refuse it. */
export async function checkoutFinding(): Promise<Finding> {
  return await attempt('checkout', async () => {
    const release = await newRelease()
    const [, commit, dirty] = release.split('-')
    return passed(`commit ${commit}${dirty ? ', with uncommitted changes' : ''}`)
  })
}
