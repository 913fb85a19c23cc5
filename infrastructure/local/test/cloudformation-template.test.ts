import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { cycle, dependenciesOf, topological } from '../cloudformation/dependencies.ts'
import { createResolver } from '../cloudformation/intrinsics.ts'
import { resolveParameters } from '../cloudformation/parameters.ts'
import { references, substitute } from '../cloudformation/references.ts'
import type { Properties } from '../cloudformation/resource-type.ts'
import { objectOf } from '../cloudformation/target.ts'
import { type ParameterDefinition, parseTemplate, type Template } from '../cloudformation/template.ts'
import { checkCapabilities, validateTemplate } from '../cloudformation/validation.ts'
import { createFakeService, rejectsWith } from './cloudformation-fixtures.ts'

const types = createFakeService().types

function resolve(value: unknown, template: Partial<Template> = {}, parameters: Record<string, string> = {}): unknown {
  const values = Object.fromEntries(Object.entries(parameters).map(([key, text]) => [key, { value: text }]))
  const resolver = createResolver({ Resources: {}, ...template }, values, {
    stackName: 'Stack',
    stackId: 'arn:stack',
    notificationArns: [],
    physicalId: (id) => `physical-${id}`,
    attribute: (id, name) => `${id}.${name}`,
  })
  return resolver.resolve(value)
}

function role(properties: Properties): Template {
  return { Resources: { R: { Type: 'AWS::IAM::Role', Properties: properties } } }
}

function given(values: Record<string, string>) {
  return Object.entries(values).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }))
}

/** A parameter store with one parameter. */
function ssm(name: string): Promise<string | undefined> {
  return Promise.resolve(name === '/version' ? '30' : undefined)
}

