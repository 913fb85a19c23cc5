import { stripVTControlCharacters } from 'node:util'
import type { Suite } from './suites.mts'

export interface Count {
  passed: number
  failed: number
  skipped: number
}

const number = (text: string, pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0)

/** Reads the runner's own closing lines (node's spec reporter, bats' TAP, vitest's default reporter). */
export function countTests(runner: Suite['runner'], output: string): Count {
  const text = stripVTControlCharacters(output)
  switch (runner) {
    case 'node':
      return {
        passed: number(text, /^ℹ pass (\d+)$/m),
        failed: number(text, /^ℹ fail (\d+)$/m) + number(text, /^ℹ cancelled (\d+)$/m),
        skipped: number(text, /^ℹ skipped (\d+)$/m),
      }
    case 'bats': {
      const lines = text.split('\n')
      const skipped = lines.filter((line) => /^ok \d+ .*# skip/.test(line)).length
      return {
        passed: lines.filter((line) => /^ok \d+ /.test(line)).length - skipped,
        failed: lines.filter((line) => /^not ok \d+ /.test(line)).length,
        skipped,
      }
    }
    case 'vitest': {
      const line = /^\s*Tests\s+(.*)$/m.exec(text)?.[1] ?? ''
      return {
        passed: number(line, /(\d+) passed/),
        failed: number(line, /(\d+) failed/),
        skipped: number(line, /(\d+) skipped/),
      }
    }
  }
}

/** Those of several files in one process (together.mts) that ran no test: node's spec reporter does not open them. */
export function filesWithoutTest(files: string[], output: string): string[] {
  return files.length < 2 ? [] : files.filter((file) => !output.includes(`▶ ${file}\n`))
}

/** What the runner said about the tests that failed, at most `most` lines; the last lines of one that named none. */
export function failuresIn(runner: Suite['runner'], output: string, most = 60): string {
  const lines = stripVTControlCharacters(output).trimEnd().split('\n')
  if (runner === 'bats') {
    const isFailed = lines.map((line) => /^not ok \d+ /.test(line))
    // the lines of a test follow its verdict, as comments
    lines.forEach((line, index) => (isFailed[index] ||= line.startsWith('#') && isFailed[index - 1] === true))
    const failed = lines.filter((_, index) => isFailed[index])
    if (failed.length > 0) return failed.slice(0, most).join('\n')
  }
  const start = lines.findIndex((line) => /^✖ failing tests:|Failed Tests/.test(line))
  return (start < 0 ? lines.slice(-most) : lines.slice(start, start + most)).join('\n')
}
