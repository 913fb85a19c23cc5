#!/usr/bin/env bats
# What a deployment would change, and drift.
load helper

# what a deployment would register and set runs already; $1 changes the service: a line of JavaScript on `service`
everything_the_same() {
  stack UPDATE_COMPLETE
  mkdir -p "$PROJECT/frontend/dist/assets" "$PROJECT/infrastructure"
  printf '<meta name="release" content="">' >"$PROJECT/frontend/dist/index.html"
  live 20261101T000000Z-0000000
  when 'cdk diff *' <<<'There were no differences
✨  Number of stacks with differences: 0'
  when 'docker image inspect *' <<<"[{\"Id\": \"sha256:image\", \"RepoDigests\": [\"$URI@sha256:old\"]}]"
  when 'aws ecr describe-images *' <<<'{"imageDetails": [{"imageDigest": "sha256:old", "imageTags": ["latest"], "imagePushedAt": 1795000000}]}'
  when 'aws dynamodb query *' <<<'{"Items": []}'
  running ''
}

@test "says that nothing would change, and changes nothing" {
  everything_the_same
  deploy diff.mts staging
  assert_equal "$status" 0
  assert_equal "$output" 'infrastructure
  no change
service
  no change
image
  no change
site
  no change'
  run grep -E '^aws .* (create|put|register|update|delete)-|s3 cp .* s3:|docker (push|tag )|cdk deploy' "$STATE/calls"
  assert_failure
}

@test "shows cdk's diff of the stack, asked for without a change set" {
  everything_the_same
  when 'cdk diff *' <<<'[~] AWS::Logs::LogGroup LogGroup
 └─ [~] RetentionInDays
✨  Number of stacks with differences: 1'
  deploy diff.mts staging infrastructure
  assert_equal "$status" 0
  assert_equal "$output" 'infrastructure
  [~] AWS::Logs::LogGroup LogGroup
   └─ [~] RetentionInDays'
  assert_equal "$(without_outputs | grep cdk)" 'cdk diff LiveQuizEventStack-staging --context environment=staging --no-change-set'
}

@test "compares service and task definition with the running ones" {
  everything_the_same
  running "definition.cpu = '256'; definition.containerDefinitions[0].environment[0].value = 'debug'; service.healthCheckGracePeriodSeconds = 5; service.networkConfiguration.awsvpcConfiguration.securityGroups = ['sg-9']; service.deploymentConfiguration.deploymentCircuitBreaker.rollback = false"
  deploy diff.mts staging service
  assert_equal "$status" 0
  assert_equal "$output" 'service
  taskDefinition: cpu: 256 → 512
  taskDefinition: containerDefinitions.websocket-server.environment.LOG_LEVEL: debug → info
  service: healthCheckGracePeriodSeconds: 5 → 30
  service: deploymentConfiguration.deploymentCircuitBreaker.rollback: false → true
  stack: networkConfiguration.awsvpcConfiguration.securityGroups.0: sg-9 → sg-1'
}

@test "sees that latest and the ledger name another image than the running one" {
  everything_the_same
  when 'aws ecr describe-images *' <<<'{"imageDetails": [{"imageDigest": "sha256:old", "imagePushedAt": 1795000000}, {"imageDigest": "sha256:new", "imageTags": ["latest"], "imagePushedAt": 1795000001}]}'
  when 'aws dynamodb query *' <<<'{"Items": [{"id": {"S": "r"}, "components": {"M": {"backend": {"M": {"status": {"S": "deployed"}, "seconds": {"N": "1"}, "taskDefinition": {"S": "arn:aws:ecs:us-east-1:1:task-definition/websocket-task-staging:12"}}}}}}]}'
  deploy diff.mts staging service
  assert_equal "$output" 'service
  latest: latest is sha256:new, but sha256:old runs
  ledger: websocket-task-staging:11 runs, but the ledger says that websocket-task-staging:12 was deployed last'
}

@test "names the image and the files that would travel" {
  everything_the_same
  when 'docker image inspect *' <<<'[{"Id": "sha256:other", "RepoDigests": []}]'
  when 'aws ecr batch-get-image *' <<<'{"images": [{"imageId": {"imageDigest": "sha256:old"}, "imageManifest": "{\"config\": {\"digest\": \"sha256:image\"}}"}]}'
  printf 'script' >"$PROJECT/frontend/dist/assets/index-a1b2c3d4.js"
  deploy diff.mts staging --json
  assert_equal "$status" 0
  assert_equal "$(node -p 'const d = JSON.parse(process.argv[1]); [d.image, d.site.join(), d.service.length, d.infrastructure.length].join("\n")' "$output")" "$URI@sha256:old runs, and sha256:other is here
assets/index-a1b2c3d4.js,index.html
0
0"
}

@test "refuses a part that there is not" {
  deploy diff.mts staging everything
  assert_refused 2 'unknown part: everything' 'infrastructure, service, image, site'
}

@test "fails when cdk does" {
  everything_the_same
  fails 'cdk diff *' 1 <<<'Error: no'
  deploy diff.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: cdk diff LiveQuizEventStack-staging: Error: no'
}

@test "stops when the image cannot be built, and takes the settings away" {
  everything_the_same
  fails 'docker build *--tag *' 1 <<<'no space left on device'
  deploy diff.mts staging image
  assert_equal "$status" 1
  assert_equal "$output" ''
  assert_regex "$stderr" 'error: docker build exited with 1'
  [[ ! -e $PROJECT/backend/.env ]]
}

@test "stops when the site cannot be built, and takes the settings away" {
  everything_the_same
  fails 'npm run build *' 1 <<<'error TS2304'
  deploy diff.mts staging site
  assert_equal "$status" 1
  assert_regex "$stderr" 'error TS2304'
  assert_equal "$output" ''
  [[ ! -e $PROJECT/frontend/.env.production ]]
}

@test "stops when the repository does not answer" {
  everything_the_same
  fails 'aws ecr *' 254 <<<'An error occurred (AccessDeniedException): not authorized to perform: ecr:DescribeImages'
  deploy diff.mts staging service
  assert_refused 1 'aws ecr describe-images: .*AccessDenied' 'docs/PERMISSIONS.md shows which role'
}

@test "has nothing to compare before there is a service, nor a stack" {
  everything_the_same
  when 'aws ecs describe-services *' <<<'{"services": []}'
  deploy diff.mts staging service
  assert_equal "$output" 'service
  no service runs yet'
  rm "$STATE/DescribeStacks.LiveQuizEventStack-staging.xml"
  deploy diff.mts staging
  assert_equal "$status" 0
  assert_equal "$output" 'infrastructure
  no change
service
  the stack is not deployed yet, or is older than this code: deploy the infrastructure first
image
  sha256:image here, and none runs
site
  the stack is not deployed yet, or is older than this code: deploy the infrastructure first'
}
