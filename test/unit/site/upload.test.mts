import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SiteFile } from '../../../lib/site/files.mts'
import { differing, groupsOf, intactFiles, recordedKeys, transferTogether } from '../../../lib/site/upload.mts'
import { file, stored } from './objects.mts'

const asset = 'assets/a-12345678.js'
const site = [file(asset, 'script'), file('favicon.svg', 'icon'), file('index.html', '<p>')]
const live = [stored(asset, 'script'), stored('favicon.svg', 'icon'), stored('index.html', '<p>')]
const keys = (files: Iterable<SiteFile>) => [...files].map(({ key }) => key)

describe('the live files that are as they were published', () => {
  const intact = (objects = live, files = site) => keys(intactFiles(files, objects).values())
  const instead = (...objects: (typeof live)[number][]) =>
    live.map((object) => objects.find(({ Key }) => Key === object.Key) ?? object)

  it('are all of them when no one else was there', () => assert.deepEqual(intact(), keys(site)))

  it('are none in an empty bucket', () => assert.deepEqual(intact([]), []))

  it('do not include what was cut off, or has other content of the same length', () => {
    assert.deepEqual(intact(instead(stored(asset, 'scr'), stored('favicon.svg', 'nice'))), ['index.html'])
  })

  it('do not include the same bytes that were uploaded after the page: their headers are unknown', () => {
    const later = { LastModified: '2026-11-01T10:00:01+00:00' }
    assert.deepEqual(intact(instead(stored('favicon.svg', 'icon', later))), [asset, 'index.html'])
  })

  it('include what was uploaded in parts, whose ETag is not its MD5', () => {
    assert.deepEqual(intact(instead(stored('favicon.svg', 'icon', { ETag: '"0123-2"' }))), keys(site))
  })
})

describe('the files that differ from the live ones', () => {
  const before = intactFiles(site, live)

  it('are none when all are the same', () => assert.deepEqual(differing(site, before), []))

  it('are all of them where nothing is live', () => assert.deepEqual(differing(site, new Map()), site))

  it('include a file of the same length, whatever its name', () => {
    assert.deepEqual(keys(differing([file(asset, 'SCRIPT'), site[1]!], before)), [asset])
  })

  it('include a file with other headers', () => {
    const other = site.map((one) => (one.turn === 'asset' ? { ...one, cacheControl: 'max-age=60' } : one))
    assert.deepEqual(keys(differing(other, before)), [asset])
  })
})

it('the groups of an upload share turn, type and caching', () => {
  const names = [
    '404.html',
    asset,
    'assets/a-12345678.js.map',
    'assets/b-12345678.css',
    'assets/c-12345678.js',
    'index.html',
    'robots.txt',
  ]
  assert.deepEqual(
    groupsOf(names.map((name) => file(name, ''))).map(({ files }) => keys(files)),
    [
      ['404.html', 'index.html'],
      [asset, 'assets/c-12345678.js'],
      ['assets/a-12345678.js.map'],
      ['assets/b-12345678.css'],
      ['robots.txt'],
    ],
  )
})

it('a record names 300 files at most: it may have 400 KB', () => {
  const many = Array.from({ length: 302 }, (_, index) => file(`${index}.txt`, ''))
  assert.deepEqual(recordedKeys(many).slice(299), ['299.txt', 'and 2 more'])
})

describe('transfers', () => {
  it('run side by side, four at a time', async () => {
    let running = 0
    let most = 0
    const transfer = async () => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setImmediate(resolve))
      running--
    }
    await transferTogether(Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`${index}`, transfer])))
    assert.deepEqual([most, running], [4, 0])
  })

  it('end with the first that fails', async () => {
    const work = { one: async () => Promise.reject(new Error('full')), two: async () => {}, three: async () => {} }
    await assert.rejects(transferTogether(work), /full/)
  })
})
