import { join } from 'node:path'

/** Root of the repository, and the directory of every command that does not ask for another. */
export const root = join(import.meta.dirname, '..', '..')
