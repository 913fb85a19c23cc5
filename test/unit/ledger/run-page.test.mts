import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ReleaseRecord } from '../../../lib/ledger/record.mts'
import { runOutputs, runPage } from '../../../lib/ledger/run-page.mts'

const record: ReleaseRecord = {
  id: '20261128T101500Z-1a2b3c4',
  environment: 'production',
  command: './deploy/all.mts production',
  sha: '1a2b3c4d5e6f7a8b9c0d',
  dirty: false,
  by: 'ana',
  identity: 'arn',
  host: 'runner',
  startedAt: '2026-11-28T10:15:00.000Z',
  endedAt: '2026-11-28T10:20:05.000Z',
  verdict: 'deployed',
  note: 'a | b <script>',
  components: {
    infrastructure: { status: 'unchanged', seconds: 12 },
    backend: {
      status: 'deployed',
      seconds: 180,
      taskDefinition: 'arn:aws:ecs:us-east-1:123456789012:task-definition/websocket-task:12',
      digest: 'sha256:aa',
    },
  },
}

it('a step gives what a later job decides on', () => {
  assert.deepEqual(runOutputs(record, 'https://quiz.test/'), {
    verdict: 'deployed',
    changed: 'true',
    release: '20261128T101500Z-1a2b3c4',
    site: 'https://quiz.test/',
    revision: 'websocket-task:12',
    digest: 'sha256:aa',
  })
  const unchanged = { ...record, components: { frontend: { status: 'unchanged', seconds: 1 } as const } }
  assert.equal(runOutputs(unchanged, '')['changed'], 'false')
})

it('the page says what is live, and how long each part took', () => {
  const page = runPage(record, 'https://quiz.test/')
  assert.match(page, /^### production: deployed\n/)
  assert.match(page, /\| site \| https:\/\/quiz\.test\/ \|/)
  assert.match(page, /\| note \| a \\\| b &lt;script> \|/)
  assert.match(page, /\| took \| 5 min 5 s \|/)
  assert.match(page, /\| infrastructure \| unchanged \| 12 s \|  \|/)
  assert.match(page, /\| backend \| deployed \| 3 min( 0 s)? \| `websocket-task:12`, `sha256:aa` \|/)
})
