// @vitest-environment node
import { expect, test } from 'vitest'
import { parseEnv } from '../src/config/parse-env.ts'

test('the page uses its own origin by default', () => {
  expect(parseEnv({})).toEqual({ appName: 'Live Quiz', apiUrl: '/api', wsUrl: '/ws' })
})

test('given values win over the defaults', () => {
  expect(parseEnv({ VITE_APP_NAME: 'Pub Quiz', VITE_API_URL: '/v2/api', VITE_WS_URL: '/live' })).toEqual({
    appName: 'Pub Quiz',
    apiUrl: '/v2/api',
    wsUrl: '/live',
  })
})

test.each(['', 'api', 'https://elsewhere.test/api', '//elsewhere.test/api', '/with space', '/ws#here'])(
  'an address that is no path on the site is refused: %j',
  (value) => {
    expect(() => parseEnv({ VITE_WS_URL: value })).toThrow(
      `VITE_WS_URL is ${JSON.stringify(value)}, it must be a path on the site itself`,
    )
  },
)

test('every malformed setting is listed at once', () => {
  expect(() => parseEnv({ VITE_APP_NAME: '', VITE_API_URL: 'api', VITE_WS_URL: 'ws' })).toThrow(
    /VITE_APP_NAME.*\nVITE_API_URL.*\nVITE_WS_URL/,
  )
})
