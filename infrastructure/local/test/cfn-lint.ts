import { join } from 'node:path'
import { exclusively } from '../cli/lock.mts'
import { provide, pythonOf, type Virtualenv } from '../cli/virtualenv.mts'
import { stateDirectory } from '../connection.ts'

export const cfnLint: Virtualenv = {
  directory: join(stateDirectory, 'cfn-lint'),
  requirements: join(import.meta.dirname, 'requirements.txt'),
  what: 'cfn-lint',
}

export const cfnLintPython = pythonOf(cfnLint)

export async function provideCfnLint(): Promise<void> {
  await exclusively(() => provide(cfnLint))
}
