import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, it } from 'node:test'
import { readSiteFiles } from '../../../lib/site/build.mts'
import { md5, releaseIn, withRelease } from '../../../lib/site/files.mts'

const directory = mkdtempSync(join(tmpdir(), 'a site '))
after(() => rmSync(directory, { recursive: true }))

/** Builds a site of files with their names as their content; returns the keys that are published. */
async function published(name: string, keys: string[]): Promise<string[]> {
  for (const key of keys) {
    mkdirSync(dirname(join(directory, name, key)), { recursive: true })
    writeFileSync(join(directory, name, key), key)
  }
  return (await readSiteFiles(join(directory, name), { sourceMaps: false })).map(({ key }) => key)
}

describe('the files of a build', () => {
  it('have names as people give them', async () => {
    const keys = [
      '#1 what?.txt',
      '.well-known/security.txt',
      'IMG 1.JPG',
      'google01ab.html',
      'index.html',
      'sitemap.xml',
    ]
    assert.deepEqual(await published('named', keys), keys)
  })

  it('are not what git, editors and file managers leave there, nor source maps that are not public', async () => {
    const junk = ['.DS_Store', 'img/.gitkeep', 'img/Thumbs.db', 'notes.txt~', 'assets/a-12345678.js.map']
    assert.deepEqual(await published('littered', [...junk, 'index.html']), ['index.html'])
  })

  it('are not those whose address is the page', async () => {
    const keys = ['LICENSE', '.well-known/apple-app-site-association', 'index.html']
    assert.deepEqual(await published('hidden', keys), ['.well-known/apple-app-site-association', 'index.html'])
  })

  for (const key of ['api/openapi.json', 'releases/1.html']) {
    it(`are refused where another answers: ${key}`, async () => {
      await assert.rejects(published(dirname(key), [key]), { message: new RegExp(`^the site has ${key}, but `) })
    })
  }

  it('are known by their content, of any length', async () => {
    const content = Buffer.alloc(3_000_001, 'film')
    mkdirSync(join(directory, 'long'))
    writeFileSync(join(directory, 'long/intro.mp4'), content)
    const [file] = await readSiteFiles(join(directory, 'long'), { sourceMaps: false })
    assert.deepEqual([file?.md5, file?.size], [md5(content), content.length])
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

  it('makes it one that switches the site: any other is a plain file', async () => {
    mkdirSync(join(directory, 'tagged'))
    writeFileSync(join(directory, 'tagged/index.html'), html)
    writeFileSync(join(directory, 'tagged/google01ab.html'), 'google-site-verification: google01ab.html')
    const files = await readSiteFiles(join(directory, 'tagged'), { sourceMaps: false })
    assert.deepEqual(
      files.map(({ key, turn }) => [key, turn]),
      [
        ['google01ab.html', 'other'],
        ['index.html', 'entry'],
      ],
    )
  })
})
