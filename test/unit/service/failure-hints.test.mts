import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hintFor } from '../../../lib/service/failure-hints.mts'

describe('the hint', () => {
  for (const [message, hint] of [
    [
      'CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref x: not found',
      /^image missing/,
    ],
    [
      'CannotPullContainerError: ref pull has been retried: manifest unknown: Requested image not found',
      /^image missing/,
    ],
    ['CannotPullContainerError: pull access denied, 403 Forbidden', /^the task execution role may not pull/],
    ['CannotPullContainerError: dial tcp 3.4.5.6:443: i/o timeout', /^no way out/],
    [
      "CannotPullContainerError: image Manifest does not contain descriptor matching platform 'linux/amd64'; no match for platform in manifest: not found",
      /^architecture/,
    ],
    ['exec /usr/local/bin/docker-entrypoint.sh: exec format error', /^architecture/],
    [
      "CannotPullContainerError: pull image manifest has been retried 1 time(s): image Manifest does not contain descriptor matching platform 'linux/arm64'",
      /^architecture/,
    ],
    [
      'ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve secret from asm: ResourceNotFoundException',
      /^secret missing/,
    ],
    [
      'ResourceInitializationError: failed to validate logger args: The specified log group does not exist.',
      /^log group missing/,
    ],
    ['ECS was unable to assume the role that was provided for this task', /^ECS may not assume/],
    ['Capacity is unavailable at this time. Please try again later', /^no capacity/],
    [
      '3 × Essential container in task exited (OutOfMemoryError: Container killed due to memory usage, exit code 137)',
      /^out of memory/,
    ],
    ['Error: listen EADDRINUSE: address already in use :::3000', /^port: something else/],
    [
      "Error: Cannot find module '/app/dist/index.js'\n3 × Essential container in task exited (exit code 1)",
      /^crash at start: the image lacks/,
    ],
    ['3 × Essential container in task exited (exit code 1)', /^crash at start: the container exited/],
    [
      'is unhealthy in (target-group tg) due to (reason Health checks failed with these codes: [500])',
      /^health path: the task answers/,
    ],
    ['is unhealthy in (target-group tg) due to (reason Request timed out)', /^port: nothing answers/],
    ['(task 1) failed container health checks.', /^health path: the container/],
    ['User: x is not authorized to perform: dynamodb:PutItem', /^a permission is missing/],
  ] as const) {
    it(`for "${message.slice(0, 40)}" is "${hint.source.slice(1)}"`, () => assert.match(hintFor([message]) ?? '', hint))
  }

  it('is none for an unknown message', () => assert.equal(hintFor(['something new under the sun']), undefined))
})
