import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { imageNodeFinding } from '../../../lib/check/node.mts'

const now = Date.parse('2026-11-28')

describe('the Node of the image', () => {
  it('is a warning on Node 20, with the dates of Node and of the AWS SDK', () => {
    const { status, detail, remedy } = imageNodeFinding({ NODE_IMAGE: 'node:20-alpine' }, now)
    assert.equal(status, 'WARN')
    assert.equal(
      detail,
      'node:20-alpine has had no security fixes since 2026-04-30; releases of the AWS SDK from January 2027 on need Node 22',
    )
    assert.match(remedy ?? '', /NODE_IMAGE.*docs\/UPGRADE\.md/)
  })

  it('is fine while it gets fixes, and a warning in the last three months', () => {
    const finding = (day: string) =>
      imageNodeFinding({ NODE_IMAGE: 'mirror:5000/node:22.4-alpine3.21' }, Date.parse(day))
    assert.equal(finding('2026-11-28').status, 'OK')
    assert.match(finding('2027-03-01').detail, /has no security fixes after 2027-04-30$/)
    assert.match(finding('2027-05-01').detail, /has had no security fixes since 2027-04-30$/)
  })

  it('is skipped where nobody knows', () =>
    assert.equal(imageNodeFinding({ NODE_IMAGE: 'node:30-alpine' }, now).status, 'SKIP'))
})
