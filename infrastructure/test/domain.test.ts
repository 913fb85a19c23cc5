import assert from 'node:assert/strict'
import { test } from 'node:test'
import { templateOf, withDomain } from './synthesis.ts'

const named = templateOf('production', withDomain)

test('a site with a domain answers to it with its certificate and a current TLS policy', () => {
  named.hasResourceProperties('AWS::CloudFront::Distribution', {
    DistributionConfig: {
      Aliases: ['quiz.example.com'],
      ViewerCertificate: {
        AcmCertificateArn: withDomain.SITE_CERTIFICATE_ARN,
        MinimumProtocolVersion: 'TLSv1.2_2021',
        SslSupportMethod: 'sni-only',
      },
    },
  })
  assert.equal(named.toJSON().Outputs.SiteDomainName.Value, 'quiz.example.com')
})

test('with a hosted zone, the name leads to CloudFront by IPv4 and IPv6', () => {
  const records = Object.values(named.findResources('AWS::Route53::RecordSet')).map(({ Properties }) => Properties)
  assert.deepEqual(
    records.map(({ Type }) => Type),
    ['A', 'AAAA'],
  )
  for (const { HostedZoneId, Name, AliasTarget } of records) {
    assert.deepEqual([HostedZoneId, Name], [withDomain.HOSTED_ZONE_ID, 'quiz.example.com'])
    // CloudFront's own: https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html
    const DNSName = { 'Fn::GetAtt': ['Distribution', 'DomainName'] }
    assert.deepEqual(AliasTarget, { DNSName, HostedZoneId: 'Z2FDTNDATAQYW2' })
  }
  const external = templateOf('production', { ...withDomain, HOSTED_ZONE_ID: '' })
  external.resourceCountIs('AWS::Route53::RecordSet', 0)
})

test('all else is as without a domain', () => {
  const plain = templateOf('production').toJSON()
  const { Resources, Outputs } = structuredClone(named.toJSON())
  const { Aliases, ViewerCertificate, ...config } = Resources.Distribution.Properties.DistributionConfig
  assert.ok(Aliases && ViewerCertificate)
  Resources.Distribution.Properties.DistributionConfig = config
  delete Outputs.SiteDomainName
  // its certificate is watched
  const [certificate] = Object.keys(Resources).filter((id) => id.startsWith('Monitoringcertificateexpiry'))
  assert.ok(certificate)
  delete Resources[certificate]
  // the last of the listener's rules waits for the records, too
  const others = (all: Record<string, { Type: string }>) =>
    Object.entries(all).filter(([, { Type }]) => !/::(RecordSet|ListenerRule)$/.test(Type))
  assert.deepEqual(others(Resources), others(plain.Resources))
  assert.deepEqual(Outputs, plain.Outputs)
})
