import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { chooseImageBuilder, makeRegistryConfig } from '../../../lib/image/docker.mts'

const before = { ...process.env }
let users: string

beforeEach(() => {
  users = mkdtempSync(join(tmpdir(), 'docker '))
  process.env['DOCKER_CONFIG'] = users
  process.env['PATH'] = `${users}:${before['PATH']}`
  program('docker', 'echo "${DOCKER_BUILDKIT-none} ${BUILDX_BUILDER-none}"; echo "  --$KNOWN"')
})

afterEach(() => {
  rmSync(users, { recursive: true })
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name]
  Object.assign(process.env, before)
})

function program(name: string, script: string): void {
  writeFileSync(join(users, name), `#!/bin/sh\n${script}\n`)
  chmodSync(join(users, name), 0o755)
}

function configured(config: object): void {
  writeFileSync(join(users, 'config.json'), JSON.stringify(config))
}

const written = (directory: string | undefined) => JSON.parse(readFileSync(join(directory!, 'config.json'), 'utf8'))

describe('the configuration for ECR', () => {
  it('has no login, helper or store of the user, and all else', () => {
    mkdirSync(join(users, 'contexts'))
    configured({ credsStore: 'desktop', credHelpers: { a: 'ecr-login' }, auths: { b: {} }, proxies: { default: {} } })
    const directory = makeRegistryConfig('local', 'registry.test')['DOCKER_CONFIG']!
    assert.deepEqual(written(directory), { proxies: { default: {} }, auths: { 'registry.test': {} } })
    assert.equal(statSync(directory).mode & 0o777, 0o700)
    assert.equal(readlinkSync(join(directory, 'contexts')), join(users, 'contexts'))
  })

  it('is possible without one of the user, or with one that no one can read', () => {
    process.env['DOCKER_CONFIG'] = '/dev/null'
    assert.ok(existsSync(makeRegistryConfig('local', 'registry.test')['DOCKER_CONFIG']!))
    process.env['DOCKER_CONFIG'] = users
    writeFileSync(join(users, 'config.json'), '{')
    const directory = makeRegistryConfig('local', 'registry.test')['DOCKER_CONFIG']
    assert.deepEqual(written(directory), { auths: { 'registry.test': {} } })
  })
})

describe('the builder', () => {
  it('leaves the image in the engine, whatever builder the shell names', async () => {
    Object.assign(process.env, { KNOWN: 'provenance', DOCKER_BUILDKIT: '1', BUILDX_BUILDER: 'container' })
    const { env, flags } = await chooseImageBuilder('local')
    assert.deepEqual(flags, ['--load', '--provenance=false', '--sbom=false'])
    assert.deepEqual(env, { DOCKER_BUILDKIT: undefined, BUILDX_BUILDER: undefined })
  })

  it('is the classic one where its help says so', async () => {
    Object.assign(process.env, { KNOWN: 'force-rm', DOCKER_BUILDKIT: 'false' })
    const { env, flags } = await chooseImageBuilder('local')
    assert.deepEqual(flags, ['--force-rm'])
    assert.equal(env['DOCKER_BUILDKIT'], '0')
  })

  it('is not asked for credentials by a helper that is not installed', async () => {
    program('docker-credential-here', 'exit 0')
    configured({ credsStore: 'gone', credHelpers: { a: 'gone', b: 'here' }, auths: { c: {} } })
    const { env } = await chooseImageBuilder('local')
    assert.deepEqual(written(env['DOCKER_CONFIG']), { credHelpers: { b: 'here' }, auths: { c: {} } })
    configured({ credsStore: 'here', credHelpers: { b: 'here' } })
    assert.equal((await chooseImageBuilder('local')).env['DOCKER_CONFIG'], undefined)
  })
})
