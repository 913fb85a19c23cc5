import type { Settings } from '../environment/keys.mts'
import { passed, skipped, warned, type Finding } from './finding.mts'

/** The last day with security fixes, by major: https://github.com/nodejs/release#release-schedule */
const endOfLife: Record<string, string> = {
  20: '2026-04-30',
  22: '2027-04-30',
  24: '2028-04-30',
  26: '2029-04-30',
}

/** The first major that releases of the AWS SDK after the first week of January 2027 run on, as it says itself when it starts. */
const neededBySdk = 22

const soon = 90 * 86_400_000

/** How long the Node of the image still gets fixes, and whether the SDK will run on it. Stops no deployment. */
export function imageNodeFinding({ NODE_IMAGE }: Pick<Settings, 'NODE_IMAGE'>, now = Date.now()): Finding {
  const name = 'Node of the image'
  const major = Number(/node:(\d+)/.exec(NODE_IMAGE)?.[1])
  const end = endOfLife[major]
  if (end === undefined) return { name, ...skipped(`${NODE_IMAGE}: its end of life is not known here`) }
  const left = Date.parse(end) - now
  const facts = [
    ...(left < 0
      ? [`has had no security fixes since ${end}`]
      : left < soon
        ? [`has no security fixes after ${end}`]
        : []),
    ...(major < neededBySdk ? [`releases of the AWS SDK from January 2027 on need Node ${neededBySdk}`] : []),
  ]
  return facts.length === 0
    ? { name, ...passed(`${NODE_IMAGE}, with security fixes until ${end}`) }
    : { name, ...warned(`${NODE_IMAGE} ${facts.join('; ')}`, 'set NODE_IMAGE, as docs/UPGRADE.md shows') }
}
