import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { md5, rulesFor, type SiteFile } from '../../../lib/site/files.mts'
import { filesToCopy, missingFrom, parseReleaseId, stagedReleases } from '../../../lib/site/release.mts'
import type { StoredObject } from '../../../lib/site/upload.mts'

const file = (key: string, content: string): SiteFile => ({ ...rulesFor(key), md5: md5(content), size: content.length })
const stored = (key: string, content: string): StoredObject => ({
  Key: key,
  ETag: `"${md5(content)}"`,
  Size: content.length,
})
const manifest = {
  release: 'r1',
  files: [file('assets/a-1.js', 'script'), file('favicon.svg', 'icon'), file('index.html', '<p>')],
}
const asset = stored('assets/a-1.js', 'script')
const whole = [asset, stored('releases/r1/favicon.svg', 'icon'), stored('releases/r1/index.html', '<p>')]
const complete = [...whole, stored('releases/r1/manifest.json', '')]

describe('a release', () => {
  it('is whole when its assets and its staged files exist', () => {
    assert.deepEqual(missingFrom(manifest, whole), [])
  })

  it('names what is gone or cut off', () => {
    assert.deepEqual(missingFrom(manifest, [stored('assets/a-1.js', 'scr'), whole[1]!]), [
      'assets/a-1.js',
      'releases/r1/index.html',
    ])
  })

  it('is listed when it has its manifest, newest first', () => {
    const others = [stored('releases/r2/manifest.json', ''), stored('releases/r3/index.html', '')]
    assert.deepEqual(stagedReleases([...complete, ...others]), ['r2', 'r1'])
  })
})

describe('the id of a release', () => {
  it('is taken as it is', () => {
    assert.equal(parseReleaseId('20261123T101500Z-1a2b3c4-dirty'), '20261123T101500Z-1a2b3c4-dirty')
  })

  for (const odd of [
    '',
    '..',
    '1',
    '20261123T101500Z-1a2b3c4/../x',
    '20261123T101500Z-',
    "20261123T101500Z-1a2b3c4'",
  ]) {
    it(`is not ${JSON.stringify(odd)}`, () => assert.throws(() => parseReleaseId(odd), /is not a release id/))
  }
})

describe('the files to copy to another bucket', () => {
  const others = ['favicon.svg', 'index.html']

  it('are all of them when it is empty', () => {
    assert.deepEqual(filesToCopy({ manifest, stored: [], live: undefined }), { assets: ['assets/a-1.js'], others })
  })

  it('do not include an asset that it has with the same headers', () => {
    assert.deepEqual(filesToCopy({ manifest, stored: [asset], live: manifest }).assets, [])
  })

  it('include an asset that it has with other headers', () => {
    const live = { release: 'r0', files: manifest.files.map((item) => ({ ...item, cacheControl: 'other' })) }
    assert.deepEqual(filesToCopy({ manifest, stored: [asset], live }).assets, ['assets/a-1.js'])
  })

  it('are none when it has the complete release', () => {
    assert.deepEqual(filesToCopy({ manifest, stored: complete, live: manifest }), { assets: [], others: [] })
  })

  it('are all but the assets when its release has no manifest', () => {
    assert.deepEqual(filesToCopy({ manifest, stored: whole, live: manifest }).others, others)
  })

  it('are all but the assets when its release lacks a file', () => {
    assert.deepEqual(filesToCopy({ manifest, stored: complete.slice(1), live: manifest }).others, others)
  })
})
