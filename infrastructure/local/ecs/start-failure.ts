/** A task that could not be started; the reason is the task's stoppedReason, as AWS writes it. */
export class StartFailure extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'StartFailure'
  }
}
