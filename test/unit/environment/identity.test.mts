import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, describe, it } from 'node:test'
import { resolveClientOptions, readAwsIdentity, requireOneIdentity } from '../../../lib/environment/identity.mts'
import { Failure, Unanswered } from '../../../lib/script/failure.mts'

const directory = mkdtempSync(join(tmpdir(), 'identity-'))
const calls = join(directory, 'calls')
const before = { ...process.env }
after(() => {
  process.env = before
  rmSync(directory, { recursive: true })
})

/** Stands in for aws: this script's lines. */
function standIn(...lines: string[]): void {
  const file = join(directory, 'aws')
  writeFileSync(file, ['#!/bin/sh', `echo "$*" >>'${calls}'`, ...lines, ''].join('\n'))
  chmodSync(file, 0o755)
  writeFileSync(calls, '')
}

const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString()
const session = (id: string, expiration: string) =>
  `echo '{"Version":1,"AccessKeyId":"${id}","SecretAccessKey":"s","SessionToken":"t","Expiration":"${expiration}"}'`
const asked = () => readFileSync(calls, 'utf8').trim().split('\n').filter(Boolean)

beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
  process.env['PATH'] = `${directory}:${before['PATH']}`
})

describe('the identity of the SDK and of cdk', () => {
  it('is that of aws, for as long as it lasts, asked for once', async () => {
    standIn(session('FIRST', inMinutes(3)))
    const { credentials } = await resolveClientOptions()
    assert.deepEqual(asked(), ['configure export-credentials --format process'])
    // it ends within five minutes
    standIn(session('SECOND', inMinutes(60)))
    assert.deepEqual(await Promise.all([credentials!(), credentials!()].map(async (one) => (await one).accessKeyId)), [
      'SECOND',
      'SECOND',
    ])
    assert.equal((await credentials!()).sessionToken, 't')
    await resolveClientOptions()
    assert.equal(asked().length, 1)
  })

  it('is asked for by cdk whenever it needs it, with the profile of the shell', async () => {
    Object.assign(process.env, { AWS_PROFILE: "ana's", AWS_CONFIG_FILE: '/my config' })
    const file = join(directory, 'config')
    assert.deepEqual(await readAwsIdentity(file), {
      AWS_PROFILE: 'aws',
      AWS_CONFIG_FILE: file,
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    })
    assert.equal(
      readFileSync(file, 'utf8').split('\n')[1],
      `credential_process = env AWS_PROFILE='ana'\\''s' AWS_CONFIG_FILE='/my config' -u AWS_SHARED_CREDENTIALS_FILE aws configure export-credentials --format process`,
    )
  })

  it('is in the keys of the shell, where there are some: no process is started', async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 's' })
    standIn('exit 1')
    assert.deepEqual(await resolveClientOptions(), {})
    assert.deepEqual(await readAwsIdentity(join(directory, 'config')), {})
    assert.deepEqual(asked(), [])
  })

  it('goes through the proxy of the shell', async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 's', https_proxy: 'proxy:1' })
    const { requestHandler } = await resolveClientOptions()
    delete process.env['https_proxy']
    assert.ok(requestHandler?.httpsAgent)
    assert.ok(requestHandler.httpAgent)
  })
})

describe('two identities in one shell', () => {
  const refused: [Record<string, string>, RegExp, RegExp][] = [
    [
      { AWS_PROFILE: 'a', AWS_ACCESS_KEY_ID: 'AKIA' },
      /AWS_PROFILE \(a\) and AWS_ACCESS_KEY_ID/,
      /^unset AWS_PROFILE, or/,
    ],
    [
      { AWS_DEFAULT_PROFILE: 'a', AWS_ACCESS_KEY_ID: 'AKIA' },
      /AWS_DEFAULT_PROFILE \(a\)/,
      /^unset AWS_DEFAULT_PROFILE/,
    ],
    [
      { AWS_DEFAULT_PROFILE: 'a', AWS_PROFILE: 'b' },
      /AWS_PROFILE is b .* AWS_DEFAULT_PROFILE is a/,
      /AWS_DEFAULT_PROFILE/,
    ],
  ]
  for (const [env, fact, remedy] of refused) {
    it(`${Object.keys(env).join(' and ')}: refused`, () =>
      assert.throws(
        () => requireOneIdentity(env),
        (error) => error instanceof Failure && fact.test(error.message) && remedy.test(error.remedy),
      ))
  }

  it('is none', () => {
    assert.equal(requireOneIdentity({ AWS_PROFILE: 'a', AWS_DEFAULT_PROFILE: 'a' }), 'a')
    assert.equal(requireOneIdentity({ AWS_DEFAULT_PROFILE: 'a' }), 'a')
    assert.equal(requireOneIdentity({ AWS_PROFILE: '', AWS_ACCESS_KEY_ID: 'AKIA' }), '')
  })
})

describe('an aws that has no credentials', () => {
  // a fresh copy: the other has asked already
  const fresh = async () =>
    (await import(
      `../../../lib/environment/identity.mts?${Math.random()}`
    )) as typeof import('../../../lib/environment/identity.mts')

  it('says so, and is asked again the next time', async () => {
    const { resolveClientOptions: options } = await fresh()
    standIn("echo 'Error loading SSO Token: Token for x does not exist' >&2", 'exit 255')
    await assert.rejects(options(), (error) => error instanceof Unanswered && /aws sso login/.test(error.remedy))
    standIn(session('NEXT', inMinutes(60)))
    assert.equal((await (await options()).credentials!()).accessKeyId, 'NEXT')
  })

  it('leaves the SDK to itself where it cannot export them', async () => {
    const { resolveClientOptions: options } = await fresh()
    standIn("echo 'aws: error: argument subcommand: Invalid choice, valid choices are:' >&2", 'exit 2')
    assert.deepEqual(await options(), {})
  })
})
