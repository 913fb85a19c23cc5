import { randomBytes, randomInt } from 'node:crypto'
import { account, region } from '../settings.ts'

/** ARNs and ids as ECS makes them. */
export const arn = (kind: string, ...path: (string | number)[]): string =>
  `arn:aws:ecs:${region}:${account}:${kind}/${path.join('/')}`

export const taskDefinitionArn = (family: string, revision: number): string =>
  arn('task-definition', `${family}:${revision}`)

/** The last part of an ARN, or a name that is no ARN. */
export const nameIn = (arnOrName: string): string => arnOrName.slice(arnOrName.lastIndexOf('/') + 1)

/** 32 hexadecimal digits. */
export const taskId = (): string => randomBytes(16).toString('hex')

/** 19 digits, the first one not zero. */
export const revisionId = (): string =>
  Array.from({ length: 19 }, (_, index) => randomInt(index === 0 ? 1 : 0, 10)).join('')

/** 21 characters. */
export const serviceDeploymentId = (): string => randomBytes(16).toString('base64url').slice(0, 21)

export const deploymentId = (revision: { id: string }): string => `ecs-svc/${revision.id}`
