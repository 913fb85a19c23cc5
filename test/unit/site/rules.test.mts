import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SiteFile } from '../../../lib/site/files.mts'
import { rulesFor } from '../../../lib/site/rules.mts'

describe('the rules for a file', () => {
  const year = 'public, max-age=31536000, immutable'
  const table: [string, string, string, SiteFile['turn']][] = [
    ['assets/index-BEPF1NBi.js', 'text/javascript; charset=utf-8', year, 'asset'],
    ['assets/index-DmkF8ZyN.css', 'text/css; charset=utf-8', year, 'asset'],
    ['assets/inter-4k_93-s0.woff2', 'font/woff2', year, 'asset'],
    ['assets/index-BEPF1NBi.js.map', 'application/json; charset=utf-8', 'no-cache', 'other'],
    ['assets/prices.json', 'application/json; charset=utf-8', 'no-cache', 'other'],
    ['assets/logo-dark.svg', 'image/svg+xml; charset=utf-8', 'no-cache', 'other'],
    ['logo-BEPF1NBi.svg', 'image/svg+xml; charset=utf-8', 'no-cache', 'other'],
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

  it('let a file that a person named change: its name only looks like one with a hash', () => {
    assert.equal(rulesFor('assets/team-portrait.jpg', true).cacheControl, 'no-cache')
  })
})

describe('the content type', () => {
  const types = {
    'a.jpg a.JPG a.jpeg': 'image/jpeg',
    'a.gif': 'image/gif',
    'a.avif': 'image/avif',
    'a.png': 'image/png',
    'a.webp': 'image/webp',
    'a.woff': 'font/woff',
    'a.ttf': 'font/ttf',
    'a.otf': 'font/otf',
    'a.mjs': 'text/javascript; charset=utf-8',
    'a.pdf': 'application/pdf',
    'a.mp3': 'audio/mpeg',
    'a.mp4': 'video/mp4',
    'a.webm': 'video/webm',
    'a.wasm': 'application/wasm',
    'a.csv': 'text/csv; charset=utf-8',
    'a.vtt': 'text/vtt; charset=utf-8',
    'sitemap.xml': 'application/xml; charset=utf-8',
    'feed.rss': 'application/rss+xml; charset=utf-8',
    // to be saved as it is: a Content-Encoding would unpack it
    'a.gz': 'application/gzip',
    'a.br a.unheard-of': 'application/octet-stream',
    '.well-known/apple-app-site-association .well-known/assetlinks.json': 'application/json; charset=utf-8',
    '.well-known/acme-challenge/token': 'text/plain; charset=utf-8',
  }
  for (const [keys, type] of Object.entries(types)) {
    it(`of ${keys} is ${type}`, () => {
      for (const key of keys.split(' ')) assert.equal(rulesFor(key).contentType, type)
    })
  }
})
