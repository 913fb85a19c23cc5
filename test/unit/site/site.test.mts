import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { md5, releaseIn, rulesFor, withRelease, type SiteFile } from '../../../lib/site/files.mts'
import { missingFrom, releaseIdFrom, stagedReleases } from '../../../lib/site/release.mts'
import { changedFiles, copyFlags, groupsOf, type StoredObject } from '../../../lib/site/upload.mts'

describe('the rules for a file', () => {
  const year = 'public, max-age=31536000, immutable'
  const table: [string, string, string, SiteFile['turn']][] = [
    ['assets/index-BEPF1NBi.js', 'text/javascript; charset=utf-8', year, 'asset'],
    ['assets/index-DmkF8ZyN.css', 'text/css; charset=utf-8', year, 'asset'],
    ['assets/inter-4kd93ks0.woff2', 'font/woff2', year, 'asset'],
    ['assets/index-BEPF1NBi.js.map', 'application/json; charset=utf-8', 'no-cache', 'other'],
    ['favicon.svg', 'image/svg+xml; charset=utf-8', 'no-cache', 'other'],
    ['site.webmanifest', 'application/manifest+json; charset=utf-8', 'no-cache', 'other'],
    ['robots.txt', 'text/plain; charset=utf-8', 'no-cache', 'other'],
    ['index.html', 'text/html; charset=utf-8', 'no-cache', 'entry'],
  ]
  for (const [key, contentType, cacheControl, turn] of table) {
    it(`${key}: ${turn}, ${contentType}, ${cacheControl}`, () => {
      assert.deepEqual(rulesFor(key), { key, contentType, cacheControl, turn })
    })
  }

  it('are refused for a type that nobody knows', () => {
    assert.throws(() => rulesFor('assets/film-1234.mkv'), /no content type is known for \.mkv/)
  })
})

describe('the release in a document', () => {
  const html = '<head><meta name="release" content=""></head>'

  it('is written into its tag and read back', () => {
    assert.equal(releaseIn(withRelease(html, '20261123T101500Z-1a2b3c4')), '20261123T101500Z-1a2b3c4')
  })

  it('takes the place of an older one, so that equal builds are equal documents', () => {
    assert.equal(withRelease(withRelease(html, 'one'), 'two'), withRelease(html, 'two'))
  })

  it('is refused where there is no place for it', () => {
    assert.throws(() => withRelease('<head></head>', 'one'), /no <meta name="release"/)
  })
})

const file = (key: string, content: string): SiteFile => ({ ...rulesFor(key), md5: md5(content), size: content.length })
const stored = (key: string, content: string): StoredObject => ({
  Key: key,
  ETag: `"${md5(content)}"`,
  Size: content.length,
})
const site = [file('assets/a-1.js', 'script'), file('favicon.svg', 'icon'), file('index.html', '<p>')]
const live = [stored('assets/a-1.js', 'script'), stored('favicon.svg', 'icon'), stored('index.html', 'as live')]
const asLive = { 'index.html': md5('as live') }
const keys = (files: SiteFile[]) => files.map(({ key }) => key)

describe('the files that changed', () => {
  it('are none when the bucket has them all, the document under the live release', () => {
    assert.deepEqual(changedFiles(site, live, asLive, site), [])
  })

  it('are all of them in an empty bucket', () => {
    assert.deepEqual(changedFiles(site, [], {}, undefined), site)
  })

  it('do not include an asset that is there, since its name is its content', () => {
    const newDocument = [site[0]!, site[1]!, file('index.html', 'new')]
    assert.deepEqual(keys(changedFiles(newDocument, live, { 'index.html': md5('new as live') }, site)), ['index.html'])
  })

  it('include an asset that was cut off half-way', () => {
    const cut = [stored('assets/a-1.js', 'scr'), live[1]!, live[2]!]
    assert.deepEqual(keys(changedFiles(site, cut, asLive, site)), ['assets/a-1.js', 'index.html'])
  })

  it('include a file of the same size with other content, and the document that names the release', () => {
    const other = [site[0]!, file('favicon.svg', 'nice'), site[2]!]
    assert.deepEqual(keys(changedFiles(other, live, asLive, site)), ['favicon.svg', 'index.html'])
  })
})

describe('the headers of files', () => {
  it('are put anew where the live release has others', () => {
    const older = site.map((item) => (item.turn === 'asset' ? { ...item, cacheControl: 'max-age=60' } : item))
    assert.deepEqual(keys(changedFiles(site, live, asLive, older)), ['assets/a-1.js', 'index.html'])
  })

  it('are put anew where nobody knows what the live ones are', () => {
    assert.deepEqual(changedFiles(site, live, asLive, undefined), site)
  })
})

describe('a release', () => {
  const manifest = { release: 'r1', files: site }
  const whole = [live[0]!, stored('releases/r1/favicon.svg', 'icon'), stored('releases/r1/index.html', '<p>')]

  it('is whole when its assets and its staged files are there', () => {
    assert.deepEqual(missingFrom(manifest, whole), [])
  })

  it('names what is gone or cut off', () => {
    assert.deepEqual(missingFrom(manifest, [stored('assets/a-1.js', 'scr'), whole[1]!]), [
      'assets/a-1.js',
      'releases/r1/index.html',
    ])
  })

  it('is listed when its manifest is there, newest first', () => {
    const listed = [...whole, stored('releases/r1/manifest.json', ''), stored('releases/r2/manifest.json', '')]
    assert.deepEqual(stagedReleases([...listed, stored('releases/r3/index.html', '')]), ['r2', 'r1'])
  })

  it('has an id that is taken as it is or refused', () => {
    assert.equal(releaseIdFrom('20261123T101500Z-1a2b3c4-dirty'), '20261123T101500Z-1a2b3c4-dirty')
    for (const odd of [
      '',
      '..',
      '1',
      '20261123T101500Z-1a2b3c4/../x',
      '20261123T101500Z-',
      "20261123T101500Z-1a2b3c4'",
    ])
      assert.throws(() => releaseIdFrom(odd), /RELEASE is /)
  })
})

describe('the groups of an upload', () => {
  it('share type and caching, assets first and documents last', () => {
    const files = [
      file('404.html', ''),
      file('assets/a-1.js', ''),
      file('assets/a-1.js.map', ''),
      file('assets/b-2.css', ''),
      file('assets/c-3.js', ''),
      file('index.html', ''),
      file('robots.txt', ''),
    ]
    assert.deepEqual(
      groupsOf(files).map((group) => group.keys),
      [
        ['assets/a-1.js', 'assets/c-3.js'],
        ['assets/b-2.css'],
        ['assets/a-1.js.map'],
        ['robots.txt'],
        ['404.html', 'index.html'],
      ],
    )
  })

  it('name each file literally, although the flag takes a glob', () => {
    const flags = copyFlags({ turn: 'other', contentType: 'a', cacheControl: 'b', keys: ['a[1]*.txt'] })
    assert.ok(flags.includes('a[[]1[]][*].txt'))
  })
})
