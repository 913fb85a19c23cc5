/*
 * Runs several test files in one process, one after the other: a process each takes longer to start than most files take to
 * run.
 *
 *   node --import ./lib/script/loader.mjs --test-reporter=spec test/runner/together.mts <file>…
 */
import { describe } from 'node:test'
import { pathToFileURL } from 'node:url'

// hooks of a file stay its own
for (const file of process.argv.slice(2)) describe(file, () => import(pathToFileURL(file).href))
