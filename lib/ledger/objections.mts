import type { Checkout, Standing } from '../environment/checkout.mts'
import { quote, withFlag } from '../script/command-line.mts'
import { Failure } from '../script/failure.mts'
import type { Promotion } from './deployment.mts'

/**
 * Why production does not take what is checked out: someone else could not check it out, or it is not merged.
 * @param target the branch that it has to be on
 */
export function objectionTo({ sha, dirty, ignored, standing, branch }: Checkout, target: string): Failure | undefined {
  if (dirty) {
    return new Failure('the working tree has uncommitted changes', `git stash, or commit and push them; ${orForce()}`)
  }
  if (ignored) {
    return new Failure(
      `git ignores ${ignored}, and it would be published`,
      `git add --force ${quote(ignored)}, then commit and push it; or remove it; ${orForce()}`,
    )
  }
  const commit = `commit ${sha.slice(0, 7)}`
  if (branch !== target) {
    return objectionToStanding(commit, standing, target, `merge it into ${target}, then git fetch origin`)
  }
  if (standing === 'not fetched') {
    return new Failure(`${target} was never pushed to origin`, `git push --set-upstream origin ${target}; ${orForce()}`)
  }
  return objectionToStanding(commit, standing, target, `git push origin ${target}`)
}

/** @param merge what brings the commit there */
function objectionToStanding(what: string, standing: Standing, branch: string, merge: string): Failure | undefined {
  const place = `origin/${branch} (PRODUCTION_BRANCH)`
  switch (standing) {
    case 'on it':
      return undefined
    case 'not on it':
      return new Failure(`${what} is not on ${place}`, `${merge}; ${orForce()}`)
    case 'not fetched':
      return new Failure(
        `it is not known whether ${what} is on ${place}: this clone has not fetched both`,
        `git fetch origin ${branch}, in GitHub Actions fetch-depth: 0; ${orForce()}`,
      )
    case 'shallow clone':
      return new Failure(
        `it is not known whether ${what} is on ${place}: this is a shallow clone`,
        `git fetch --unshallow origin, in GitHub Actions fetch-depth: 0; ${orForce()}`,
      )
  }
}

/** Why production does not take a release of another environment. */
export function objectionToPromotion(
  { environment, release, sha, dirty }: Promotion,
  standing: Standing,
  branch: string,
): Failure | undefined {
  if (dirty) {
    return new Failure(
      `release ${release} of ${environment} was built from uncommitted changes`,
      `commit and push them, deploy ${environment} again, and promote that; ${orForce()}`,
    )
  }
  const what = `commit ${sha.slice(0, 7)} of release ${release}, which ${environment} runs,`
  return objectionToStanding(what, standing, branch, `merge it into ${branch} and deploy ${environment} again`)
}

function orForce(): string {
  return `or deploy it anyway: ${withFlag('--force')}`
}
