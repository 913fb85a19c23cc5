import type { StackOutputs } from './outputs.mts'

/** Where the system is found. The outputs are `host[:port]`; only a site that is not on this machine has a certificate. */
export function addresses({
  DistributionDomainName,
  LoadBalancerDnsName,
}: Pick<StackOutputs, 'DistributionDomainName' | 'LoadBalancerDnsName'>) {
  const loopback = /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(DistributionDomainName)
  const secure = loopback ? '' : 's'
  return {
    site: `http${secure}://${DistributionDomainName}`,
    siteWebSocket: `ws${secure}://${DistributionDomainName}/ws`,
    loadBalancer: `http://${LoadBalancerDnsName}`,
    loadBalancerWebSocket: `ws://${LoadBalancerDnsName}`,
  }
}
