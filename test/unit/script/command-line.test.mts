import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import {
  invocation,
  promotionLine,
  quote,
  withoutMakeVariables,
  withFlag,
  wrapped,
} from '../../../lib/script/command-line.mts'
import { root } from '../../../lib/script/files.mts'

describe('a line to type', () => {
  const table: [Record<string, string>, string, string][] = [
    [{}, './deploy/backend.mts staging --yes', 'the same line with --yes'],
    [{ npm_lifecycle_event: 'deploy:prod' }, 'npm run deploy:backend staging -- --yes', 'npm run deploy:prod -- --yes'],
    [{ MAKELEVEL: '1' }, 'make deploy-backend ENV=staging ARGS=--yes', 'the same line with ARGS=--yes'],
  ]
  for (const [env, line, flag] of table) {
    it(`is ${line}`, () => {
      assert.equal(invocation('backend', 'staging', '--yes', env), line)
      assert.equal(withFlag('--yes', env, []), flag)
    })
  }
})

describe('a line of npm to type in a workspace', () => {
  const npm = (directory: string) => ({ npm_lifecycle_event: 'deploy:backend', INIT_CWD: directory })

  for (const [directory, prefix] of [
    [root, ''],
    [join(root, 'infrastructure'), ' --prefix ..'],
    [join(root, 'infrastructure', 'local'), ' --prefix ../..'],
    ['/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t', ` --prefix ${quote(root)}`],
  ] as const) {
    it(`names the scripts of the root, from ${directory}`, () => {
      assert.equal(invocation('status', 'staging', '', npm(directory)), `npm${prefix} run status staging`)
      assert.equal(
        promotionLine('staging', 'production', npm(directory)),
        `npm${prefix} run promote staging production`,
      )
    })
  }

  it('is the same line again where a flag is added, of a workspace or of the root', () => {
    const env = npm(join(root, 'infrastructure'))
    const own = { ...env, npm_package_json: join(root, 'infrastructure', 'package.json') }
    assert.equal(withFlag('--yes', own, ['staging']), 'npm run deploy:backend staging -- --yes')
    const ofRoot = { ...env, npm_package_json: join(root, 'package.json') }
    assert.equal(withFlag('--yes', ofRoot, ['staging']), 'npm --prefix .. run deploy:backend staging -- --yes')
  })
})

describe('the npm line that was typed, with one more flag', () => {
  const npm = { npm_lifecycle_event: 'deploy:backend', npm_lifecycle_script: './deploy/backend.mts' }
  const table: [Record<string, string>, string[], string][] = [
    [npm, ['staging'], 'npm run deploy:backend staging -- --yes'],
    [npm, ['staging', '--note', 'a b', '--force'], "npm run deploy:backend staging -- --note 'a b' --force --yes"],
    [
      { npm_lifecycle_event: 'deploy:prod', npm_lifecycle_script: './deploy/all.mts production' },
      ['production', '--redeploy'],
      'npm run deploy:prod -- --redeploy --yes',
    ],
  ]
  for (const [env, argv, line] of table) it(line, () => assert.equal(withFlag('--yes', env, argv), line))
})

describe('ARGS of the make line that was typed, with one more flag', () => {
  const make = { MAKELEVEL: '1' }

  it('has the flags that it had', () => {
    assert.equal(withFlag('--force', make, ['production', '12', '--yes']), 'the same line with ARGS="--yes --force"')
  })

  it('is one word for the shell', () => {
    const line = 'the same line with ARGS="--yes --confirm A"'
    assert.equal(withFlag('--confirm A', make, ['production', '--yes']), line)
    assert.equal(withFlag('--confirm A', make, ['production', '--confirm', 'B', '--yes']), line)
    assert.equal(withFlag('--confirm A', make, ['production', '--yes', '--confirm=B']), line)
  })
})

describe('a flag that was given another value', () => {
  it('is replaced, not given twice', () => {
    const [argv, npm] = [['staging', '--confirm', 'a b', '--yes'], { npm_lifecycle_event: 'destroy' }]
    assert.equal(withFlag('--confirm A', npm, argv), 'npm run destroy staging -- --yes --confirm A')
    assert.equal(withFlag('--confirm A', {}, argv), "the same line with --confirm A instead of --confirm 'a b'")
  })
})

