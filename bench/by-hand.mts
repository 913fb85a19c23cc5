/**
 * The documented commands (docs/DEPLOYMENT_WORKFLOW.md) as a person types them, one after the other, waiting where the
 * next one needs it. The documents leave registering the task definition to the script; by hand it is in a file.
 */
const stack = (first: boolean) => [
  'cd infrastructure',
  ...(first ? ['cdk bootstrap -c environment=local'] : []),
  'npm run build',
  'cdk deploy -c environment=local --require-approval never --outputs-file ../.local/outputs.json',
  'cd ..',
]

const image = (registry: string) => [
  'cp env/.env.local backend/.env',
  'docker build -t live-quiz-backend:latest backend/',
  `aws ecr get-login-password | docker login --username AWS --password-stdin ${registry}`,
  `docker tag live-quiz-backend:latest ${registry}/live-quiz-backend-local:latest`,
  `docker tag live-quiz-backend:latest ${registry}/live-quiz-backend-local:by-hand`,
  `docker push ${registry}/live-quiz-backend-local:latest`,
  `docker push ${registry}/live-quiz-backend-local:by-hand`,
]

const stable = 'aws ecs wait services-stable --cluster live-quiz-cluster-local --services websocket-service'

export const site = [
  'npm run build:frontend',
  'aws s3 sync frontend/dist "s3://$BUCKET_NAME" --exclude index.html --cache-control "public, max-age=31536000"',
  'aws s3 cp frontend/dist/index.html "s3://$BUCKET_NAME/index.html" --cache-control no-cache',
  'INVALIDATION_ID=$(aws cloudfront create-invalidation --distribution-id "$DISTRIBUTION_ID" --paths "/*" --query Invalidation.Id --output text)',
  'aws cloudfront wait invalidation-completed --distribution-id "$DISTRIBUTION_ID" --id "$INVALIDATION_ID"',
]

/** Before and after the service's files are written, which is not timed. */
export const first = (registry: string) => ({
  before: [...stack(true), 'aws ecr create-repository --repository-name live-quiz-backend-local', ...image(registry)],
  after: [
    'aws ecs register-task-definition --cli-input-json file://.local/task-definition.json',
    'aws ecs create-service --cli-input-json file://.local/service.json',
    stable,
    ...site,
  ],
})

export const again = (registry: string) => [
  ...stack(false),
  ...image(registry),
  'aws ecs update-service --cluster live-quiz-cluster-local --service websocket-service --force-new-deployment',
  stable,
  ...site,
]

/** Pattern of the documents: the service is set to an earlier revision. */
export const backTo = (revision: number) => [
  `aws ecs update-service --cluster live-quiz-cluster-local --service websocket-service --task-definition websocket-task-local:${revision} --force-new-deployment`,
  stable,
]
