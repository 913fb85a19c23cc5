import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isLive, makeLive, missingFrom, parseReleaseId, stagedReleases } from '../../../lib/site/release.mts'
import { copyRelease, filesToCopy } from '../../../lib/site/release-copy.mts'
import { intactFiles } from '../../../lib/site/upload.mts'
import { recordAws } from './aws.mts'
import { file, stored } from './objects.mts'

const key = 'assets/a-12345678.js'
const manifest = {
  release: 'r1',
  files: [file(key, 'script'), file('favicon.svg', 'icon'), file('index.html', '<p>')],
}
const asset = stored(key, 'script')
const whole = [asset, stored('releases/r1/favicon.svg', 'icon'), stored('releases/r1/index.html', '<p>')]
const complete = [...whole, stored('releases/r1.json', '')]

describe('a release', () => {
  it('is whole when its assets and its staged files exist', () => {
    assert.deepEqual(missingFrom(manifest, whole), [])
  })

  it('names what is gone, cut off or replaced', () => {
    assert.deepEqual(missingFrom(manifest, [stored(key, 'scr'), stored('releases/r1/favicon.svg', 'nice')]), [
      key,
      'releases/r1/favicon.svg',
      'releases/r1/index.html',
    ])
  })

  it('is listed when it has its manifest, newest first', () => {
    const others = [
      stored('releases/r2.json', ''),
      stored('releases/r3/index.html', ''),
      stored('releases/r3/a.json', ''),
    ]
    assert.deepEqual(stagedReleases([...complete, ...others]), ['r2', 'r1'])
  })

  it('is live when each of its own files is', () => {
    const [, icon, page] = manifest.files
    assert.equal(isLive(manifest, new Map([icon!, page!].map((one) => [one.key, one]))), true)
    assert.equal(isLive(manifest, new Map([[page!.key, page!]])), false)
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
  const copied = (objects: typeof whole, live = manifest.files) => {
    const site = { stored: objects, intact: intactFiles(live, [...objects, stored('index.html', '<p>')]) }
    const found = filesToCopy({ manifest, site })
    return { assets: found.assets.map((one) => one.key), others: found.others.map((one) => one.key) }
  }

  it('are all of them when it is empty', () => assert.deepEqual(copied([], []), { assets: [key], others }))

  it('do not include an asset that it has with the same headers', () => assert.deepEqual(copied([asset]).assets, []))

  it('include an asset that it has with other headers', () => {
    const live = manifest.files.map((item) => ({ ...item, cacheControl: 'other' }))
    assert.deepEqual(copied([asset], live).assets, [key])
  })

  it('are none when it has the complete release', () => {
    assert.deepEqual(copied(complete), { assets: [], others: [] })
  })

  it('are all but the assets when its release has no manifest', () => assert.deepEqual(copied(whole).others, others))

  it('are all but the assets when its release lacks a file', () => {
    assert.deepEqual(copied(complete.slice(1)).others, others)
  })
})

describe('many files are copied in one call', () => {
  const calls = recordAws()
  const film = { ...file('intro.mp4', 'film'), size: 9 << 20 }
  const page = file('index.html', '<p>')

  it('without a large one that stays live as it is, though many small ones do', async () => {
    const icons = Array.from({ length: 60 }, (_, index) => file(`${index}.svg`, ''))
    const intact = new Map([film, ...icons.slice(0, 30)].map((one) => [one.key, one]))
    await makeLive('site', { release: 'r2', files: [...icons, film, page] }, intact)
    assert.deepEqual(calls(), [
      's3 cp s3://site/releases/r2 s3://site --recursive --no-progress --exclude intro.mp4 --exclude index.html',
      's3 cp s3://site/releases/r2 s3://site --recursive --no-progress --exclude * --include index.html',
    ])
  })

  it('without a large asset that the other bucket has', async () => {
    const small = Array.from({ length: 1001 }, (_, index) => file(`assets/${index}-12345678.js`, ''))
    const large = { ...file('assets/film-12345678.mp4', 'film'), size: 9 << 20 }
    const there = [large, page].map((one) => stored(one.key, '', { ETag: one.md5, Size: one.size }))
    const staged = [stored('releases/r2/index.html', '<p>'), stored('releases/r2.json', '')]
    await copyRelease('staging', {
      from: 'here',
      to: 'there',
      manifest: { release: 'r2', files: [...small, large, page] },
      site: { stored: [...there, ...staged], intact: intactFiles([large, page], there) },
    })
    // beside the other files, so in either order
    const [assets] = calls().filter((call) => call.startsWith('s3 cp s3://here s3://there '))
    assert.match(assets ?? '', / --include assets\/\* .* --exclude assets\/film-12345678.mp4$/)
  })
})
