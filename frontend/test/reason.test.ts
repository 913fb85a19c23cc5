// @vitest-environment node
import { expect, test } from 'vitest'
import { reason } from '../src/lib/reason.ts'
import { RequestFailed } from '../src/lib/request.ts'

test.each([0, 200, 401, 404, 413, 415, 422, 429, 500, 502, 503])(
  'why a request failed with %d is said in German',
  (status) => {
    const english = 'the server has its reasons'
    expect(reason.en(new RequestFailed(status, 'code', english))).toBe(english)
    expect(reason.de(new RequestFailed(status, 'code', english))).toMatch(/\b(der|die|das|werden|zu)\b/)
  },
)
