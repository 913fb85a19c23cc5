import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { addToSummary, withoutValues } from '../../../lib/service/failure-block.mts'
import { hintFor } from '../../../lib/service/failure-hints.mts'
import { failedTasks, tasksOfLatestDeployment, stoppedReasons } from '../../../lib/service/tasks.mts'

describe('the reasons why tasks stopped', () => {
  it('are counted together, with exit code and reason of the container', () => {
    const crashed = {
      stoppedReason: 'Essential container in task exited',
      containers: [{ exitCode: 137, reason: 'OutOfMemoryError' }],
    }
    const missing = {
      stoppedReason: 'CannotPullContainerError: manifest unknown',
      containers: [{ reason: 'CannotPullContainerError: manifest unknown' }],
    }
    assert.deepEqual(stoppedReasons([crashed, missing, crashed]), [
      '2 × Essential container in task exited (OutOfMemoryError, exit code 137)',
      '1 × CannotPullContainerError: manifest unknown',
    ])
  })

  it('are those of one deployment where the same revision was tried before', () => {
    const task = (startedBy: string, createdAt: string) => ({
      taskArn: startedBy + createdAt,
      taskDefinitionArn: 'b',
      containers: [],
      startedBy,
      createdAt,
    })
    const tasks = [task('ecs-svc/1', '2026-11-25T10:00:00Z'), task('ecs-svc/2', '2026-11-25T11:00:00Z')]
    assert.deepEqual(tasksOfLatestDeployment(tasks, []), [tasks[1]])
    assert.deepEqual(tasksOfLatestDeployment(tasks, [task('ecs-svc/3', '2026-11-25T12:00:00Z')]), [])
    assert.deepEqual(tasksOfLatestDeployment([], []), [])
  })

  it('leave out tasks that ECS took away because it wanted fewer', () => {
    const task = (stoppedReason: string) => ({ taskArn: 'a', taskDefinitionArn: 'b', containers: [], stoppedReason })
    const failed = task('Task failed ELB health checks in (target-group tg)')
    assert.deepEqual(failedTasks([task('Scaling activity initiated by (deployment ecs-svc/1)'), failed]), [failed])
  })
})

describe('the hint', () => {
  for (const [words, hint] of [
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
    it(`for "${words.slice(0, 70)}" is "${hint.source.slice(1)}"`, () => assert.match(hintFor([words]) ?? '', hint))
  }

  it('is none where the words are not known', () => assert.equal(hintFor(['something new under the sun']), undefined))
})

describe('what changed since the last good release', () => {
  it('names variables without their values, and digests without their repository', () => {
    assert.deepEqual(
      withoutValues([
        'cpu: 256 → 512',
        'containerDefinitions.web.environment.TOKEN: hunter2 → hunter3\nand: more',
        'containerDefinitions.web.environment.NEW: (none) → hunter2',
        'containerDefinitions.web.environment.OLD: hunter2 → (none)',
        'containerDefinitions.web.image: 1.example/name@sha256:aa → 1.example/name@sha256:bb',
      ]),
      [
        'cpu: 256 → 512',
        'environment: TOKEN changed',
        'environment: NEW is new',
        'environment: OLD is gone',
        'image: sha256:aa → sha256:bb',
      ],
    )
  })
})

describe('the summary of a CI job', () => {
  it('gets the block, after what others wrote there', () => {
    const directory = mkdtempSync(join(tmpdir(), 'live-quiz-summary-'))
    const file = join(directory, 'summary.md')
    addToSummary('one', ['a'], file)
    addToSummary('two', ['b', '```', 'c'], file)
    assert.equal(readFileSync(file, 'utf8'), '### one\n\n````text\na\n````\n\n### two\n\n````text\nb\n```\nc\n````\n\n')
    rmSync(directory, { recursive: true })
  })
})
