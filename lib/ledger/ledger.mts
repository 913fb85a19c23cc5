import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Place } from '../environment/target.mts'
import { invocationWith } from '../script/command-line.mts'
import { Failure } from '../script/failure.mts'
import { root, stateFile } from '../script/files.mts'
import { currentJob, isSurvivable, runUninterrupted } from '../script/job.mts'
import { sayDimmed, say } from '../script/narration.mts'
import { change, read } from '../script/shell.mts'
import { newestFirst, type ReleaseRecord } from './record.mts'

/*
 * The table of release records and of the deploy lock. It is part of the stack: before the first deployment there is none.
 */

const noTable = /ResourceNotFoundException/

/** The result of a write that has a condition. */
export type Outcome = 'written' | 'refused' | 'no table'

/**
 * Writes to the table; which command does, only the log says, unless it is `shown`.
 * @param input the API's own, such as https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html; or the
 *   argument that `aws` takes for it
 */
export async function changeItem(
  action: 'put-item' | 'update-item' | 'delete-item',
  input: object | string,
  { shown = false }: { shown?: boolean } = {},
): Promise<Outcome> {
  const argument = typeof input === 'string' ? input : JSON.stringify(input)
  const result = await change({ shown })`aws dynamodb ${action} --cli-input-json ${argument}`
  if (result.exitCode === 0) return 'written'
  if (/ConditionalCheckFailedException/.test(result.stderr)) return 'refused'
  if (noTable.test(result.stderr)) return 'no table'
  throw result.failed()
}

/** Where the stack is there and this table is not: someone has deleted it. */
export function missingTableFailure({ names }: Pick<Place, 'names'>): Failure {
  return new Failure(
    `the table ${names.ledger} is gone, and with it the deploy lock`,
    'bring it back as in docs/DISASTER_RECOVERY.md, "The ledger", then re-run the same command',
  )
}

/** The item of a key; undefined when there is none, or no table yet. */
export async function readItem<T>(table: string, key: { pk: string; sk: string }): Promise<T | undefined> {
  const found = await read<{ Item?: Attributes }>({
    ifEmpty: {},
    absent: noTable,
  })`aws dynamodb get-item --table-name ${table} --key ${JSON.stringify(toAttributes(key))} --consistent-read`
  return found?.Item && (fromAttributes(found.Item) as T)
}

export interface RecordWriter {
  /** Writes the record as it is by then. It may be stopped with the run, without a word. */
  write(): Promise<void>
  /** Writes the record of a run that has ended: it is not stopped, and says how it went. */
  writeLast(): Promise<void>
}

/**
 * Writes the record of a run and its later states, one after the other; says what is new about that. A deployment succeeds
 * even when it cannot be recorded.
 */
export function recordWriter(place: Place, record: ReleaseRecord): RecordWriter {
  let said: string | undefined
  let writing = Promise.resolve()

  async function tryToWrite({ isLast }: { isLast: boolean }): Promise<void> {
    try {
      if (!(await writeRecord(place, record))) return
      sayNews(`release ${record.id} recorded: ${record.verdict}`, sayDimmed)
    } catch (error) {
      if (!isLast && currentJob().signal.aborted) return
      if (!(error instanceof Failure)) throw error
      sayNews(`warning: this release is not in the ledger: ${error.message}`, say)
    }
  }

  function sayNews(text: string, print: typeof say): void {
    if (text !== said) print(text)
    said = text
  }

  const last = () => runUninterrupted({ atMost: 60_000, afterInterruption: 5_000 }, () => tryToWrite({ isLast: true }))
  return {
    write: () => (writing = writing.then(() => tryToWrite({ isLast: false }))),
    writeLast: () => (writing = writing.then(last)),
  }
}

