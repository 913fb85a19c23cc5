import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { documentedBlocks } from '../documented/documented-blocks.mts'

/** What the workflow promises to those who know it; test/documented/documented-commands.slow.test.mts runs them. */
const promised = [
  'cd infrastructure',
  'cdk bootstrap',
  'npm run build',
  'cdk deploy',
  'npm run deploy:backend production',
  'npm run deploy:frontend production',
  'npm run deploy:all production',
  'npm run deploy:dev',
  'npm run deploy:staging',
  'npm run deploy:prod',
  'npm run dev',
  'cdk diff',
  'aws ecs list-task-definitions --family-prefix websocket-task --sort DESC',
  'aws ecs update-service --cluster live-quiz-cluster --service websocket-service --task-definition websocket-task:PREVIOUS_REVISION',
  'cdk deploy --rollback',
  'npm run build:frontend',
  'npm run build:backend',
  'docker build -t live-quiz-backend:latest backend/',
  `watch -n 5 'aws ecs describe-services --cluster live-quiz-cluster --services websocket-service --query "services[0].deployments"'`,
  'aws logs tail /ecs/live-quiz-websocket-server --follow',
  'aws cloudfront get-invalidation --distribution-id DISTRIBUTION_ID --id INVALIDATION_ID',
  'curl http://ALB_URL/health',
  'curl https://CLOUDFRONT_URL/',
  'wscat -c ws://ALB_URL',
  'npm test',
  'npm run lint',
  `curl -X POST -H 'Content-type: application/json' --data '{"text":"Deployment to production started"}' SLACK_WEBHOOK_URL`,
  'docker ps',
  'docker images',
  'aws ecs describe-services --cluster live-quiz-cluster --services websocket-service',
  'aws s3 ls s3://BUCKET_NAME/',
  'aws cloudfront list-distributions',
]
/** Its pattern "Infrastructure Update" begins so, typed in one go: npm takes the scripts of the directory that it is in. */
const infrastructureUpdate = [
  'cd infrastructure',
  'cdk diff',
  'cdk deploy',
  'npm run deploy:backend production',
  'npm run deploy:frontend production',
]
const blocks = documentedBlocks()
const documented = blocks.flatMap(({ commands }) => commands)
const root = join(import.meta.dirname, '..', '..')

for (const command of promised) {
  test(`the workflow has ${command}`, () => assert.ok(documented.includes(command)))
}

test('the workflow has the block of an infrastructure update', () =>
  assert.ok(blocks.some(({ commands }) => commands.join().startsWith(infrastructureUpdate.join()))))

test('every block leaves the terminal where it found it, so that the next one can be pasted there', () =>
  assert.deepEqual(
    blocks.filter(({ commands }) => directoryAfter(commands) !== '.').map(({ heading }) => heading),
    [],
  ))

test('every npm script that the workflow names is there, in the directory that its block is in by then', () => {
  const named = blocks.flatMap(({ commands }) =>
    commands.flatMap((command, index) => {
      const name = /^npm run (\S+)/.exec(command)?.[1]
      return name === undefined ? [] : { name, directory: directoryAfter(commands.slice(0, index)) }
    }),
  )
  assert.ok(named.length > 10, 'the document was not read')
  assert.deepEqual(
    named.filter(({ name, directory }) => !(name in scriptsOf(directory))),
    [],
  )
  assert.ok(existsSync(join(root, 'backend', 'Dockerfile')))
})

/** Where a block is after these commands, from the root. */
function directoryAfter(commands: string[]): string {
  return commands.reduce((directory, command) => {
    const to = /^cd (\S+)$/.exec(command)?.[1]
    return to === undefined ? directory : join(directory, to)
  }, '.')
}

function scriptsOf(directory: string): object {
  return (JSON.parse(readFileSync(join(root, directory, 'package.json'), 'utf8')) as { scripts: object }).scripts
}
