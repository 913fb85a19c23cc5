import { unsigned } from '../gateway/keys.ts'
import { AwsError } from '../gateway/room.ts'
import { account } from '../settings.ts'

/**
 * Writes the file with which a load balancer tries whether it may write access logs to their bucket. It stays there, and a
 * bucket that holds it is not deleted.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
 */
export async function tryAccessLogs(s3Endpoint: string, attributes: Record<string, string>): Promise<void> {
  if (attributes['access_logs.s3.enabled'] !== 'true') return
  const [bucket, prefix] = ['bucket', 'prefix'].map((name) => attributes[`access_logs.s3.${name}`])
  const key = [prefix, 'AWSLogs', account, 'ELBAccessLogTestFile'].filter(Boolean).join('/')
  const answer = await fetch(`${s3Endpoint}/${bucket}/${key}`, {
    method: 'PUT',
    headers: { authorization: unsigned('s3') },
    body: 'test',
  })
  if (answer.ok) return
  throw new AwsError(
    'InvalidConfigurationRequest',
    `Access Denied for bucket: ${bucket}. Please check S3bucket permission`,
  )
}
