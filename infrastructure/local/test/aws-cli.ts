import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { childEnvironment } from '../../../lib/script/children.mts'
import { canInstall, installPackages } from '../cli/debian.mts'
import { binDirectory } from '../cli/virtualenv.mts'
import { accessKeyId } from '../settings.ts'

/**
 * What the machine gives to an aws command, as the toolkit sends it: the tests share one preloaded server, which serves
 * only commands that have the HOME, language and Python settings of the one that started it.
 */
export const machineEnvironment = childEnvironment(
  Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(HOME|PATH|PYTHON.*)$/.test(name))),
)

/**
 * The real aws CLI against an endpoint, with nothing of the caller's own settings: what it printed. Rejects with what it
 * said, which is in the error's `stderr`.
 */
export async function awsCli(
  endpoint: string,
  args: string[],
  variables: Record<string, string> = {},
): Promise<string> {
  const { stdout } = await promisify(execFile)(join(binDirectory, 'aws'), ['--output', 'json', ...args], {
    env: {
      ...machineEnvironment,
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

/**
 * Version 2 of the aws CLI on this machine; on Debian as root it is installed where it is not. Debian's knows no
 * AWS_ENDPOINT_URL: it takes `--endpoint-url`. Rejects, so that no test is passed over in silence, where there is none.
 */
export async function awsVersion2(): Promise<string> {
  const found = async (): Promise<string | undefined> => {
    const directories = ['/usr/bin', '/usr/local/bin', ...(process.env['PATH'] ?? '').split(':')]
    for (const path of directories.map((each) => join(each, 'aws'))) {
      const { stdout } = await promisify(execFile)(path, ['--version']).catch(() => ({ stdout: '' }))
      if (stdout.startsWith('aws-cli/2.')) return path
    }
    return undefined
  }
  const path = await found()
  if (path !== undefined) return path
  if (canInstall()) await installPackages(['awscli'], 'the tests ask the local AWS with version 2 of the aws CLI too')
  return (await found()) ?? assert.fail('these tests need version 2 of the aws CLI on the PATH')
}
