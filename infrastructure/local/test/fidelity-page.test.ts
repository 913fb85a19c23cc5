import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { templateOf, variants } from '../../test/synthesis.ts'
import { createClients } from '../cloudformation/resources/clients.ts'
import { limits } from '../cloudformation/resources/limits.ts'
import { motoTypes } from '../cloudformation/resources/moto-types.ts'
import type { Properties, ResourceTypes } from '../cloudformation/resource-type.ts'
import { openRooms } from '../rooms.ts'
import { unknownMembers } from '../unknown-members.ts'

const page = readFileSync(join(import.meta.dirname, '..', 'FIDELITY.md'), 'utf8')
const directory = mkdtempSync(join(tmpdir(), 'live quiz '))
const clients = createClients('http://127.0.0.1:9')
const rooms = openRooms({ imageDirectory: directory, bridge: '127.0.0.1' })
const { cloudFront, ecr, ecs, elb } = rooms
const types: ResourceTypes = Object.assign(
  motoTypes(clients),
  ...[cloudFront, ecr, ecs, elb].map(({ resourceTypes }) => resourceTypes),
)

after(async () => {
  await rooms.close()
  clients.close()
  rmSync(directory, { recursive: true, force: true })
})

/** Rows of the table below a heading, as their cells. */
function rows(heading: string): string[][] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0]
  assert.ok(section, `FIDELITY.md has no part "${heading}"`)
  const table = section.split('\n').filter((line) => line.startsWith('|'))
  return table.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

function codes(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code!)
}

test('FIDELITY.md lists exactly the resource types that a stack can have', () => {
  const listed = rows('Resource types').flatMap(([type]) => codes(type!))
  assert.deepEqual(listed.toSorted(byName), Object.keys(types).toSorted(byName))
})

test('every type of which something is real knows its properties', () => {
  const real = rows('Resource types').flatMap(([named, what]) => (what ? codes(named!) : []))
  assert.deepEqual(
    real.filter((type) => !types[type]!.knows),
    [],
  )
})

test('no template of ours has a property that is refused', () => {
  const unknown = variants.flatMap(([environment, settings]) => {
    const { Resources } = templateOf(environment, settings).toJSON() as {
      Resources: Record<string, { Type: string; Properties?: Properties }>
    }
    return Object.values(Resources).flatMap(({ Type, Properties = {} }) =>
      unknownMembers(Properties, types[Type]!.knows ?? Object.keys(Properties)).map((path) => `${Type} ${path}`),
    )
  })
  assert.deepEqual([...new Set(unknown)], [])
})

test('what local-status says of a recorded type, FIDELITY.md says too', () => {
  for (const [type, limit] of Object.entries(limits)) {
    const row = rows('Resource types').find(([listed]) => codes(listed!).includes(type))
    assert.equal(row?.[2], limit, type)
  }
})

test('FIDELITY.md lists exactly the actions that are answered', () => {
  const names: Record<string, string> = {
    cloudformation: 'CloudFormation',
    cloudfront: 'CloudFront',
    ecr: 'ECR',
    ecs: 'ECS',
    elasticloadbalancing: 'Elastic Load Balancing v2',
  }
  const listed = Object.fromEntries(rows('Actions').map(([service, actions]) => [service, codes(actions!)]))
  const answered = rooms.all.flatMap(({ signingName, actions }) => {
    const known = Object.keys(actions).toSorted(byName)
    return known.length > 0 ? [[names[signingName] ?? signingName, known]] : []
  })
  assert.deepEqual(listed, Object.fromEntries(answered))
})

test('every file that FIDELITY.md points at is there', () => {
  const files = rows('Assumed').flatMap(([, where]) => where!.split(', '))
  for (const [index, file] of files.entries()) {
    // `a/one.ts, two.ts`: the second is in the directory of the first
    const folder = file.includes('/') ? '' : join(files[index - 1]!, '..')
    assert.doesNotThrow(() => readFileSync(join(import.meta.dirname, '..', folder, file)), file)
  }
})

function byName(one: string, other: string): number {
  return one < other ? -1 : 1
}
