import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { python } from '../cli/virtualenv.mts'
import { accessKeyId, region, secretAccessKey } from '../settings.ts'

/** Points a client of AWS at an endpoint, and at no account of the user's. */
export function clientEnvironment(endpoint: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_DEFAULT_REGION: region,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  }
}

interface ValidatedAnswer {
  output: Record<string, unknown> | null
  error: { Code: string; Message: string } | null
  /** Where the raw answer is not as the service model says. */
  problems: string[]
}

/** A client that holds each raw answer against botocore's service models. Needs the virtualenv. */
export function startResponseValidator(endpoint: string) {
  const child = spawn(python, [join(import.meta.dirname, 'validate_responses.py')], {
    env: clientEnvironment(endpoint),
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.on('error', () => {})
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    /** One call at a time. `service` and `operation` are botocore's names. */
    async call(service: string, operation: string, input: object): Promise<ValidatedAnswer> {
      child.stdin.write(`${JSON.stringify({ service, operation, input })}\n`)
      const { value, done } = await answers.next()
      if (done) throw new Error('validate_responses.py has ended')
      return JSON.parse(value) as ValidatedAnswer
    },
    close: () => child.stdin.end(),
  }
}