describe('--force', () => {
  const argv = ['staging', '--wait-idle', '--yes']
  const npm = { npm_lifecycle_event: 'deploy:all' }

  it('stands in for --wait-idle, which contradicts it', () => {
    assert.equal(withFlag('--force', {}, argv), 'the same line with --force instead of --wait-idle')
    assert.equal(withFlag('--force', npm, argv), 'npm run deploy:all staging -- --yes --force')
    assert.equal(withFlag('--force', { MAKELEVEL: '1' }, argv), 'the same line with ARGS="--yes --force"')
    assert.equal(withFlag('--force', {}, ['staging']), 'the same line with --force')
  })
})

describe('the line that promotes', () => {
  for (const [env, line] of [
    [{}, './deploy/promote.mts staging production'],
    [{ npm_lifecycle_event: 'promote', MAKELEVEL: '1' }, 'npm run promote staging production'],
    [{ MAKELEVEL: '1' }, 'make promote FROM=staging TO=production'],
  ] as const) {
    it(`is ${line}`, () => assert.equal(promotionLine('staging', 'production', env), line))
  }
})

describe('the environment of a new command line', () => {
  const users = { PATH: '/bin', ARGS: 'of my own', NOTE: 'mine', npm_config_userconfig: '/etc/npmrc' }
  const added = {
    MAKELEVEL: '1',
    MFLAGS: '-s',
    MAKEOVERRIDES: '${-*-command-variables-*-}',
    npm_lifecycle_event: 'test',
  }

  it('does not have what make and npm add for their children', () => {
    assert.deepEqual(withoutMakeVariables({ ...users, ...added, MAKEFLAGS: 's' }), users)
  })

  it('does not have the variables of the make line', () => {
    const makeflags = String.raw`s -- REV=5 NOTE=a\ b ARGS=-c\ "x\ PATH=1"`
    assert.deepEqual(
      withoutMakeVariables({ ...users, ...added, MAKEFLAGS: makeflags, REV: '5', NOTE: 'a b', ARGS: '-c "x PATH=1"' }),
      { PATH: '/bin', npm_config_userconfig: '/etc/npmrc' },
    )
    assert.deepEqual(withoutMakeVariables({ ...users, ...added, MAKEFLAGS: ' -- ARGS=documented' }).ARGS, undefined)
  })
})

describe('a command that is shown', () => {
  it('stays on one line where it fits', () => {
    assert.deepEqual(wrapped('npm run build', 20), ['$ npm run build'])
  })

  it('is broken before a flag, which stays with its value', () => {
    assert.deepEqual(wrapped('docker build --force-rm --tag image:latest backend/', 36), [
      '$ docker build --force-rm \\',
      '  --tag image:latest backend/',
    ])
  })

  it('that is broken is the same to a shell', () => {
    const command = `printf '%s|' --content-type 'text/css; charset=utf-8' --exclude '*' 'it'\\''s' "a" plain\\ word --end   # the task's keys, and no others`
    const broken = wrapped(command, 36).join('\n').replace('$ ', '')
    assert.ok(broken.includes('\\\n'))
    const [whole, pasted] = [command, broken].map((line) => spawnSync('sh', ['-c', line], { encoding: 'utf8' }))
    assert.deepEqual([pasted?.stdout, pasted?.stderr], [whole?.stdout, ''])
  })

  it('of many lines is cut, and then no shell runs it', () => {
    const command = ['touch', ...Array.from({ length: 40 }, (_, index) => `/tmp/cut-${index}`)].join(' ')
    const lines = wrapped(command, 24)
    assert.equal(lines.length, 7)
    assert.match(lines.at(-1)!, /\(\d+ more lines are in the log\)/)
    assert.notEqual(spawnSync('sh', ['-n', '-c', lines.join('\n').slice(2)]).status, 0)
  })
})
