// @vitest-environment node
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

// whole builds, on a machine that does other work as well
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

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
  const names = Object.keys(files)
  expect(names.filter((file) => !file.startsWith('assets/')).toSorted()).toEqual([
    'favicon.svg',
    'index.html',
    'robots.txt',
    'site.webmanifest',
  ])
  const assets = names.filter((file) => file.startsWith('assets/'))
  for (const asset of assets) expect(asset).toMatch(/^assets\/[\w-]+-[\w-]{8}\.(css|js|js\.map)$/)
  const unhashed = assets.map((file) => file.replace(/-[\w-]{8}\./, '.'))
  expect(unhashed).toEqual(expect.arrayContaining(['assets/index.css', 'assets/index.js', 'assets/status-page.js']))
})

test('what is not for players is a chunk of its own', () => {
  const chunks = named(/\.js$/).map((file) => file.replace(/^assets\/|-[\w-]{8}\.js$/g, ''))
  for (const chunk of [
    'de',
    'game',
    'status-page',
    'connection-details',
    'admin-page',
    'quiz-page',
    'host-page',
    'screen-page',
  ])
    expect(chunks).toContain(chunk)
})

test('a player loads at most 90 KB gzip, 80 KB Brotli of JavaScript until "you are in"', () => {
  // the page itself, and another language; the game is loaded in the lobby
  const scripts = [...page.matchAll(/(?:href|src)="\/(assets\/[^"]+\.js)"/g)].map(([, address]) => address ?? '')
  const german = named(/\/de-[\w-]{8}\.js$/)
  expect(scripts.length).toBeGreaterThan(0)
  expect(german).toHaveLength(1)
  const loaded = [...scripts, ...german].map((file) => Buffer.from(files[file] ?? ''))
  const total = (size: (script: Buffer) => number) => loaded.reduce((sum, script) => sum + size(script), 0)
  const gzip = total((script) => gzipSync(script).length)
  // about what the CDN compresses with
  const brotli = total(
    (script) => brotliCompressSync(script, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }).length,
  )
  console.log(`a player loads ${brotli} bytes by Brotli, ${gzip} by gzip`)
  expect(gzip).toBeLessThanOrEqual(90_000)
  expect(brotli).toBeLessThanOrEqual(80_000)
})

test('the page has exactly one empty release for the deployment to fill in', () => {
  expect(page.match(/<meta[^>]*name="?release[^>]*>/g)).toEqual(['<meta name="release" content="">'])
})

test('everything that the page refers to is in the build', () => {
  const addresses = [...page.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, address]) => address ?? '')
  expect(addresses.length).toBeGreaterThanOrEqual(4)
  for (const address of addresses) expect(Object.keys(files).map((file) => `/${file}`)).toContain(address)
})

test('the page runs under a policy that allows only its own origin', () => {
  expect(page).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=/)
  for (const sheet of named(/\.css$/)) expect(files[sheet]).not.toMatch(/url\(|@import/)
})

test('every script has its source map beside it', () => {
  // the bundler's own helper has no source here
  for (const script of named(/\.js$/).filter((file) => !file.includes('/rolldown-runtime-'))) {
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
