import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { md5, rulesFor, type SiteFile } from '../../../lib/site/files.mts'
import { changedFiles, copyFlags, groupsOf, type StoredObject } from '../../../lib/site/upload.mts'

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

  it('include a file of the same size with other content, and the entry document', () => {
    const other = [site[0]!, file('favicon.svg', 'nice'), site[2]!]
    assert.deepEqual(keys(changedFiles(other, live, asLive, site)), ['favicon.svg', 'index.html'])
  })
})

describe('the headers of files', () => {
  it('are uploaded again when the live release has others', () => {
    const older = site.map((item) => (item.turn === 'asset' ? { ...item, cacheControl: 'max-age=60' } : item))
    assert.deepEqual(keys(changedFiles(site, live, asLive, older)), ['assets/a-1.js', 'index.html'])
  })

  it('are uploaded again when those of the live release are unknown', () => {
    assert.deepEqual(changedFiles(site, live, asLive, undefined), site)
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
