import { writeFileSync } from 'node:fs'
import type { Agent } from 'node:http'
import { quote } from '../script/command-line.mts'
import { excerpt, Failure } from '../script/failure.mts'
import { makeProxyAgent } from '../script/asking.mts'
import { probe } from '../script/shell.mts'

/*
 * Whose credentials, and which way to AWS, everything takes that is not `aws` itself: those of aws. The SDK and cdk would
 * find credentials by rules of their own, and know nothing of the session that aws keeps for a role with MFA. The SDK stays
 * for its speed: its first call takes 0.3 s of CPU and each other 10 ms, where `aws` takes 0.9 s every time.
 */

interface Credentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
  expiration?: Date
}

interface ClientOptions {
  credentials?: () => Promise<Credentials>
  requestHandler?: { httpAgent: Agent; httpsAgent: Agent }
}

/**
 * Returns the shell's profile; empty: none. Fails where there may be two identities: beside keys, `aws` and cdk ignore a
 * profile that the SDK prefers, and of two profiles `aws` takes the other one.
 */
export function requireOneIdentity(env = process.env): string {
  const { AWS_PROFILE, AWS_DEFAULT_PROFILE, AWS_ACCESS_KEY_ID } = env
  const profile = AWS_PROFILE || AWS_DEFAULT_PROFILE || ''
  const name = AWS_PROFILE ? 'AWS_PROFILE' : 'AWS_DEFAULT_PROFILE'
  if (profile && AWS_ACCESS_KEY_ID) {
    throw new Failure(
      `${name} (${excerpt(profile)}) and AWS_ACCESS_KEY_ID are both set in your shell: that may be two identities`,
      `unset ${name}, or: unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN`,
    )
  }
  if (AWS_DEFAULT_PROFILE && AWS_DEFAULT_PROFILE !== profile) {
    throw new Failure(
      `AWS_PROFILE is ${excerpt(profile)} in your shell, but AWS_DEFAULT_PROFILE is ${excerpt(AWS_DEFAULT_PROFILE)}`,
      'unset AWS_DEFAULT_PROFILE',
    )
  }
  return profile
}

/** Options for a client of the AWS SDK. */
export async function resolveClientOptions(env = process.env): Promise<ClientOptions> {
  const [known, httpAgent, httpsAgent] = await Promise.all([
    findExportedCredentials(env),
    makeProxyAgent(),
    makeProxyAgent({ keepAlive: true }),
  ])
  return {
    ...(known ? { credentials: async () => (await findExportedCredentials(env)) ?? known } : {}),
    ...(httpAgent && httpsAgent ? { requestHandler: { httpAgent, httpsAgent } } : {}),
  }
}

/**
 * Variables for cdk: a profile that asks aws for the credentials, each time that they expire. None where the shell has
 * keys, or where this aws cannot hand credentials over.
 * @param file that the profile is written to
 */
export async function readAwsIdentity(file: string, env = process.env): Promise<Record<string, string | undefined>> {
  if (!(await findExportedCredentials())) return {}
  const own = ['AWS_PROFILE', 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']
  const asBefore = own.flatMap((name) => (env[name] ? [`${name}=${quote(env[name])}`] : ['-u', name]))
  const lines = ['[profile aws]', `credential_process = env ${asBefore.join(' ')} ${exportCommand.join(' ')}`]
  writeFileSync(file, lines.join('\n') + '\n')
  return { AWS_PROFILE: 'aws', AWS_CONFIG_FILE: file, AWS_SHARED_CREDENTIALS_FILE: '/dev/null' }
}

const exportCommand = ['aws', 'configure', 'export-credentials', '--format', 'process']

let exported: Promise<Credentials | undefined> | undefined

/**
 * What `aws` would sign with: asked once for a run, and again five minutes before it expires. Undefined where the shell has
 * keys, which every client reads alike, and where this aws cannot hand credentials over (version 1).
 */
async function findExportedCredentials(env = process.env): Promise<Credentials | undefined> {
  if (env['AWS_ACCESS_KEY_ID'] && env['AWS_SECRET_ACCESS_KEY']) return undefined
  const known = exported
  const { expiration } = (await known) ?? {}
  const isStale = !known || (expiration && expiration.getTime() - Date.now() < 5 * 60_000)
  if (isStale && exported === known) {
    exported = exportCredentials()
    // the next call may have an answer
    exported.catch(() => (exported = undefined))
  }
  return await exported
}

async function exportCredentials(): Promise<Credentials | undefined> {
  const { exitCode, stderr, failed, answer } = await probe({ secret: true })`${exportCommand}`
  if (/invalid choice/i.test(stderr)) return undefined
  if (exitCode !== 0) throw failed()
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer() as {
    AccessKeyId: string
    SecretAccessKey: string
    SessionToken?: string
    Expiration?: string
  }
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    ...(SessionToken ? { sessionToken: SessionToken } : {}),
    ...(Expiration ? { expiration: new Date(Expiration) } : {}),
  }
}
