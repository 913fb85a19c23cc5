#!/usr/bin/env bats
# The whole deployment: the order of its stages, and what one failure does to the others.
load helper

URI=123456789012.dkr.ecr.us-east-1.amazonaws.com/live-quiz-backend-staging
REVISION=arn:aws:ecs:us-east-1:123456789012:task-definition/websocket-task-staging:1

# nothing is deployed yet; everything will work
nothing_there() {
  stack CREATE_COMPLETE
  fails 'aws ssm get-parameter *' 254 <<<'An error occurred (ParameterNotFound)'
  node -e '
    const { readFileSync, writeFileSync } = require("fs")
    const outputs = readFileSync(process.argv[1], "utf8").matchAll(/<OutputKey>(.*?)<\/OutputKey><OutputValue>(.*?)<\/OutputValue>/g)
    writeFileSync(process.argv[2], JSON.stringify({ "LiveQuizEventStack-staging": Object.fromEntries([...outputs].map(([, key, value]) => [key, value])) }))
  ' "$STATE/DescribeStacks.LiveQuizEventStack-staging.xml" "$STATE/outputs.json"
  rm "$STATE/DescribeStacks.LiveQuizEventStack-staging.xml"
  during 'cdk deploy *' 'cp "$STATE/outputs.json" ../.local/deployments/staging/outputs.json'
  fails 'aws ecr describe-repositories *' 254 <<<'An error occurred (RepositoryNotFoundException)'
  when 'aws ecr create-repository *' <<<"{\"repository\": {\"repositoryUri\": \"$URI\"}}"
  when 'aws ecr get-login-password' <<<hunter2
  when 'aws ecr batch-get-image *' <<<'{"images": [{"imageId": {"imageDigest": "sha256:new"}, "imageManifest": "{}"}]}'
  when 'docker image inspect *' <<<'[{"Id": "sha256:new-image", "RepoDigests": []}]'
  when 'aws ecs register-task-definition *' <<<"{\"taskDefinition\": {\"taskDefinitionArn\": \"$REVISION\"}}"
  when 'aws ecs describe-services *' \
    <<<"{\"services\": [{\"status\": \"ACTIVE\", \"taskDefinition\": \"$REVISION\", \"desiredCount\": 2, \"events\": [], \"deployments\": [{\"id\": \"d\", \"status\": \"PRIMARY\", \"taskDefinition\": \"$REVISION\", \"desiredCount\": 2, \"runningCount\": 2, \"pendingCount\": 0, \"rolloutState\": \"COMPLETED\"}]}]}"
  first 'aws ecs describe-services *' <<<'{"services": []}'
  when 'aws ecs list-tasks *' <<<'{"taskArns": ["arn:aws:ecs:us-east-1:123456789012:task/a"]}'
  when 'aws ecs describe-tasks *' <<<"{\"tasks\": [{\"taskArn\": \"task/a\", \"taskDefinitionArn\": \"$REVISION\", \"containers\": [{\"imageDigest\": \"sha256:new\"}]}]}"
  when 'aws elbv2 describe-target-health *' <<<'{"TargetHealthDescriptions": [{"Target": {"Id": "10.0.0.1"}, "TargetHealth": {"State": "healthy"}}]}'
  when 'aws s3api list-objects-v2 *' <<<null
  mkdir -p "$PROJECT/frontend/dist/assets"
  touch "$PROJECT/frontend/dist/assets/index-a1b2c3d4.js"
  echo '<meta name="release" content=""><script src="/assets/index-a1b2c3d4.js"></script>' >"$PROJECT/frontend/dist/index.html"
}

@test "deploys infrastructure, then backend, then frontend, and answers the URLs" {
  nothing_there
  deploy all.mts staging
  assert_equal "$status" 0
  run grep -E '^(cdk|aws (ecr create|ecs (register|create)|s3 cp)|sdk cloudfront POST)' <(grep -v /sbom/ "$STATE/calls")
  assert_line --index 0 'cdk bootstrap aws://123456789012/us-east-1'
  assert_line --index 1 --partial 'cdk deploy LiveQuizEventStack-staging'
  assert_line --index 2 --partial 'aws ecr create-repository'
  assert_line --index 3 --partial 'aws ecs register-task-definition'
  assert_line --index 4 --partial 'aws ecs create-service'
  # side by side
  assert_line --partial '/upload/asset-text-javascript s3://site-bucket '
  assert_line --partial '/upload/entry-text-html s3://site-bucket/releases/'
  assert_line --index 7 --partial '/upload/manifest.json s3://site-bucket/releases/'
  assert_line --index 8 --partial 'aws s3 cp s3://site-bucket/releases/'
  assert_line --index 9 --partial 'sdk cloudfront POST'
}

