/**
 * An expected failure: one fact, one remedy, one exit code. It is shown as two lines without a stack trace; anything
 * else that is thrown is a bug and shows its trace.
 *
 * Exit codes (a promise of ./deploy/*.mts and npm run): 0 deployed, 1 failed, 2 usage or environment, 3 rolled back,
 * 4 superseded, 5 still running, 130 Ctrl-C, 143 SIGTERM.
 */
export class Failure extends Error {
  readonly remedy: string
  readonly exitCode: number
  /** Lines that were told already, for whoever was not there: Slack, the summary of a CI job. */
  readonly details: readonly string[]
  constructor(fact: string, remedy: string, exitCode = 1, details: readonly string[] = []) {
    super(fact)
    this.name = 'Failure'
    this.remedy = remedy
    this.exitCode = exitCode
    this.details = details
  }
}
