import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'dotenv'
import { keys, type SettingKey } from '../environment/keys.mts'
import { settingsFor } from '../environment/settings.mts'
import type { Target } from '../environment/target.mts'
import { invocation } from '../script/command-line.mts'
import { differenceLine, differences } from '../script/differences.mts'
import { Failure } from '../script/failure.mts'
import { say } from '../script/narration.mts'
import { probe } from '../script/shell.mts'

/**
 * Prints the settings of the stack that an older commit, checked out in `directory`, changes: its app reads its own file. Fails
 * where it would remove the boundary of the task roles: CloudFormation's role may not, and says so only after minutes.
 * @param live commit that is deployed; where this clone has no such commit, as with `-dirty`, what is in env/ counts as deployed
 */
export async function compareSettings(
  { environment, settings }: Target,
  live: string | undefined,
  directory: string,
): Promise<void> {
  const name = `env/.env.${environment}`
  const file = join(directory, name)
  if (!existsSync(file)) return
  const deployed = live === undefined ? undefined : await probe`git show ${`${live}:${name}`}`
  const today = ofStack(deployed?.exitCode === 0 ? settingsIn(deployed.stdout) : settings)
  const restored = ofStack(settingsIn(readFileSync(file, 'utf8')))
  if (today['PERMISSIONS_BOUNDARY'] && !restored['PERMISSIONS_BOUNDARY']) {
    throw new Failure(
      'that commit has no PERMISSIONS_BOUNDARY, and CloudFormation may not remove it from the task roles',
      `undo what is wrong in a new commit, and deploy that: ${invocation('infrastructure', environment)}`,
    )
  }
  for (const each of differences(today, restored)) say(`setting    ${differenceLine(each)}`)
}

/** As they are, since a file of then may have keys that are unknown today. */
function settingsIn(text: string): Record<string, string> {
  const given = parse(text)
  return Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, given[name] ?? key.default]))
}

/** Those that are set; the ones for GitHub are of the stack of `make access`. */
function ofStack(settings: Record<string, string>): Record<string, string> {
  const read = Object.entries(settingsFor('infrastructure', settings as Record<SettingKey, string>))
  return Object.fromEntries(read.filter(([name, value]) => value !== '' && !name.startsWith('GITHUB_')))
}
