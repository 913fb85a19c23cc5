import { lstatSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from 'dotenv'
import { excerpt, Failure } from '../script/failure.mts'
import { root } from '../script/files.mts'
import type { Environment } from './environments.mts'
import { keys, type Key, type Reader, type SettingKey, type Settings } from './keys.mts'

/*
 * The lines of a settings file, `KEY=value` each, for dotenv. What dotenv would skip, cut or read as something else than it
 * looks like is refused: a setting would silently have another value, or no effect.
 */

export function settingsFile(environment: Environment): string {
  return join(root, 'env', `.env.${environment}`)
}

/**
 * The settings of an environment: its file over the defaults, every key checked.
 * Fails (exit 2) with the line to fix when the file is missing or malformed, a key is unknown, a value has the wrong form,
 * Fargate has no task of that size, or values do not fit together: a domain, a key, zones, a budget.
 */
export function readSettings(environment: Environment): Settings {
  const fileName = `env/.env.${environment}`
  return parseSettings(readSettingsText(settingsFile(environment), fileName), fileName)
}

/**
 * The settings in the text of a file; fails as `readSettings` does.
 * @param fileName as messages show it
 */
export function parseSettings(text: string, fileName: string): Settings {
  const given = assignments(text, fileName)
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(keys, name)) {
      throw new Failure(
        `${fileName} has an unknown key: ${excerpt(name)}`,
        'fix or remove it; docs/DEPLOYMENT_CONFIG.md lists the keys',
        2,
      )
    }
    const key: Key = keys[name as SettingKey]
    if (!key.pattern.test(value)) {
      throw new Failure(`${fileName}: ${name} is "${excerpt(value)}"`, `it must be ${key.form}`, 2)
    }
  }
  const settings = Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, given[name] ?? key.default]))
  requireTaskSize(settings as Settings, fileName)
  requireWholeDomain(settings as Settings, fileName)
  requireKeyOfRegion(settings as Settings, fileName)
  requireZonesOfRegion(settings as Settings, fileName)
  requireRecipient(settings as Settings, fileName)
  return settings as Settings
}

/** Smallest, largest and step of the MiB that Fargate allows for CPU units (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html). */
const memoryFor: Record<string, { least: number; most: number; step: number }> = {
  '256': { least: 512, most: 2048, step: 512 },
  '512': { least: 1024, most: 4096, step: 1024 },
  '1024': { least: 2048, most: 8192, step: 1024 },
  '2048': { least: 4096, most: 16384, step: 1024 },
  '4096': { least: 8192, most: 30720, step: 1024 },
}

function requireTaskSize({ TASK_CPU, TASK_MEMORY_MIB }: Settings, fileName: string): void {
  const { least, most, step } = memoryFor[TASK_CPU]!
  const memory = Number(TASK_MEMORY_MIB)
  if (memory >= least && memory <= most && memory % step === 0) return
  throw new Failure(
    `${fileName}: Fargate has no task of ${TASK_CPU} CPU units with ${TASK_MEMORY_MIB} MiB`,
    `with TASK_CPU=${TASK_CPU}, TASK_MEMORY_MIB must be ${least} to ${most}, in steps of ${step}`,
    2,
  )
}

/** CloudFront takes a name only with a certificate for it, and a certificate or a record alone has no use. */
function requireWholeDomain({ SITE_DOMAIN, SITE_CERTIFICATE_ARN, HOSTED_ZONE_ID }: Settings, fileName: string): void {
  const incompleteFailure = (missing: string, given: string) =>
    new Failure(`${fileName}: ${given} is set, and ${missing} is not`, `set ${missing}, or remove ${given}`, 2)
  if (SITE_DOMAIN && !SITE_CERTIFICATE_ARN) throw incompleteFailure('SITE_CERTIFICATE_ARN', 'SITE_DOMAIN')
  if (SITE_CERTIFICATE_ARN && !SITE_DOMAIN) throw incompleteFailure('SITE_DOMAIN', 'SITE_CERTIFICATE_ARN')
  if (HOSTED_ZONE_ID && !SITE_DOMAIN) throw incompleteFailure('SITE_DOMAIN', 'HOSTED_ZONE_ID')
}

/** A service uses a key of its own region only. */
function requireKeyOfRegion({ KMS_KEY_ARN, AWS_REGION }: Settings, fileName: string): void {
  const region = KMS_KEY_ARN.split(':')[3]
  if (region === undefined || region === AWS_REGION) return
  throw new Failure(
    `${fileName}: KMS_KEY_ARN is in ${region}, and AWS_REGION is ${AWS_REGION}`,
    `name a key of ${AWS_REGION}: aws kms list-keys --region ${AWS_REGION}`,
    2,
  )
}

