import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { python } from '../cli/virtualenv.mts'
import { accessKeyId } from '../settings.ts'

/**
 * The real aws CLI against an endpoint, with nothing of the caller's own settings: what it printed. Rejects with what it
 * said, which is in the error's `stderr`.
 */
export async function awsCli(
  endpoint: string,
  args: string[],
  variables: Record<string, string> = {},
): Promise<string> {
  const { stdout } = await promisify(execFile)(python, ['-m', 'awscli', '--output', 'json', ...args], {
    env: {
      PATH: process.env['PATH'],
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      ...variables,
    },
  })
  return stdout.trim()
}