/** Never overwrites another run's. Returns false without a table. */
async function writeRecord({ environment, names }: Place, record: ReleaseRecord): Promise<boolean> {
  const input = {
    TableName: names.ledger,
    Item: toAttributes({ pk: 'release', sk: record.id, ...record }),
    ConditionExpression: 'attribute_not_exists(pk) OR startedAt = :startedAt',
    ExpressionAttributeValues: toAttributes({ ':startedAt': record.startedAt }),
  }
  const outcome = await changeItem('put-item', argumentFor(input, environment, `${record.id}.json`))
  if (outcome === 'refused') {
    throw new Failure(
      `the ledger already has a release ${record.id} of another run`,
      `${invocationWith('releases', environment, 'RELEASE', record.id)} shows it`,
    )
  }
  return outcome === 'written'
}

/** A file, to be found afterwards; the text itself where none can be written, as on a full disk. */
function argumentFor(input: object, environment: Place['environment'], name: string): string {
  const text = JSON.stringify(input)
  try {
    const file = stateFile(environment, 'releases', name)
    writeFileSync(join(root, file), text, { mode: 0o600 })
    return `file://${file}`
  } catch {
    return text
  }
}

/**
 * Release records, newest first. Undefined when there is no table yet.
 * @param most how many to read at most, where nothing is looked up in them; without it, all: a thousand are a question or two
 */
export async function listReleaseRecords(
  { names }: Pick<Place, 'names'>,
  most?: number,
): Promise<ReleaseRecord[] | undefined> {
  const values = JSON.stringify(toAttributes({ ':pk': 'release' }))
  const found = await read<{ Items: Attributes[] }>({
    ifEmpty: { Items: [] },
    absent: noTable,
  })`aws dynamodb query --table-name ${names.ledger} --key-condition-expression ${'pk = :pk'} --expression-attribute-values ${values} --no-scan-index-forward --consistent-read ${most === undefined ? [] : ['--max-items', String(most)]}`
  const records = found?.Items.map((attributes) => {
    const { pk: _pk, sk: _sk, ...record } = fromAttributes(attributes)
    return record as unknown as ReleaseRecord
  })
  return records && newestFirst(records)
}

/**
 * The same for a remark only: when the ledger does not answer, it warns and returns none, so that a rollback still works.
 * @param remark what is unknown then
 */
export async function listRecordsOrWarn(target: Pick<Place, 'names'>, remark: string): Promise<ReleaseRecord[]> {
  try {
    return (await listReleaseRecords(target)) ?? []
  } catch (error) {
    if (!isSurvivable(error)) throw error
    say(`warning: ${remark} is unknown: ${error.message}`)
    return []
  }
}

/** A value as DynamoDB writes it (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html). */
type Attribute =
  { S: string } | { N: string } | { BOOL: boolean } | { L: Attribute[] } | { M: Record<string, Attribute> }

export type Attributes = Record<string, Attribute>

/** Plain data as attributes: text, numbers, booleans, lists and objects of these. What is undefined is left out. */
export function toAttributes(item: object): Attributes {
  return Object.fromEntries(
    Object.entries(item).flatMap(([name, value]) => (value === undefined ? [] : [[name, toAttribute(value)]])),
  )
}

export function fromAttributes(attributes: Attributes): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, fromAttribute(value)]))
}

function toAttribute(value: unknown): Attribute {
  if (typeof value === 'string') return { S: value }
  if (typeof value === 'number') return { N: String(value) }
  if (typeof value === 'boolean') return { BOOL: value }
  if (Array.isArray(value)) return { L: value.map(toAttribute) }
  if (typeof value === 'object' && value !== null) return { M: toAttributes(value) }
  throw new TypeError(`no attribute can hold ${String(value)}`)
}

function fromAttribute(attribute: Attribute): unknown {
  if ('S' in attribute) return attribute.S
  if ('N' in attribute) return Number(attribute.N)
  if ('BOOL' in attribute) return attribute.BOOL
  if ('L' in attribute) return attribute.L.map(fromAttribute)
  return fromAttributes(attribute.M)
}
