import { randomUUID } from 'node:crypto'
import { accessKeyId, account, region } from '../settings.ts'

const own = randomUUID()

/** Authorization of a call of this process: nobody here verifies a signature. */
export function unsigned(service: string): string {
  const scope = `${accessKeyId}/20260101/${region}/${service}/aws4_request`
  return `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`
}

/** Header of a call that this process makes on behalf of a service, such as ecs-tasks.amazonaws.com; no one else knows it. */
export function onBehalfOf(service: string): Record<string, string> {
  return { 'x-local-aws-service': `${own} ${service}` }
}

/** The service on whose behalf a call is made; undefined: the caller speaks for itself. */
export function serviceIn(headers: Record<string, string | string[] | undefined>): string | undefined {
  const [key, service] = [headers['x-local-aws-service'] ?? ''].flat().join().split(' ')
  return key === own ? service : undefined
}

/** The access keys that the local AWS accepts: its own, and those that its STS and IAM have given out since it started. */
export interface Keys {
  accepts(id: string): boolean
  /** ARN of the key's owner. */
  callerOf(id: string): string
  add(id: string, callerArn: string): void
  /** Takes the key out of an answer of STS or IAM, which alone make keys. */
  learn(answer: string): void
}

export function createKeys(): Keys {
  // the name that moto gives to the owner of any key it has not made
  const callers = new Map([[accessKeyId, `arn:aws:sts::${account}:user/moto`]])
  return {
    accepts: (id) => callers.has(id),
    callerOf: (id) => callers.get(id) ?? id,
    add: (id, callerArn) => void callers.set(id, callerArn),
    learn(answer) {
      // only the answer that creates a key shows its secret; ListAccessKeys and the like show the id alone
      const id = /<AccessKeyId>([^<]+)<\/AccessKeyId>/.exec(answer)?.[1]
      if (!id || !answer.includes('<SecretAccessKey>')) return
      const user = /<UserName>([^<]+)<\/UserName>/.exec(answer)?.[1]
      const assumedRole = /<Arn>([^<]+)<\/Arn>/.exec(answer)?.[1]
      callers.set(id, assumedRole ?? (user ? `arn:aws:iam::${account}:user/${user}` : id))
    },
  }
}
