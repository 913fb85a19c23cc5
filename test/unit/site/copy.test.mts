import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { excludeFlags, copyFlags, multipartThreshold } from '../../../lib/site/copy.mts'
import { file } from './objects.mts'

const many = (count: number) => Array.from({ length: count }, (_, index) => file(`${index}.txt`, ''))
const parts = multipartThreshold({ AWS_CONFIG_FILE: '/dev/null' })
const film = { ...file('intro.mp4', ''), size: 9 << 20 }

describe('the flags of a copy inside S3', () => {
  it('name a few files literally, although the flags take globs', () => {
    assert.deepEqual(copyFlags([file('a[1]*.txt', '')], undefined, parts), [
      ['--exclude', '*', '--include', 'a[[]1[]][*].txt'],
    ])
  })

  it('name the directory of many files', () => {
    assert.deepEqual(copyFlags(many(4000), ['--exclude', '*.html'], parts), [['--exclude', '*.html']])
  })

  it('name a hundred files at a time where there is no such directory', () => {
    const calls = copyFlags(many(4000), undefined, parts)
    assert.deepEqual([calls.length, calls[0]?.length], [40, 202])
    assert.ok(calls.every((flags) => flags.join(' ').length < 4000))
  })

  it('give the headers of a file that is copied in parts, since aws version 1 drops them', () => {
    assert.deepEqual(copyFlags([file('a.txt', ''), film], [], parts), [
      ['--exclude', '*', '--include', 'a.txt'],
      [
        '--exclude',
        '*',
        '--include',
        'intro.mp4',
        '--metadata-directive',
        'REPLACE',
        '--content-type',
        'video/mp4',
        '--cache-control',
        'no-cache',
      ],
    ])
  })

  it('give the headers of every file where the user has set when aws copies in parts', () => {
    assert.deepEqual(copyFlags([file('a.txt', '')], [], 0).length, 1)
    assert.match(copyFlags([file('a.txt', '')], [], 0)[0]!.join(' '), /--metadata-directive REPLACE/)
    const config = join(mkdtempSync(join(tmpdir(), 'aws ')), 'config')
    writeFileSync(config, '[default]\ns3 =\n  multipart_threshold = 1MB\n')
    assert.equal(multipartThreshold({ AWS_CONFIG_FILE: config }), 0)
    writeFileSync(config, '[default]\nregion = us-east-1\n')
    assert.equal(multipartThreshold({ AWS_CONFIG_FILE: config }), 8 << 20)
    rmSync(dirname(config), { recursive: true })
  })

  it('are none where there is nothing to copy', () => assert.deepEqual(copyFlags([], [], parts), []))

  it('leave out a few files, and no more', () => {
    assert.deepEqual(excludeFlags(many(1)), ['--exclude', '0.txt'])
    assert.equal(excludeFlags(many(21)), undefined)
  })
})
