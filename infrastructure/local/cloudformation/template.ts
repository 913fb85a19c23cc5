import { parseDocument } from 'yaml'
import { validationError } from './input.ts'
import type { Properties } from './resource-type.ts'

/** Anatomy: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html */
export interface Template {
  Description?: string
  Metadata?: unknown
  Parameters?: Record<string, ParameterDefinition>
  Mappings?: Record<string, Record<string, Record<string, unknown>>>
  Conditions?: Record<string, unknown>
  Rules?: Record<string, TemplateRule>
  Transform?: unknown
  Resources: Record<string, ResourceDefinition>
  Outputs?: Record<string, OutputDefinition>
}

interface TemplateRule {
  RuleCondition?: unknown
  Assertions: { Assert: unknown; AssertDescription?: string }[]
}

export interface ParameterDefinition {
  Type: string
  Default?: string | number | boolean
  Description?: string
  AllowedValues?: unknown[]
  AllowedPattern?: string
  ConstraintDescription?: string
}

export type Policy = 'Delete' | 'Retain' | 'RetainExceptOnCreate'

export interface ResourceDefinition {
  Type: string
  Properties?: Properties
  Condition?: string
  DependsOn?: string | string[]
  DeletionPolicy?: Policy
  UpdateReplacePolicy?: Policy
  Metadata?: unknown
}

interface OutputDefinition {
  Value: unknown
  Description?: string
  Condition?: string
  Export?: { Name: unknown }
}

/** Reads a template in JSON or YAML. Throws ValidationError, worded as AWS words it, for text that is neither. */
export function parseTemplate(body: string): Template {
  const template: unknown = body.trimStart().startsWith('{') ? parseJson(body) : parseYaml(body)
  if (typeof template !== 'object' || template === null || Array.isArray(template)) {
    throw validationError('Template format error: unsupported structure.')
  }
  return template as Template
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch (error) {
    throw validationError(`Template format error: JSON not well-formed. (${(error as Error).message})`)
  }
}

/** Without the short forms (`!GetAtt`), which cdk never writes: they are refused as unknown tags. */
function parseYaml(body: string): unknown {
  const document = parseDocument(body, { merge: true })
  const [problem] = [...document.errors, ...document.warnings]
  if (!problem) return document.toJS()
  const { line, col } = problem.linePos?.[0] ?? { line: 0, col: 0 }
  throw validationError(`Template format error: YAML not well-formed. (line ${line}, column ${col})`)
}

/** `Resource.Attribute.With.Dots` → `['Resource', 'Attribute.With.Dots']` */
export function splitAttribute(path: string): [string, string] {
  const dot = path.indexOf('.')
  return dot < 0 ? [path, ''] : [path.slice(0, dot), path.slice(dot + 1)]
}
