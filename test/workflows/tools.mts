import { existsSync, mkdirSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { exclusively, provide, type Virtualenv } from '../../infrastructure/local/testing.ts'
import { root } from '../../lib/script/files.mts'

/*
 * zizmor and shellcheck are binaries in packages of PyPI. actionlint is built from its Go module: the packages of that name
 * fetch a binary from elsewhere, or are of another author. Both are pinned by hash: requirements.txt, go.sum.
 */

const tools: Virtualenv = {
  directory: join(root, '.local', 'workflow-tools'),
  requirements: join(import.meta.dirname, 'requirements.txt'),
  what: 'zizmor, shellcheck and a Go for actionlint',
}
const bin = join(tools.directory, 'bin')
const actionlint = join(bin, 'actionlint')

/** Several test files may begin at once. */
export async function provideTools(): Promise<void> {
  await exclusively(async () => {
    await provide(tools)
    if (existsSync(actionlint)) return
    mkdirSync(dirname(actionlint), { recursive: true })
    const built = run(join(bin, 'go'), ['build', '-o', actionlint, 'github.com/rhysd/actionlint/cmd/actionlint'], {
      cwd: import.meta.dirname,
      env: { GOTOOLCHAIN: 'local', GOFLAGS: '-mod=readonly', GOPATH: join(tools.directory, 'go') },
    })
    if (built.status !== 0) throw new Error(`actionlint could not be built:\n${built.output}`)
  })
}

/** What actionlint, with shellcheck in each `run:`, says of the workflows of a checkout. */
export function lint(checkout = root): { status: number | null; output: string } {
  return run(actionlint, [], { cwd: checkout, env: { PATH: `${bin}${delimiter}${process.env['PATH']}` } })
}

/** What zizmor says of a workflow's security: medium and high. */
export function audit(place: string): { status: number | null; output: string } {
  return run(join(bin, 'zizmor'), ['--offline', '--no-progress', '--quiet', '--min-severity=medium', place], {})
}

function run(command: string, args: string[], { cwd = root, env = {} }: { cwd?: string; env?: NodeJS.ProcessEnv }) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
  })
  if (error) throw error
  return { status, output: stdout + stderr }
}
