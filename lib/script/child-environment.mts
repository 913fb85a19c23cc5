import { accessSync, constants, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './files.mts'

/*
 * What a command gets of the user's shell: all but the variables by which a shell that works for its user has been seen to
 * break a build, a question or its answer. Docker's own are in lib/image/docker.mts.
 */

const removed: RegExp[] = [
  // set for git hooks and aliases: our git would work in another repository, or on another index
  /^GIT_(DIR|WORK_TREE|INDEX_FILE|COMMON_DIR|NAMESPACE|PREFIX|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES)$/,
  // production: npm leaves out what builds need; development: React's slow build
  /^NODE_ENV$/,
  // each command runs in a bash: what it reads when it starts may print, trace or end it
  /^(BASH_ENV|ENV|SHELLOPTS|BASHOPTS|CDPATH)$/,
  // docker takes no image then whose name is in an ARG, and asks for a passphrase before it pushes
  /^DOCKER_CONTENT_TRUST$/,
  // in another language an answer is not recognised
  /^(LANG|LANGUAGE|LC_\w+)$/,
]

const added = {
  // an emoji in a note, an umlaut in a file's name: `aws` cannot print them otherwise
  LC_ALL: 'C.UTF-8',
  PYTHONUTF8: '1',
  PYTHONIOENCODING: 'utf-8',
  AWS_CLI_FILE_ENCODING: 'UTF-8',
}

export function childEnvironment(env = process.env): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !removed.some((pattern) => pattern.test(name)))
  return {
    ...Object.fromEntries(kept),
    ...added,
    // a job's directory that has gone, for example
    ...(isWritable(env['TMPDIR'] ?? '/tmp') ? {} : { TMPDIR: undefined }),
    PATH: `${join(root, 'node_modules', '.bin')}:${env['PATH']}`,
  }
}

/** Whether it is a directory that can be written to. */
export function isWritable(directory: string): boolean {
  try {
    accessSync(join(directory, '.'), constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Where a command finds a program, through every link; undefined: it is not on the PATH. */
export function findProgram(name: string): string | undefined {
  const file = (childEnvironment()['PATH'] ?? '')
    .split(':')
    .map((directory) => join(directory, name))
    .find((path) => isExecutable(path))
  return file && realpathSync(file)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
