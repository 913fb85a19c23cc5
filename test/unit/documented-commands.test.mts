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
const documented = documentedBlocks().flatMap(({ commands }) => commands)
const root = join(import.meta.dirname, '..', '..')

for (const command of promised) {
  test(`the workflow has ${command}`, () => assert.ok(documented.includes(command)))
}

test('every npm script that the workflow names is there', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object }
  const named = documented.flatMap((command) => /^npm run (deploy:\S+|build:\S+|dev|lint)/.exec(command)?.[1] ?? [])
  assert.ok(named.length > 10, 'the document was not read')
  assert.deepEqual(
    named.filter((name) => !(name in scripts)),
    [],
  )
  assert.ok(existsSync(join(root, 'backend', 'Dockerfile')))
})
