import { requestText } from '../script/asking.mts'
import { isSurvivable } from '../script/job.mts'
import { sayDetail, say } from '../script/narration.mts'
import { addresses, type StackOutputs } from '../stack/stack.mts'
import { releaseIn } from './files.mts'

/**
 * Looks, once a release is live, whether the site's own name shows it too. Only says so: its DNS may be someone else's, or
 * not be there yet, and the release is right all the same.
 */
export async function lookAtDomain(outputs: StackOutputs, release: string): Promise<void> {
  if (!outputs.SiteDomainName) return
  const fault = await findFaultOfDomain(outputs, release)
  if (fault === undefined) return sayDetail(`domain     ${addresses(outputs).site}/ is release ${release}`)
  say(`warning: ${fault}; ${recordFor(outputs)}`)
}

/** What is wrong with the site under its own name; undefined when it shows that release. */
export async function findFaultOfDomain(outputs: StackOutputs, release: string): Promise<string | undefined> {
  const url = `${addresses(outputs).site}/`
  try {
    const { status, body } = await requestText(url)
    const found = releaseIn(body)
    if (status === 200 && found === release) return undefined
    return `${url} answers ${status} with ${found ? `release ${found}` : 'another page'}, not release ${release}`
  } catch (error) {
    if (!isSurvivable(error)) throw error
    return error.message
  }
}

/** The record that leads the name to the CDN. */
export function recordFor({ SiteDomainName, DistributionDomainName }: StackOutputs): string {
  return `its DNS needs: ${SiteDomainName} CNAME ${DistributionDomainName}`
}
