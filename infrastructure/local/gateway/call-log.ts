import { createWriteStream } from 'node:fs'

/** One API call, as a line of `.local/calls.jsonl`. */
export interface LoggedCall {
  /** ISO 8601. */
  time: string
  service: string
  action: string
  /** What it is about, by name or ARN: a stack, `cluster/service`, `bucket/key`. Left out where the call names nothing. */
  resource?: string
  /** What IAM was asked for, where it is enforced and the caller is a role. */
  needs?: LoggedNeed[]
  /** ARN of the caller; the access key id where no ARN is known. */
  caller: string
  /** 0: the client got no answer. */
  status: number
  error?: string
  /** The fault that a rule of `make local-faults` put in its way. */
  fault?: string
  /** Milliseconds from the request's first byte to the response's last. */
  ms: number
}

/** One permission that a call needed: `iam:PassRole` on a role. */
export interface LoggedNeed {
  action: string
  resource: string
  /** Of the statements that allow it; none where nothing does. */
  sids: string[]
}

export type CallLog = (call: LoggedCall) => void

export function openCallLog(file: string): CallLog {
  const stream = createWriteStream(file, { flags: 'a' })
  // a full disk, for example: the calls continue without a log
  stream.on('error', (error) => console.error('the call log has ended:', error))
  return (call) => void stream.write(`${JSON.stringify(call)}\n`)
}
