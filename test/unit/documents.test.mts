import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { it } from 'node:test'
import { documents, files, read, root } from '../documented/documents.mts'

it('links only to files that exist', () => {
  const links = documents.flatMap((document) =>
    [...read(document).matchAll(/\]\((?!\w+:|#)([^)#]+)/g)].map(([, link]) => join(dirname(document), link!)),
  )
  assert.ok(links.length > 20, 'the documents were not read')
  assert.deepEqual(
    links.filter((link) => !existsSync(join(root, link))),
    [],
  )
})

it('links only to headings that exist', () => {
  // https://docs.github.com/en/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#section-links
  const anchor = (heading: string) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\d _-]/gu, '')
      .replaceAll(' ', '-')
  const anchors = (document: string) => [...read(document).matchAll(/^#+ (.+)$/gm)].map(([, text]) => anchor(text!))
  const links = documents.flatMap((document) =>
    [...read(document).matchAll(/\]\((?!\w+:)([^)#]*)#([^)]+)/g)].map(([, file, heading]) => ({
      file: file === '' ? document : join(dirname(document), file!),
      heading: heading!,
    })),
  )
  assert.ok(links.length > 20, 'the documents were not read')
  assert.deepEqual(
    links.filter(({ file, heading }) => !anchors(file).includes(heading)),
    [],
  )
})

/** Where a path of a document may begin: at the root, or in the workspace that the document changes to. */
const places = ['.', 'backend', 'frontend', 'infrastructure', 'infrastructure/local']

it('names only source files that exist', () => {
  const named = documents.flatMap((document) =>
    [
      ...read(document).matchAll(/(?<![\w/.])(?:deploy|lib|test|backend|frontend|infrastructure)\/[\w./-]+\.m?tsx?\b/g),
    ].map(([path]) => `${document}: ${path}`),
  )
  assert.ok(named.length > 20, 'the documents were not read')
  assert.deepEqual(
    named.filter((line) => !places.some((place) => existsSync(join(root, place, line.split(': ')[1]!)))),
    [],
  )
})

it('says of each file at the top of the local AWS what it is', () => {
  const readme = read('infrastructure/local/README.md')
  const sources = files(':(glob)infrastructure/local/*.ts', ':(glob)infrastructure/local/*.py').map((file) =>
    file.replace(/.*\//, ''),
  )
  assert.ok(sources.length > 8)
  assert.deepEqual(
    sources.filter((file) => !readme.includes(`\`${file}\``)),
    [],
  )
})
