/** Every test suite of the repository, cheap ones first. `make test` runs them all; `make test ARGS="unit scripts"` some. */
export interface Suite {
  name: string
  what: string
  /** node: node's test runner on these files; bats and vitest: their own. */
  runner: 'node' | 'bats' | 'vitest'
  /** Relative to `directory`; one `*` in the file's name stands for anything, folders included. */
  files: string[]
  directory: string
  /** Its files share nothing and may run at the same time. */
  sideBySide?: true
  /** Run only when named. */
  onRequest?: true
}

export const suites: Suite[] = [
  {
    name: 'unit',
    what: 'the helpers in lib/',
    runner: 'node',
    directory: '.',
    files: ['test/unit/*.test.mts'],
  },
  {
    name: 'scripts',
    what: 'each script in deploy/, command line by command line',
    runner: 'bats',
    directory: '.',
    files: ['test/scripts/*.bats'],
    sideBySide: true,
  },
  {
    name: 'ledger',
    what: 'releases, lock and notifications, with the real aws and a real table',
    runner: 'node',
    directory: '.',
    files: ['test/integration/*.test.mts'],
    sideBySide: true,
  },
  {
    name: 'backend',
    what: 'the backend on real sockets and a local DynamoDB',
    runner: 'node',
    directory: 'backend',
    files: ['test/*.test.ts'],
  },
  { name: 'frontend', what: 'the page and its connection', runner: 'vitest', directory: 'frontend', files: [] },
  {
    name: 'infrastructure',
    what: 'the template of every environment',
    runner: 'node',
    directory: 'infrastructure',
    files: ['test/*.test.ts'],
  },
  {
    name: 'local',
    what: 'the AWS on this machine, driven by aws, cdk and docker',
    runner: 'node',
    directory: 'infrastructure/local',
    files: ['test/*.test.ts'],
  },
  {
    name: 'e2e',
    what: 'deploy, look from outside, change, deploy again',
    runner: 'node',
    directory: '.',
    files: ['test/e2e/*.test.mts'],
  },
  {
    name: 'documented',
    what: 'every command of docs/DEPLOYMENT_WORKFLOW.md, pasted as it stands',
    runner: 'node',
    directory: '.',
    files: ['test/documented/*.test.mts'],
  },
  {
    name: 'account',
    what: 'the same on a real account: make e2e ENV=development',
    runner: 'node',
    directory: '.',
    files: ['test/account/*.test.mts'],
    onRequest: true,
  },
]
