import assert from 'node:assert/strict'
import { request } from 'node:http'
import { test } from 'node:test'
import { managed, openCloudFront } from './cloudfront-fixtures.ts'
import { startTarget } from './elb-fixtures.ts'

const AcmCertificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012'

/** A distribution of that configuration in front of a server that answers 200. */
async function distribution(cloudFront: ReturnType<typeof openCloudFront>, config: Record<string, unknown>) {
  const { port } = await startTarget((_, response) => response.end())
  const made = await cloudFront.create('Distribution', {
    DistributionConfig: {
      Enabled: true,
      Origins: [
        { Id: 'o', DomainName: `127.0.0.1:${port}`, CustomOriginConfig: { OriginProtocolPolicy: 'http-only' } },
      ],
      DefaultCacheBehavior: { TargetOriginId: 'o', CachePolicyId: managed.cachingDisabled },
      ...config,
    },
  })
  return String(made.attributes['DomainName'])
}

function statusAs(address: string, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(`http://${address}/`, { headers: { host }, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode!)
    })
    asked.on('error', reject).end()
  })
}

test('a distribution answers to its own name and its aliases, and to no other', async () => {
  const cloudFront = openCloudFront()
  const named = { Aliases: ['quiz.localhost'], ViewerCertificate: { AcmCertificateArn, SslSupportMethod: 'sni-only' } }
  const address = await distribution(cloudFront, named)
  const hosts = [address, 'quiz.localhost', `QUIZ.localhost:${address.split(':')[1]}`, 'other.localhost']
  assert.deepEqual(await Promise.all(hosts.map((host) => statusAs(address, host))), [200, 200, 200, 403])
  const { DistributionList } = await cloudFront.call('ListDistributions', {})
  assert.match(JSON.stringify(DistributionList), /"CNAME":\["quiz.localhost"\].*"ACMCertificateArn":"arn/)
  await assert.rejects(distribution(cloudFront, named), { code: 'CNAMEAlreadyExists' })
})

test('an alias needs a certificate in us-east-1', async () => {
  const cloudFront = openCloudFront()
  for (const ViewerCertificate of [
    undefined,
    { AcmCertificateArn: AcmCertificateArn.replace('us-east-1', 'eu-west-1') },
  ]) {
    await assert.rejects(distribution(cloudFront, { Aliases: ['quiz.localhost'], ViewerCertificate }), {
      code: 'InvalidViewerCertificate',
    })
  }
})
