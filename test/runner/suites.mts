/*
 * Every test suite of the repository. What takes longest comes first, and many short files last, so that nothing long is left
 * for the end. A file named *.slow.test.* is not part of `make test`.
 */
export interface Suite {
  /** The folder that it is in, below test/ or as a workspace. */
  name: string
  what: string
  /** node: node's test runner on each file; bats and vitest: their own. */
  runner: 'node' | 'bats' | 'vitest'
  directory: string
  /** Folder of its files, below `directory`, and how their names end. vitest finds its own, and runs them at once. */
  files?: [folder: string, ending: string]
  /** How many of its files may run at the same time: they share ports, or the memory for a whole AWS. */
  atOnce?: number
  /** What a file of it takes of one processor: the rest of the time it waits for containers and health checks. */
  load: number
  /** So many of its files share a process: none changes what another one sees. */
  together?: number
  /** Run only when named. */
  onRequest?: true
}

/** How the names of jobs begin that are started before all others, in this order. */
export const first = [
  'test/e2e/least-privilege.slow',
  'test/e2e/verdicts.slow',
  // one at a time, and many
  'infrastructure/local/',
  'test/answers/deployed.slow',
  'test/documented/',
  'test/e2e/rollback.slow',
  'test/e2e/browser.slow',
  'test/workflows/steps.slow',
  'test/chaos/',
  'test/e2e/promote.slow',
]

export const suites: Suite[] = [
  {
    name: 'documented',
    what: 'every command of docs/DEPLOYMENT_WORKFLOW.md, pasted as it stands',
    runner: 'node',
    directory: '.',
    files: ['test/documented', '.test.mts'],
    load: 0.4,
  },
  {
    name: 'e2e',
    what: 'deploy, look from outside, change, deploy again',
    runner: 'node',
    directory: '.',
    files: ['test/e2e', '.test.mts'],
    atOnce: 4,
    load: 0.4,
  },
  {
    name: 'chaos',
    what: 'calls that fail, runs that are killed, others who interfere, at random',
    runner: 'node',
    directory: '.',
    files: ['test/chaos', '.test.mts'],
    load: 0.4,
  },
  {
    name: 'workflows',
    what: 'the workflows of GitHub Actions: linters, our rules, and each step on the local AWS',
    runner: 'node',
    directory: '.',
    files: ['test/workflows', '.test.mts'],
    load: 0.4,
  },
  {
    name: 'local',
    what: 'the AWS on this machine, driven by aws, cdk and docker',
    runner: 'node',
    directory: 'infrastructure/local',
    files: ['test', '.test.ts'],
    atOnce: 1,
    load: 0.2,
  },
  {
    name: 'backend',
    what: 'the backend on real sockets and a local DynamoDB',
    runner: 'node',
    directory: 'backend',
    files: ['test', '.test.ts'],
    atOnce: 1,
    load: 0.25,
  },
  {
    name: 'answers',
    what: 'tasks and a table that fail, or are replaced, and every tap compared with what counts',
    runner: 'node',
    directory: '.',
    files: ['test/answers', '.test.mts'],
    atOnce: 1,
    // two hundred players, whose questions close after so many seconds
    load: 0.6,
  },
  {
    name: 'unit',
    what: 'the helpers in lib/',
    runner: 'node',
    directory: '.',
    files: ['test/unit', '.test.mts'],
    together: 10,
    load: 0.5,
  },
  {
    name: 'integration',
    what: 'releases, lock and notifications, with the real aws and a real table',
    runner: 'node',
    directory: '.',
    files: ['test/integration', '.test.mts'],
    load: 0.5,
  },
  {
    name: 'infrastructure',
    what: 'the template of every environment',
    runner: 'node',
    directory: 'infrastructure',
    files: ['test', '.test.ts'],
    together: 20,
    load: 0.5,
  },
  {
    name: 'frontend',
    what: 'the page and its connection',
    runner: 'vitest',
    directory: 'frontend',
    load: 0.5,
  },
  {
    name: 'scripts',
    what: 'each script in deploy/, command line by command line',
    runner: 'bats',
    directory: '.',
    files: ['test/scripts', '.bats'],
    load: 0.4,
  },
  {
    name: 'account',
    what: 'the same on a real account: make e2e ENV=development',
    runner: 'node',
    directory: '.',
    files: ['test/account', '.test.mts'],
    load: 1,
    onRequest: true,
  },
]
