import { randomInt } from 'node:crypto'
import type { ResourceRequest } from './resource-type.ts'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

export function randomSuffix(length = 12): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('')
}

/** A name as CloudFormation makes one up: `<stack>-<logical id>-<random>`, shortened evenly to fit. */
export function physicalName({ stackName, logicalId }: ResourceRequest, maxLength = 64): string {
  const suffix = randomSuffix()
  const room = maxLength - suffix.length - 2
  const stackPart = stackName.slice(0, Math.max(Math.ceil(room / 2), room - logicalId.length))
  return `${stackPart}-${logicalId.slice(0, room - stackPart.length)}-${suffix}`
}
