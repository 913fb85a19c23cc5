import type { Place } from '../environment/target.mts'
import { duration } from '../script/drawing.mts'
import { Failure } from '../script/failure.mts'
import { runUninterrupted } from '../script/job.mts'
import { addToPage, giveOutputs } from '../script/job-page.mts'
import { ciRunUrl, isReadByCi } from '../script/surroundings.mts'
import { revisionName } from '../service/service.mts'
import { addresses, findStackOutputs } from '../stack/stack.mts'
import type { ComponentRecord, ReleaseRecord } from './record.mts'

/** Gives a CI what the run did: the outputs of its step, and the page of its job. Never fails. */
export async function reportToCi(place: Pick<Place, 'names'>, record: ReleaseRecord): Promise<void> {
  if (!isReadByCi()) return
  const site = await readSiteUrl(place)
  giveOutputs(runOutputs(record, site))
  addToPage(runPage(record, site))
}

/** Reports a promotion that had nothing to do, which is not a release. */
export async function reportUnchanged(
  place: Pick<Place, 'names'>,
  { environment, release }: { environment: string; release: string },
): Promise<void> {
  if (!isReadByCi()) return
  const site = await readSiteUrl(place)
  giveOutputs({ verdict: 'unchanged', changed: 'false', release, site })
  addToPage(`### ${environment}: unchanged\n\nIt runs release \`${release}\`: ${site}\n`)
}

/** Empty where there is no stack, or nobody answers: after Ctrl-C there are seconds. */
async function readSiteUrl(place: Pick<Place, 'names'>): Promise<string> {
  try {
    const outputs = await runUninterrupted({ atMost: 5_000 }, () => findStackOutputs(place))
    return outputs ? `${addresses(outputs).site}/` : ''
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return ''
  }
}

/** The outputs of the step; docs/CI.md explains each. */
export function runOutputs({ id, verdict, components }: ReleaseRecord, site: string): Record<string, string> {
  const { backend } = components
  return {
    verdict,
    changed: String(Object.values(components).some(({ status }) => status !== 'unchanged')),
    release: id,
    site,
    revision: backend?.taskDefinition ? revisionName(backend.taskDefinition) : '',
    digest: backend?.digest ?? '',
  }
}

/** The page of the job, as Markdown: what is live, since when, and how long each part took. */
export function runPage(record: ReleaseRecord, site: string): string {
  const { environment, verdict, id, by, startedAt, endedAt = startedAt, note, promotedFrom, rollbackOf } = record
  const facts = [
    ['release', code(id)],
    ['commit', code(record.sha.slice(0, 12))],
    ['promoted from', promotedFrom && `${promotedFrom.environment}, ${code(promotedFrom.release)}`],
    ['rolls back', rollbackOf && code(rollbackOf)],
    ['site', site],
    ['by', cell(by)],
    ['note', note && cell(note)],
    ['took', duration(Date.parse(endedAt) - Date.parse(startedAt))],
    ['run', ciRunUrl()],
  ].flatMap(([name, value]) => (value ? [`| ${name} | ${value} |`] : []))
  const parts = Object.entries(record.components).map(
    ([name, part]) =>
      `| ${name} | ${part.status} | ${duration(part.seconds * 1000)} | ${whatIsLive(part).map(code).join(', ')} |`,
  )
  const table = ['', '| part | result | took | |', '|---|---|---|---|', ...parts]
  return [
    `### ${environment}: ${verdict}`,
    '',
    '| | |',
    '|---|---|',
    ...facts,
    ...(parts.length > 0 ? table : []),
    '',
  ].join('\n')
}

function whatIsLive({ taskDefinition, digest, release }: ComponentRecord): string[] {
  return [taskDefinition && revisionName(taskDefinition), digest, release].filter(
    (text) => text !== undefined && text !== '',
  ) as string[]
}

function code(text: string): string {
  return `\`${cell(text).replaceAll('`', "'")}\``
}

/** Text in a cell of a table. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
}
