import { AsyncLocalStorage } from 'node:async_hooks'
import { plainText } from './drawing.mts'
import { log } from './log.mts'
import { detail, isVerbose, showDetail } from './narration.mts'

/*
 * What commands print, on its way to the reader: the log has all of it, the reader what says something.
 */

/** Lines that say nothing about this run. */
const noise = [
  /^\s*$/,
  // docker build without buildx, three lines
  /^DEPRECATED: The legacy builder/,
  /^\s+Install the buildx component/,
  /^\s+https:\/\/docs\.docker\.com\/go\/buildx/,
  // docker login without a credential helper, three lines
  /^WARNING! Your (credentials|password)/,
  /^Configure a credential helper/,
  /^https:\/\/docs\.docker\.com\/go\/credential-store/,
  /^npm (warn|notice)\b/i,
]

const transfer = /^(?:upload|copy): .* to s3:/

/** Takes what one command prints, line by line. */
export function commandOutput(): { line: (text: string) => void; end: () => void } {
  let files = 0
  return {
    // a stream calls from where it was made, which is outside the step of its command
    line: AsyncLocalStorage.bind((text: string) => {
      const line = plainText(text)
      log(`  ${line}`)
      if (isVerbose()) return void (line && showDetail(line))
      if (transfer.test(line)) return void files++
      if (!noise.some((pattern) => pattern.test(line))) showDetail(line)
    }),
    end: () => {
      if (files > 0) detail(`${files} ${files === 1 ? 'file' : 'files'}`)
    },
  }
}