@test "holds the lock around every change, and records one release" {
  nothing_there
  deploy all.mts staging
  assert_equal "$status" 0
  local RECORDED=5 # before each of three changes
  assert_alone_and_recorded '^cdk deploy ' '^aws ecs create-service ' '^sdk cloudfront POST '
  run node -p 'const { Item: r } = JSON.parse(require("fs").readFileSync(0)); r.verdict.S + " " + Object.keys(r.components.M)' \
    <"$PROJECT"/.local/deployments/staging/releases/*.json
  assert_output 'deployed infrastructure,backend,frontend'
}

@test "refuses a checkout in which someone has worked while it waited" {
  nothing_there
  first 'git rev-parse --short=7 HEAD' <<<'abc1234'
  when 'git rev-parse --short=7 HEAD' <<<'bbb2222'
  deploy all.mts staging
  assert_refused 1 'this checkout is bbb2222 by now, and was abc1234 when the run began' 're-run the same command'
}

@test "a dry run changes nothing, and without a stack says where it ends" {
  nothing_there
  when 'cdk diff *' <<<'[+] AWS::S3::Bucket SiteBucket'
  deploy all.mts staging --dry-run
  assert_equal "$status" 0
  assert_regex "$stderr" 'AWS::S3::Bucket SiteBucket'
  assert_regex "$stderr" 'backend and frontend follow, from the outputs of a stack that does not exist yet'
  stack CREATE_COMPLETE
  # the stack asks which table is in use
  first 'aws ecs describe-services *' <<<'{"services": []}'
  deploy all.mts staging --dry-run
  assert_equal "$status" 0
  assert_regex "$stderr" 'aws ecr create-repository --repository-name live-quiz-backend-staging'
  assert_regex "$stderr" 'aws ecs create-service --service-name websocket-service'
  assert_regex "$stderr" 'aws s3 cp s3://site-bucket/releases/.* --include index.html'
  run grep -E '^(aws .* (create|put|register|update|delete)-|aws s3 cp|docker (push|tag|login)|cdk (deploy|bootstrap)|sdk cloudfront POST)' "$STATE/calls"
  assert_failure
}

@test "answers the final URLs on stdout, and compares the time with the documented" {
  nothing_there
  deploy all.mts staging
  assert_equal "$status" 0
  assert_equal "$output" "site       http://127.0.0.1:$PORT
health     http://localhost:$PORT/health
WebSocket  ws://localhost:$PORT"
  assert_regex "$stderr" 'CDK Bootstrap .* documented: 2-3 min'
  assert_regex "$stderr" 'Complete deployment .* documented: 30-45 min'
}

@test "labels the lines of stages that run side by side" {
  nothing_there
  when 'docker build *--tag *' <<<'Step 1/19'
  when 'npm run build --workspace frontend *' <<<'built in 1s'
  deploy all.mts staging
  assert_equal "$status" 0
  assert_regex "$stderr" $'\nimage \| Step 1/19\n'
  assert_regex "$stderr" $'\nsite  \| built in 1s\n'
}

@test "stops everything when one of stack, image and site fails" {
  nothing_there
  fails 'npm run build --workspace frontend *' 1 <<<'error TS2322'
  during 'docker build *--tag *' 'sleep 300'
  SECONDS=0
  deploy all.mts staging
  assert_equal "$status" 1
  ((SECONDS < 200)) # not waited for
  assert_regex "$stderr" 'error: npm run build exited with 1'
  assert_equal "$(grep -c '^error:' <<<"$stderr")" 1
  run find "$PROJECT/.local" -path '*/settings/.env*'
  assert_output ''
  run grep -E '^aws (ecr|ecs|s3)' "$STATE/calls"
  assert_failure
}

@test "refuses a site that cannot be published before it replaces the backend" {
  nothing_there
  mkdir "$PROJECT/frontend/dist/api"
  touch "$PROJECT/frontend/dist/api/openapi.json"
  deploy all.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: the site has api/openapi.json, but the backend answers below api/'
  run grep -E '^aws (ecr|ecs|s3)' "$STATE/calls"
  assert_failure
}

@test "publishes no site when the backend does not become healthy" {
  nothing_there
  when 'aws ecs describe-services *' \
    <<<"{\"services\": [{\"status\": \"ACTIVE\", \"taskDefinition\": \"$REVISION\", \"desiredCount\": 2, \"events\": [], \"deployments\": [{\"id\": \"d\", \"status\": \"PRIMARY\", \"taskDefinition\": \"$REVISION\", \"desiredCount\": 2, \"runningCount\": 0, \"pendingCount\": 0, \"rolloutState\": \"FAILED\", \"rolloutStateReason\": \"tasks failed to start\"}]}]}"
  deploy all.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: failed: websocket-task-staging:1: tasks failed to start'
  run grep -E '^aws s3' <(grep -v /sbom/ "$STATE/calls")
  assert_failure
}

@test "exits 130 on Ctrl-C while three things are under way, and cleans up after each" {
  nothing_there
  during 'npm run build *' 'sleep 300'
  interrupted 'docker build *--tag *'
  SECONDS=0
  deploy all.mts staging
  assert_equal "$status" 130
  ((SECONDS < 200)) # not waited for
  run find "$PROJECT/.local" -path '*/settings/.env*'
  assert_output ''
}

@test "refuses uncommitted changes before it asks about live quizzes" {
  production
  when 'git status *' <<<' M backend/src/index.ts'
  echo '{"quizzes": 1, "players": 40}' >"$STATE/live-counts"
  deploy all.mts production
  assert_refused 1 'the working tree has uncommitted changes' 'git stash'
}
