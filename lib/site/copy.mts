import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { run } from '../script/shell.mts'
import type { SiteFile } from './files.mts'
import { groupsOf, headerFlags } from './upload.mts'

/*
 * Copies inside S3, without a download. `aws` version 1 drops the headers of an object that it copies in parts, unless the
 * command states them.
 */

/** The size from which `aws` may copy in parts: 8 MiB, or what the user's configuration says. */
export function multipartThreshold(env = process.env): number {
  const file = env['AWS_CONFIG_FILE'] || join(homedir(), '.aws', 'config')
  const isOwn = existsSync(file) && readFileSync(file, 'utf8').includes('multipart_threshold')
  return isOwn ? 0 : 8 << 20
}

/** More names than these make no line that a person could paste. */
const mostNames = 20

/** Each name is matched with each object, twice. */
const namesInOneCall = 100

interface Copy {
  /** `s3://bucket/prefix` */
  from: string
  to: string
  files: SiteFile[]
  /** Flags that copy all the files, and nothing that may not be there; undefined: there are none. */
  flagsForAll: string[] | undefined
}

/** Copies objects with their headers. */
export async function copyObjects({ from, to, files, flagsForAll }: Copy): Promise<void> {
  for (const flags of copyFlags(files, flagsForAll, multipartThreshold()))
    await run`aws s3 cp ${from} ${to} --recursive --no-progress ${flags}`
}

/** The flags of each call: one for the small files, with the headers that they have, and one per header for the others. */
export function copyFlags(files: SiteFile[], flagsForAll: string[] | undefined, parts: number): string[][] {
  const small = files.filter(({ size }) => size < parts)
  const large = groupsOf(files.filter(({ size }) => size >= parts))
  return [
    ...(small.length > mostNames && flagsForAll ? [flagsForAll] : chunksOf(small).map(onlyFlags)),
    ...large.flatMap((group) =>
      chunksOf(group.files).map((chunk) => [
        ...onlyFlags(chunk),
        '--metadata-directive',
        'REPLACE',
        ...headerFlags(group),
      ]),
    ),
  ]
}

function chunksOf(files: SiteFile[]): SiteFile[][] {
  const count = Math.ceil(files.length / namesInOneCall)
  return Array.from({ length: count }, (_, index) => files.slice(index * namesInOneCall, (index + 1) * namesInOneCall))
}

function onlyFlags(files: SiteFile[]): string[] {
  return ['--exclude', '*', ...files.flatMap(({ key }) => ['--include', literally(key)])]
}

/** The flags for all but these; undefined when there are too many. */
export function excludeFlags(files: Pick<SiteFile, 'key'>[]): string[] | undefined {
  return files.length > mostNames ? undefined : files.flatMap(({ key }) => ['--exclude', literally(key)])
}

/** The flags take globs. */
function literally(key: string): string {
  return key.replace(/[[\]?*]/g, '[$&]')
}
