import { ResourceFailure } from './failure-reason.ts'
import type { Properties, ResourceRequest, ResourceType, ResourceTypes } from './resource-type.ts'

/** A secret's text; undefined when there is none. */
export type LookUpSecret = (id: string) => Promise<string | undefined>

const reference = /\{\{resolve:([^{}]+)\}\}/g

/**
 * The same types, given the values that `{{resolve:secretsmanager:…}}` stands for. Nothing else sees them: the stack
 * remembers the reference, so that, as on AWS, another value of the secret is no change of the stack.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
 */
export function withDynamicReferences(types: ResourceTypes, lookUpSecret: LookUpSecret): ResourceTypes {
  const looked = async (request: ResourceRequest): Promise<ResourceRequest> => ({
    ...request,
    properties: (await resolved(request.properties, lookUpSecret)) as Properties,
  })
  const wrapped = (type: ResourceType): ResourceType => ({
    ...type,
    create: async (request) => type.create(await looked(request)),
    ...(type.update && {
      update: async (request, current, previous) => type.update!(await looked(request), current, previous),
    }),
  })
  return Object.fromEntries(Object.entries(types).map(([name, type]) => [name, wrapped(type)]))
}

async function resolved(value: unknown, lookUpSecret: LookUpSecret): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((each) => resolved(each, lookUpSecret)))
  if (typeof value === 'string') return resolvedText(value, lookUpSecret)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(async ([name, inner]) => [name, await resolved(inner, lookUpSecret)])
  return Object.fromEntries(await Promise.all(entries))
}

async function resolvedText(text: string, lookUpSecret: LookUpSecret): Promise<string> {
  const found = [...text.matchAll(reference)]
  const values = await Promise.all(found.map(([, named]) => secretOf(named!, lookUpSecret)))
  return text.replace(reference, () => values.shift()!)
}

/** @param named `secretsmanager:<ARN or name>:SecretString:::`, as cdk writes the whole of a secret's current version */
async function secretOf(named: string, lookUpSecret: LookUpSecret): Promise<string> {
  const [, id] = /^secretsmanager:(arn:(?:[^:]*:){5}[^:]+|[^:]+):SecretString:::$/.exec(named) ?? []
  if (!id) throw new ResourceFailure(`the local AWS cannot resolve {{resolve:${named}}}`)
  const text = await lookUpSecret(id)
  if (text === undefined) throw new ResourceFailure("Secrets Manager can't find the specified secret.")
  return text
}
