import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, afterEach, before, describe, it } from 'node:test'
import { storedLock, storedRecords } from './support/table.mts'
import { deployer, freshLedger, putSecret } from './support/world.mts'

describe('a deployment', () => {
  freshLedger()

  it('that went well is in the ledger with who, what, when and why', async () => {
    const { exitCode, output } = await deployer(0, { NOTE: `  it's "$5",\n 007 → 1e10 ` }).ended
    assert.equal(exitCode, 0, output)
    const [record] = await storedRecords()
    const { startedAt, endedAt, host, sha, components, ...rest } = record!
    assert.deepEqual(rest, {
      id: '20261123T101502Z-1a2b3c4',
      environment: 'staging',
      command: './deploy/backend.mts staging',
      dirty: false,
      by: 'ana',
      identity: 'arn:aws:iam::000000000000:user/ana',
      verdict: 'deployed',
      note: `it's "$5", 007 → 1e10`,
    })
    assert.ok(endedAt! > startedAt)
    assert.match(sha, /^[0-9a-f]{40}$/)
    assert.ok(host)
    assert.equal(components.infrastructure?.status, 'deployed')
    assert.equal(components.backend?.digest, 'sha256:new')
  })

  for (const [exitCode, verdict] of [
    [1, 'failed'],
    [3, 'rolled back'],
  ] as const) {
    it(`that exits with ${exitCode} is recorded as ${verdict}`, async () => {
      const ran = await deployer(exitCode).ended
      assert.equal(ran.exitCode, exitCode, ran.output)
      const [record] = await storedRecords()
      assert.equal(record?.verdict, verdict)
      assert.equal(record.reason, 'task:12 did not come up')
      assert.equal(record.components.backend?.status, verdict)
      assert.equal(record.components.infrastructure?.status, 'deployed')
      assert.equal(await storedLock(), undefined)
    })
  }

  it('never writes over the record of another run', async () => {
    await deployer(0, { DEPLOYER: 'ana' }).ended
    const { exitCode, output } = await deployer(0, { DEPLOYER: 'bob' }).ended
    assert.equal(exitCode, 0)
    const warnings = output.split('\n').filter((line) => line.includes('not in the ledger'))
    assert.equal(warnings.length, 1, output)
    assert.match(
      warnings[0]!,
      /^warning: this release is not in the ledger: .* already has a release \S+ of another run/,
    )
    assert.deepEqual(
      (await storedRecords()).map(({ by }) => by),
      ['ana'],
    )
  })

  it('that was killed has said what it was bringing', async () => {
    const { exitCode } = await deployer(0, { DIES: '1' }).ended
    assert.equal(exitCode, null)
    const [record] = await storedRecords()
    assert.equal(record?.verdict, 'under way')
    assert.deepEqual(record.components.backend, { status: 'under way', seconds: 0, digest: 'sha256:new' })
  })

  it('leaves its data on no stdout', async () => {
    assert.equal((await deployer(0).ended).data, '')
  })

  describe('and Slack', () => {
    const secret = '/services/T0/B0/secret'
    const messages: string[] = []
    let answer: (response: ServerResponse) => void
    const server = createServer((request, response) => void received(request, response))
    const received = async (request: IncomingMessage, response: ServerResponse) => {
      messages.push((JSON.parse(await text(request)) as { text: string }).text)
      answer(response)
    }
    let webhook: string
    before(async () => {
      await once(server.listen(0, '127.0.0.1'), 'listening')
      webhook = `http://127.0.0.1:${(server.address() as AddressInfo).port}${secret}`
    })
    after(() => {
      server.closeAllConnections()
      server.close()
    })
    afterEach(() => {
      messages.length = 0
    })

    it('gets a message at start and end, through a webhook that only SSM knows', async () => {
      answer = (response) => response.end('ok')
      await putSecret(webhook)
      const { exitCode, output } = await deployer(3).ended
      assert.equal(exitCode, 3)
      assert.equal(messages.length, 2)
      assert.match(messages[0]!, /^\*staging: started\* 20261123T101502Z-1a2b3c4 by ana on /)
      assert.match(
        messages[1]!,
        /^\*staging: rolled back\* [^]*```error: task:12 did not come up\nremedy: aws logs tail```/,
      )
      assert.doesNotMatch(output, /secret/)
    })

    for (const [what, how] of [
      ['answers 500', (response: ServerResponse) => response.writeHead(500).end()],
      ['hangs', () => {}],
    ] as const) {
      it(`that ${what} changes neither verdict nor exit code`, async () => {
        answer = how
        const { exitCode, output } = await deployer(3, { SLACK_WEBHOOK_URL: webhook }).ended
        assert.equal(exitCode, 3, output)
        assert.match(output, /warning: could not notify Slack/)
        assert.doesNotMatch(output, /secret/)
        assert.equal((await storedRecords())[0]?.verdict, 'rolled back')
      })
    }
  })
})
