/** The workflows as files: what linters say, and our own rules. Whether their steps work: steps.slow.test.mts. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { root } from '../../lib/script/files.mts'
import { audit, lint, provideTools } from './tools.mts'
import { faultsOf, workflowOf, workflowTexts } from './workflows.mts'

const files = Object.keys(workflowTexts)
const deploying = workflowTexts['deploy-environment.yml']!

describe('the workflows', () => {
  it('are those that docs/CI.md lists', () => {
    const page = readFileSync(join(root, 'docs/CI.md'), 'utf8')
    const listed = [...page.matchAll(/^\| \[`([\w-]+\.yml)`\]/gm)].map(([, file]) => file!)
    assert.deepEqual(listed.toSorted(), files.toSorted())
  })

  for (const [file, text] of Object.entries(workflowTexts)) {
    it(`${file} keeps our rules`, () => assert.deepEqual(faultsOf(text), []))
  }

  it('look for drift where a role is known, and skip the environment whose role is not', () => {
    const { if: condition, strategy, steps } = workflowOf(workflowTexts['drift.yml']!).jobs['check']!
    const roles = strategy!.matrix.include.map(({ role }) => /vars\.\w+/.exec(role!)?.[0])
    assert.equal(condition, roles.map((role) => `${role} != ''`).join(' || '))
    const asking = steps!.filter(({ run, uses }) => run ?? uses!.startsWith('aws-actions/'))
    assert.deepEqual(
      asking.map((step) => step.if),
      asking.map(() => "matrix.role != ''"),
    )
  })

  it('have a default for each choice that need not be made: GitHub would send nothing', () => {
    const { inputs } = workflowOf(workflowTexts['rollback.yml']!).on['workflow_dispatch'] as { inputs: object }
    const open = Object.values(inputs).filter(({ type, required }) => type === 'choice' && !required)
    assert.deepEqual(
      open.map((input) => input.default),
      ['wait-idle'],
    )
  })

  it('share one lock for an environment, which a rollback takes from a deployment', () => {
    const deployment = workflowOf(deploying).jobs['deploy']!.concurrency
    const rollback = workflowOf(workflowTexts['rollback.yml']!).jobs['rollback']!.concurrency
    assert.deepEqual(deployment, { group: 'deploy-${{ inputs.environment }}', 'cancel-in-progress': false })
    assert.deepEqual(rollback, { group: 'deploy-${{ inputs.environment }}', 'cancel-in-progress': true })
  })
})

describe('our rules refuse', () => {
  const [pin] = /actions\/checkout@\S+/.exec(deploying)!
  for (const [what, from, to, fault] of [
    ['a script without exec', 'exec ./deploy/all.mts', './deploy/all.mts', 'no exec: if [ -z "$FROM" ]; then ./deploy'],
    ['exec that stands behind a script', 'exec ./deploy/check', 'true exec; ./deploy/check', 'no exec: true exec;'],
    [
      'a script that was renamed',
      './deploy/promote.mts',
      './deploy/advance.mts',
      'no such script: ./deploy/advance.mts',
    ],
    ['an action by its tag', pin, 'actions/checkout@v7', 'not pinned: - uses: actions/checkout@v7'],
    ['a pin without its version', `${pin} # v7.0.1`, pin, `not pinned: - uses: ${pin}`],
    ['an npm script that there is not', 'run: npm ci', 'run: npm run install-it', 'no such npm script: install-it'],
    ['credentials that end too soon', 'role-duration-seconds: 5400', '', 'credentials that end before the job: deploy'],
    ['packages beside credentials', '- name: Check', '- run: npm ci\n      - name: Check', 'packages installed with'],
    ['an expression in a shell', '"$ENVIRONMENT" before', '${{ inputs.environment }}', 'an expression in a shell: '],
  ] as const) {
    it(what, () => {
      assert.ok(deploying.includes(from))
      const faults = faultsOf(deploying.replace(from, () => to))
      assert.equal(faults.length, 1, faults.join('\n'))
      assert.ok(faults[0]!.startsWith(fault), faults[0])
    })
  }
})

describe('linters', () => {
  const directory = mkdtempSync(join(tmpdir(), 'live-quiz-workflows-'))
  const place = join(directory, '.github', 'workflows')
  before(async () => {
    await provideTools()
    mkdirSync(place, { recursive: true })
    mkdirSync(join(directory, '.git'))
  })
  after(() => rmSync(directory, { recursive: true }))
  const broken = (from: string, to: string) => {
    assert.ok(deploying.includes(from))
    writeFileSync(join(place, 'broken.yml'), deploying.replace(from, to))
  }

  it('actionlint, with shellcheck, finds nothing', () => assert.deepEqual(lint(), { status: 0, output: '' }))

  it('zizmor finds nothing of medium or high severity', () => {
    const { status, output } = audit(join(root, '.github', 'workflows'))
    assert.equal(status, 0, output)
  })

  it('are heard when something is wrong', () => {
    broken('steps.deploy.outputs.site', 'steps.deployed.outputs.site')
    assert.match(lint(directory).output, /property "deployed" is not defined/)
    broken('run: npm ci', 'run: cd $HOME && rm -r $FROM/*')
    assert.match(lint(directory).output, /shellcheck reported issue/)
    broken('run: npm ci', 'run: echo "${{ github.head_ref }}"')
    assert.match(audit(place).output, /template-injection/)
  })
})

describe('the documents', () => {
  /** Each block of YAML; the one that the workflow document began with is not ours. */
  const blocks = ['docs/CI.md', 'docs/DEPLOYMENT_WORKFLOW.md'].flatMap((document) =>
    [...readFileSync(join(root, document), 'utf8').matchAll(/^```yaml\n([^]*?)^```$/gm)].map(([, block]) => ({
      document,
      block: block!,
    })),
  )
  const texts = Object.values(workflowTexts)

  it('show the YAML of our files, beside that of the seed', () => {
    const others = blocks.filter(({ block }) => !texts.includes(block))
    assert.ok(blocks.length >= 2, 'the documents were not read')
    assert.deepEqual(
      others.map(({ block }) => block.split('\n')[0]),
      ['name: Deploy to Production'],
    )
  })
})