/** With both subnets in one zone, CloudFormation fails only at the load balancer, after minutes. */
function requireZonesOfRegion({ AVAILABILITY_ZONES, AWS_REGION }: Settings, fileName: string): void {
  const [one = '', other = ''] = AVAILABILITY_ZONES.split(',')
  if (one === '' || (one !== other && one.startsWith(AWS_REGION) && other.startsWith(AWS_REGION))) return
  throw new Failure(
    `${fileName}: AVAILABILITY_ZONES is "${AVAILABILITY_ZONES}"`,
    `it must be two zones of ${AWS_REGION}: aws ec2 describe-availability-zones --region ${AWS_REGION}`,
    2,
  )
}

function requireRecipient({ MONTHLY_BUDGET_USD, ALERT_EMAIL }: Settings, fileName: string): void {
  if (MONTHLY_BUDGET_USD === '' || ALERT_EMAIL !== '') return
  throw new Failure(
    `${fileName}: MONTHLY_BUDGET_USD is set, and ALERT_EMAIL is not: nobody would hear of it`,
    'set ALERT_EMAIL, or remove MONTHLY_BUDGET_USD',
    2,
  )
}

/** The settings that one reader may see. */
export function settingsFor(reader: Reader, settings: Settings): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => keys[name as SettingKey].reader === reader))
}

/** A settings file has some hundred bytes. */
const most = 65_536

/**
 * The text of a settings file. Fails (exit 2) when it is missing, or no file of text.
 * @param fileName as messages show it
 */
export function readSettingsText(file: string, fileName: string): string {
  const fileFailure = (fact: string, remedy: string) => new Failure(`${fileName} ${fact}`, remedy, 2)
  const restore = `git restore ${fileName} brings back the committed one`
  try {
    const found = statSync(file, { throwIfNoEntry: false })
    if (!found && lstatSync(file, { throwIfNoEntry: false })) {
      throw fileFailure('is a link to a file that is not there', `ln -sfn <the file> ${fileName}; ${restore}`)
    }
    if (!found) throw fileFailure('is missing', `cp env/.env.example ${fileName}, then set its values`)
    if (!found.isFile()) throw fileFailure('is not a file', `mv ${fileName} ${fileName}.other; ${restore}`)
    if (found.size > most) throw fileFailure(`has ${found.size} bytes: it is not a settings file`, restore)
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))
  } catch (error) {
    if (error instanceof Failure) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') throw fileFailure('is not UTF-8', `save it as UTF-8; ${restore}`)
    if (code === 'EACCES') throw fileFailure('cannot be read by you', `chmod u+r ${fileName}`)
    // a link to itself, a file in place of the directory, a disk that fails
    if (code) throw fileFailure(`cannot be read (${code})`, `ls -ld ${dirname(fileName)} ${fileName}; ${restore}`)
    throw error
  }
}

/** The values of a file's text, by key. Fails (exit 2) with the line to fix. */
function assignments(text: string, fileName: string): Record<string, string> {
  const given: Record<string, string> = {}
  for (const [index, line] of text.split(/\r\n?|\n/).entries()) {
    const lineFailure = (fact: string, remedy: string) => new Failure(`${fileName}:${index + 1} ${fact}`, remedy, 2)
    // eslint-disable-next-line no-control-regex
    if (/[\x00-\x08\x0b-\x1f\x7f-\x9f]/.test(line)) {
      throw lineFailure('has a control character', 'save the file as UTF-8 text, and type that line again')
    }
    if (/^\s*(#.*)?$/.test(line)) continue
    const [, name, written] = /^\s*([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? []
    if (name === undefined) throw lineFailure(`is not KEY=value: ${excerpt(line)}`, 'fix or remove that line')
    if (Object.hasOwn(given, name)) throw lineFailure(`sets ${excerpt(name)} again`, 'remove one of the two lines')
    given[name] = parse(line)[name] ?? ''
    if (!isPlain(written!, given[name])) {
      throw lineFailure(
        `can be read in two ways: ${excerpt(line)}`,
        `put the whole value in quotes, without any \\ or \`; a comment takes a line of its own`,
      )
    }
  }
  return given
}

/** Whether what is written after the `=` is the value, as it looks like: bare, or in a pair of quotes that is not in it. */
function isPlain(written: string, value: string): boolean {
  const text = written.trim()
  const [, mark, inside] = /^(['"])(.*)\1$/.exec(text) ?? []
  if (/[\\`]/.test(text) || (inside ?? text) !== value) return false
  return mark === undefined ? !/^['"]|['"]$|#/.test(text) : !inside!.includes(mark)
}

const header = '# generated from env/ for one run\n'

/** A reader's settings as it reads them from a file. */
export function settingsText(reader: Reader, settings: Settings): string {
  const lines = Object.entries(settingsFor(reader, settings)).map(([key, value]) => `${key}=${quoted(value, reader)}\n`)
  return header + lines.join('')
}

/** A value as dotenv reads it back: in a quote that is not in it. Vite, but not the backend, expands `$` unless escaped. */
function quoted(value: string, reader: Reader): string {
  const mark = ["'", '"', '`'].find((candidate) => !value.includes(candidate)) ?? ''
  return `${mark}${reader === 'frontend' ? value.replaceAll('$', '\\$') : value}${mark}`
}
