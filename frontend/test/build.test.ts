// @vitest-environment node
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const project = join(import.meta.dirname, '..')
const root = join(project, '..')
const vite = join(root, 'node_modules/vite/bin/vite.js')
// inside the project: source maps name their sources relative to the output
mkdirSync(join(project, 'node_modules'), { recursive: true })
const temporary = mkdtempSync(join(project, 'node_modules/.build test '))

/** Every file of a build by its path. A process of its own: Vite takes more from its environment than its arguments. */
function build(name: string, args: string[] = [], env: NodeJS.ProcessEnv = {}): Record<string, string> {
  const directory = join(temporary, name)
  execFileSync(process.execPath, [vite, 'build', '--outDir', directory, '--logLevel', 'error', ...args], {
    cwd: project,
    env: { PATH: process.env['PATH'], ...env },
    stdio: 'pipe',
  })
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    files
      .map(({ parentPath, name: file }) => join(parentPath, file))
      .map((file) => [file.slice(directory.length + 1), readFileSync(file, 'utf8')]),
  )
}

let files: Record<string, string>
let page: string

beforeAll(() => {
  files = build('once')
  page = files['index.html'] ?? ''
})

afterAll(() => rmSync(temporary, { recursive: true }))

const named = (pattern: RegExp) => Object.keys(files).filter((file) => pattern.test(file))

test('the output is laid out as the workflow documents it', () => {
  const hashed = Object.keys(files).map((file) => file.replace(/-[\w-]{8}\./, '-[hash].'))
  expect(hashed.toSorted()).toEqual([
    'assets/connection-details-[hash].js',
    'assets/connection-details-[hash].js.map',
    'assets/index-[hash].css',
    'assets/index-[hash].js',
    'assets/index-[hash].js.map',
    'favicon.svg',
    'index.html',
    'robots.txt',
    'site.webmanifest',
  ])
})

test('the page has exactly one empty release for the deployment to fill in', () => {
  expect(page.match(/<meta[^>]*name="?release[^>]*>/g)).toEqual(['<meta name="release" content="">'])
})

test('everything that the page refers to is in the build', () => {
  const addresses = [...page.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, address]) => address ?? '')
  expect(addresses).toHaveLength(4)
  for (const address of addresses) expect(Object.keys(files).map((file) => `/${file}`)).toContain(address)
})

test('the page runs under a policy that allows only its own origin', () => {
  expect(page).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=/)
  for (const sheet of named(/\.css$/)) expect(files[sheet]).not.toMatch(/url\(|@import/)
})

test('every script has its source map beside it', () => {
  for (const script of named(/\.js$/)) {
    expect(files[script]).toContain(`//# sourceMappingURL=${script.replace('assets/', '')}.map`)
    expect(files).toHaveProperty([`${script}.map`])
  }
})

test('the build does not depend on the machine', () => {
  for (const [name, text] of Object.entries(files)) {
    expect(text.includes(root), `${name} names ${root}`).toBe(false)
  }
})

test('another environment, mode, time zone or place gives the same bytes', () => {
  expect(build('elsewhere/again', ['--mode', 'staging'], { NODE_ENV: 'development', TZ: 'Asia/Tokyo' })).toEqual(files)
})

test('a malformed setting stops the build and is named', () => {
  expect(() => build('refused', [], { VITE_WS_URL: 'wss://elsewhere.test' })).toThrow(
    /VITE_WS_URL is "wss:\/\/elsewhere.test", it must be a path on the site itself/,
  )
})
