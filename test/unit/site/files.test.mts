import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { releaseIn, rulesFor, withRelease, type SiteFile } from '../../../lib/site/files.mts'

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

  it('are refused for an unknown type', () => {
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

  it('is refused when the document has no place for it', () => {
    assert.throws(() => withRelease('<head></head>', 'one'), /no <meta name="release"/)
  })
})