describe('reading a template', () => {
  test('YAML reads as JSON does, and its short forms are refused', () => {
    const yaml = (join: string) => `Resources: { A: { Type: Test::Thing, Properties: { Join: ${join} } } }`
    const { Resources } = parseTemplate(yaml("{ Fn::Join: ['-', [{ Ref: B }, c]] }"))
    assert.deepEqual(Resources['A']?.Properties, { Join: { 'Fn::Join': ['-', [{ Ref: 'B' }, 'c']] } })
    assert.throws(
      () => parseTemplate(yaml("!Join ['-', [b, c]]")),
      /Template format error: YAML not well-formed\. \(line 1/,
    )
  })

  test('a policy version that looks like a date stays text', () => {
    const { Resources } = parseTemplate('Resources: { A: { Type: Test::Thing, Properties: { Version: 2012-10-17 } } }')
    assert.equal(Resources['A']?.Properties?.['Version'], '2012-10-17')
  })

  test('text that is neither JSON nor YAML is refused with the place', () => {
    assert.throws(() => parseTemplate('Resources: [a\nb: c'), /Template format error: YAML not well-formed. \(line \d+/)
    assert.throws(() => parseTemplate('{"Resources":'), /Template format error: JSON not well-formed/)
  })
})

describe('intrinsic functions', () => {
  const cases: [string, unknown, unknown][] = [
    ['Ref of a resource is its physical id', { Ref: 'A' }, 'physical-A'],
    ['Ref of the account', { Ref: 'AWS::AccountId' }, '000000000000'],
    ['GetAtt as a list', { 'Fn::GetAtt': ['A', 'Arn'] }, 'A.Arn'],
    ['GetAtt as text', { 'Fn::GetAtt': 'A.Arn.Part' }, 'A.Arn.Part'],
    [
      'Sub fills names, attributes and its own variables',
      { 'Fn::Sub': ['${A}/${A.Arn}/${x}', { x: { Ref: 'B' } }] },
      'physical-A/A.Arn/physical-B',
    ],
    ['Sub leaves ${!literal} as ${literal}', { 'Fn::Sub': '${!x}${AWS::Region}' }, '${x}us-east-1'],
    ['Join of numbers and text', { 'Fn::Join': [':', ['a', 1, { Ref: 'A' }]] }, 'a:1:physical-A'],
    ['Select from Split', { 'Fn::Select': ['1', { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
    ['GetAZs', { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] }, 'us-east-1a'],
    ['NoValue leaves a property out', { a: 1, b: { Ref: 'AWS::NoValue' } }, { a: 1 }],
    ['NoValue leaves a list item out', [1, { Ref: 'AWS::NoValue' }, 2], [1, 2]],
    ['an object with one ordinary key is no function', { Ref2: 'A' }, { Ref2: 'A' }],
  ]
  for (const [name, value, expected] of cases) {
    test(name, () => assert.deepEqual(resolve(value), expected))
  }

  test('conditions combine And, Not, Equals and each other', () => {
    const template = {
      Parameters: { Env: { Type: 'String' } },
      Conditions: {
        IsProd: { 'Fn::Equals': [{ Ref: 'Env' }, 'prod'] },
        IsNotProd: { 'Fn::Not': [{ Condition: 'IsProd' }] },
        Both: { 'Fn::And': [{ Condition: 'IsProd' }, { Condition: 'IsNotProd' }] },
      },
    }
    const chosen = (condition: string): unknown =>
      resolve({ 'Fn::If': [condition, 'yes', 'no'] }, template, { Env: 'prod' })
    assert.deepEqual(['IsProd', 'IsNotProd', 'Both'].map(chosen), ['yes', 'no', 'no'])
  })

  test('only the chosen branch of an If is evaluated', () => {
    const template = { Conditions: { No: { 'Fn::Equals': ['a', 'b'] } } }
    assert.equal(resolve({ 'Fn::If': ['No', { 'Fn::Select': [9, []] }, 'fine'] }, template), 'fine')
  })

  test('FindInMap takes keys from references', () => {
    const Mappings = { M: { 'us-east-1': { size: 'small' } } }
    assert.equal(resolve({ 'Fn::FindInMap': ['M', { Ref: 'AWS::Region' }, 'size'] }, { Mappings }), 'small')
    assert.throws(
      () => resolve({ 'Fn::FindInMap': ['M', 'x', 'size'] }, { Mappings }),
      /Unable to get mapping for M::x::size/,
    )
  })

  test('a list parameter is a list, and an empty one is empty', () => {
    const Parameters = { L: { Type: 'CommaDelimitedList' } }
    assert.deepEqual(resolve({ Ref: 'L' }, { Parameters }, { L: 'a, b' }), ['a', 'b'])
    assert.equal(resolve({ 'Fn::Join': ['', { Ref: 'L' }] }, { Parameters }, { L: '' }), '')
  })

  test('an unknown function is refused, not passed on as data', () => {
    assert.throws(() => resolve({ 'Fn::Cidr': ['10.0.0.0/16', 2, 8] }), /Encountered unsupported function: Fn::Cidr/)
  })
})

describe('references and dependencies', () => {
  test('a Sub refers to what it names, except its own variables and literals', () => {
    assert.deepEqual(references({ 'Fn::Sub': ['${A} ${B.Arn} ${own} ${!no}', { own: { Ref: 'C' } }] }), [
      { id: 'A' },
      { id: 'B', attribute: 'Arn' },
      { id: 'C' },
    ])
  })

  test('substitution asks for each name', () => {
    assert.equal(
      substitute('${ A }-${B.C}', (name) => name.toLowerCase()),
      'a-b.c',
    )
  })

  test('what is mentioned and DependsOn come first', () => {
    const template = {
      Resources: {
        C: { Type: 'T', DependsOn: 'B' },
        B: { Type: 'T', Properties: { x: { 'Fn::Sub': '${A.Arn}' } } },
        A: { Type: 'T', Properties: { self: { Ref: 'AWS::StackName' } } },
      },
    }
    assert.deepEqual(topological(dependenciesOf(template)), ['A', 'B', 'C'])
  })

  test('a cycle names its members and nothing else', () => {
    const needs = new Map([
      ['A', ['B']],
      ['B', ['C']],
      ['C', ['B', 'D']],
      ['D', []],
    ])
    assert.deepEqual(cycle(needs), ['B', 'C'])
  })
})

describe('validation, as AWS writes it', () => {
  const refused: [string, Template, string][] = [
    ['no resources', { Resources: {} }, 'Template format error: At least one Resources member must be defined.'],
    [
      'unknown types, each once',
      { Resources: { A: { Type: 'X::Y' }, B: { Type: 'X::Y' } } },
      'Template format error: Unrecognized resource types: [X::Y]',
    ],
    [
      'a reference to nothing',
      { Resources: { A: { Type: 'Test::Thing', Properties: { x: { Ref: 'Gone' } } } } },
      'Template format error: Unresolved resource dependencies [Gone] in the Resources block of the template',
    ],
    [
      'an output of nothing',
      { Resources: { A: { Type: 'Test::Thing' } }, Outputs: { O: { Value: { 'Fn::GetAtt': ['Gone', 'Arn'] } } } },
      'Template format error: Unresolved resource dependencies [Gone] in the Outputs block of the template',
    ],
    [
      'a condition that does not exist',
      { Resources: { A: { Type: 'Test::Thing', Condition: 'Never' } } },
      'Template format error: Unresolved condition dependency Never in the Resources block of the template',
    ],
    [
      'a circle',
      {
        Resources: {
          A: { Type: 'Test::Thing', DependsOn: 'B' },
          B: { Type: 'Test::Thing', DependsOn: 'A' },
        },
      },
      'Circular dependency between resources: [A, B]',
    ],
  ]
  for (const [name, template, message] of refused) {
    test(`refuses ${name}`, () =>
      assert.throws(() => validateTemplate(template, types), { code: 'ValidationError', message }))
  }

  test('named identities need CAPABILITY_NAMED_IAM, unnamed ones CAPABILITY_IAM', () => {
    assert.throws(() => checkCapabilities(role({ RoleName: 'x' }), ['CAPABILITY_IAM']), {
      code: 'InsufficientCapabilitiesException',
      message: 'Requires capabilities : [CAPABILITY_NAMED_IAM]',
    })
    assert.throws(() => checkCapabilities(role({}), []), { message: 'Requires capabilities : [CAPABILITY_IAM]' })
    assert.doesNotThrow(() => checkCapabilities(role({}), ['CAPABILITY_NAMED_IAM']))
  })
})

describe('parameters', () => {
  const template: Template = {
    Resources: {},
    Parameters: {
      Name: { Type: 'String' },
      Size: { Type: 'String', Default: 'small', AllowedValues: ['small', 'large'] },
      Version: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/version' },
    },
  }

  test('are given, defaulted or looked up in the parameter store', async () => {
    assert.deepEqual(await resolveParameters(template, given({ Name: 'x' }), {}, ssm), {
      Name: { value: 'x' },
      Size: { value: 'small' },
      Version: { value: '/version', resolved: '30' },
    })
  })

  test('UsePreviousValue of an SSM parameter repeats its name and looks it up again', async () => {
    const previous = { Name: { value: 'old' }, Version: { value: '/version', resolved: '29' } }
    const repeated = ['Name', 'Version'].map((ParameterKey) => ({ ParameterKey, UsePreviousValue: 'true' }))
    const values = await resolveParameters(template, repeated, previous, ssm)
    assert.deepEqual([values['Name'], values['Version']], [{ value: 'old' }, { value: '/version', resolved: '30' }])
  })

  test('that are missing, unknown, forbidden or not in the store are refused', async () => {
    const cases: [Record<string, string>, string][] = [
      [{}, 'Parameters: [Name] must have values'],
      [{ Name: 'x', Other: 'y' }, 'Parameters: [Other] do not exist in the template'],
      [{ Name: 'x', Size: 'huge' }, "Parameter 'Size' must be one of AllowedValues"],
      [{ Name: 'x', Version: '/no' }, 'Unable to fetch parameters [/no] from parameter store for this account.'],
    ]
    for (const [values, message] of cases) {
      await rejectsWith(resolveParameters(template, given(values), {}, ssm), 'ValidationError', message)
    }
  })
})

describe('a parameter that is not here is refused', () => {
  const refused: [definition: ParameterDefinition, what: string][] = [
    [{ Type: 'Number' }, "type 'Number' (Size)"],
    [{ Type: 'List<String>' }, "type 'List<String>' (Size)"],
    [{ Type: 'String', NoEcho: true } as ParameterDefinition, 'NoEcho (Size)'],
    [{ Type: 'String', MinLength: 2 } as ParameterDefinition, 'MinLength (Size)'],
  ]
  for (const [definition, what] of refused) {
    test(what, () =>
      rejectsWith(
        resolveParameters({ Resources: {}, Parameters: { Size: definition } }, given({ Size: '1' }), {}, ssm),
        'ValidationError',
        `the local AWS has no parameters with ${what}`,
      ),
    )
  }
})

describe('TemplateURL', () => {
  const cases: [string, { bucket: string; key: string }][] = [
    ['https://s3.us-east-1.127.0.0.1:4566/bucket/a/b.json', { bucket: 'bucket', key: 'a/b.json' }],
    ['http://127.0.0.1:4566/bucket/b.json', { bucket: 'bucket', key: 'b.json' }],
    ['https://s3.amazonaws.com/bucket/a%20b.json?versionId=1', { bucket: 'bucket', key: 'a b.json' }],
    ['https://my-bucket.s3.us-east-1.amazonaws.com/a/b.json', { bucket: 'my-bucket', key: 'a/b.json' }],
  ]
  for (const [url, expected] of cases) {
    test(`${url} names ${expected.key} in ${expected.bucket}`, () => assert.deepEqual(objectOf(url), expected))
  }

  test('that names no object is refused', () => {
    assert.throws(() => objectOf('https://example.com/only-a-bucket'), {
      message: 'TemplateURL must be a supported URL.',
    })
  })
})
