import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { root } from '../../../lib/script/files.mts'
import { accessKeyId, endpoint, port, region, secretAccessKey } from '../settings.ts'
import { stateDirectory, readText } from '../connection.ts'
import { binDirectory } from './virtualenv.mts'

/** Commands of the local AWS's shell that come before the machine's own. */
export const pathPrefix = [binDirectory, join(root, 'node_modules/.bin')]

/** Everything that points aws, cdk, docker and the SDKs at the local AWS. Writes the private files that it names. */
export function provideEnvironment(engine: string): Record<string, string> {
  const emptyFile = join(stateDirectory, 'aws-config')
  writeFileSync(emptyFile, '')
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    // profiles would lead to real accounts
    AWS_CONFIG_FILE: emptyFile,
    AWS_SHARED_CREDENTIALS_FILE: emptyFile,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
    // ten lines of each process in the middle of what a deployment prints; `make check` names the date instead
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    // cdk remembers there which account a key belongs to
    CDK_HOME: join(stateDirectory, 'cdk'),
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    CDK_DISABLE_VERSION_CHECK: 'true',
    DOCKER_HOST: engine,
    DOCKER_CONFIG: provideDockerConfig(),
    LOCAL_AWS_PORT: String(port),
  }
}

/** The login to the local registry is kept apart from the user's; their proxies and plugins (buildx) stay in force. */
function provideDockerConfig(): string {
  const theirs = process.env['DOCKER_CONFIG'] ?? join(homedir(), '.docker')
  const ours = join(stateDirectory, 'docker-config')
  if (theirs === ours) return ours
  mkdirSync(ours, { recursive: true })
  writeFileSync(join(ours, 'config.json'), JSON.stringify({ proxies: proxiesIn(theirs) }), { mode: 0o600 })
  const plugins = join(ours, 'cli-plugins')
  if (existsSync(join(theirs, 'cli-plugins')) && !existsSync(plugins)) symlinkSync(join(theirs, 'cli-plugins'), plugins)
  return ours
}

/** Those of a Docker configuration. Of one that docker cannot read it takes nothing either, and only warns. */
export function proxiesIn(directory: string): unknown {
  try {
    return (JSON.parse(readText(join(directory, 'config.json')) ?? '{}') as { proxies?: unknown }).proxies
  } catch {
    return undefined
  }
}
