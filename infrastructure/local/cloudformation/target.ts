import type { Input } from '../gateway/room.ts'
import { createResolver } from './intrinsics.ts'
import { list, optional, textList, validationError } from './input.ts'
import { resolveParameters, type GivenParameter, type LookUpParameter } from './parameters.ts'
import { parseTemplate } from './template.ts'
import { checkCapabilities, validateTemplate } from './validation.ts'
import { surroundings } from './surroundings.ts'
import type { ResourceTypes } from './resource-type.ts'
import type { Stack, StackTarget } from './model.ts'

/** What lies outside: where templates are fetched from and parameters looked up. */
export interface Sources {
  /** Text of an S3 object. */
  readObject: (bucket: string, key: string) => Promise<string>
  lookUpParameter: LookUpParameter
}

/** The template of a call, as text. Throws ValidationError when there is none. */
async function readTemplateBody(input: Input, sources: Sources, previous?: StackTarget): Promise<string> {
  const body = optional(input, 'TemplateBody')
  if (body) return body
  const url = optional(input, 'TemplateURL')
  if (url) {
    const { bucket, key } = objectOf(url)
    return sources.readObject(bucket, key)
  }
  if (input['UsePreviousTemplate'] === 'true' && previous) return previous.templateBody
  throw validationError('Either Template URL or Template Body must be specified.')
}

/**
 * Bucket and key of a TemplateURL in path style or virtual-host style. Not read as a URL: cdk writes
 * `https://s3.us-east-1.<endpoint's host>/bucket/key`, which is none when that host is an address.
 */
export function objectOf(url: string): { bucket: string; key: string } {
  const [, host = '', path = ''] = /^https?:\/\/([^/]+)\/([^?]*)/.exec(url) ?? []
  const virtualHost = /^(.+?)\.s3[.-]/.exec(host)?.[1]
  const [first = '', ...rest] = path.split('/').map(decodeURIComponent)
  const found = virtualHost
    ? { bucket: virtualHost, key: [first, ...rest].join('/') }
    : { bucket: first, key: rest.join('/') }
  if (found.bucket && found.key) return found
  throw validationError('TemplateURL must be a supported URL.')
}

/** What a call asks a stack to become, checked as far as CloudFormation checks before it does anything. */
export async function readTarget(
  input: Input,
  stack: Stack,
  types: ResourceTypes,
  sources: Sources,
): Promise<StackTarget> {
  const previous = stack.target
  const body = await readTemplateBody(input, sources, previous)
  const template = parseTemplate(body)
  validateTemplate(template, types)
  const capabilities = textList(input, 'Capabilities') ?? []
  checkCapabilities(template, capabilities)
  const given = (list(input, 'Parameters') ?? []) as GivenParameter[]
  const tags = list(input, 'Tags') as { Key?: string; Value?: string }[] | undefined
  const roleArn = optional(input, 'RoleARN') ?? previous?.roleArn
  const target: StackTarget = {
    template,
    templateBody: body,
    parameters: await resolveParameters(template, given, previous?.parameters ?? {}, sources.lookUpParameter),
    tags: tags ? Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value])) : (previous?.tags ?? {}),
    capabilities,
    notificationArns: textList(input, 'NotificationARNs') ?? previous?.notificationArns ?? [],
    ...(roleArn && { roleArn }),
  }
  checkRules(target, stack)
  return target
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html */
function checkRules({ template, parameters, notificationArns }: StackTarget, stack: Stack): void {
  const around = surroundings(stack, notificationArns, () => undefined)
  const resolver = createResolver(template, parameters, around)
  for (const { RuleCondition = true, Assertions } of Object.values(template.Rules ?? {})) {
    if (resolver.resolve(RuleCondition) !== true) continue
    const broken = Assertions.find(({ Assert }) => resolver.resolve(Assert) !== true)
    if (broken)
      throw validationError(`Template validation error: ${broken.AssertDescription ?? 'Rule assertion failed'}`)
  }
}
