#!/usr/bin/env bats
# What is live: status and urls.
load helper

REVISION=arn:aws:ecs:us-east-1:123456789012:task-definition/websocket-task-staging:12

everything_there() {
  stack UPDATE_COMPLETE
  echo '<meta name="release" content="site-release"><div id="root"></div>' >"$STATE/index.html"
  when 'aws ecs describe-services *' <<<"{\"services\": [{\"status\": \"ACTIVE\", \"taskDefinition\": \"$REVISION\", \"desiredCount\": 2, \"events\": [], \"deployments\": [{\"status\": \"PRIMARY\", \"taskDefinition\": \"$REVISION\", \"desiredCount\": 2, \"runningCount\": 1, \"pendingCount\": 1, \"rolloutState\": \"IN_PROGRESS\"}]}]}"
  when 'aws ecs describe-task-definition *' <<<'{"taskDefinition": {"containerDefinitions": [{"image": "repository@sha256:abc", "environment": [{"name": "RELEASE_ID", "value": "task-release"}]}]}}'
  when 'aws dynamodb get-item *' </dev/null
}

# field EXPRESSION: of the JSON that was printed, which must be all of stdout
field() { node -p "const data = JSON.parse(process.argv[1]); $1" "$output"; }

@test "prints stack, service, revision, release, image and site, as data with --json" {
  everything_there
  deploy status.mts staging
  assert_equal "$status" 0
  assert_equal "$output" "stack     LiveQuizEventStack-staging: UPDATE_COMPLETE since 2026-11-01 00:00:00 UTC
service   websocket-service: 2 desired, 1 running, 1 pending
revision  websocket-task-staging:12, rollout IN_PROGRESS
release   task-release
image     sha256:abc
site      http://127.0.0.1:$PORT/ release site-release"
  refute_changes
  deploy status.mts staging --json
  assert_equal "$(field 'data.service.digest + " " + data.service.pending + " " + data.site.release')" 'sha256:abc 1 site-release'
}

@test "asks each of them once" {
  everything_there
  deploy status.mts staging
  run sort "$STATE/calls"
  assert_output "aws dynamodb get-item --table-name live-quiz-staging-ledger --key '{\"pk\":{\"S\":\"lock\"},\"sk\":{\"S\":\"deployment\"}}' --consistent-read
aws ecs describe-services --cluster live-quiz-cluster-staging --services websocket-service
aws ecs describe-task-definition --task-definition $REVISION
aws sts get-caller-identity
sdk cloudformation DescribeStacks LiveQuizEventStack-staging"
}

@test "is no failure before the first deployment" {
  deploy status.mts staging
  assert_equal "$status" 0
  assert_equal "$output" 'stack    LiveQuizEventStack-staging: not deployed
service  not deployed'
}

@test "prints who deploys" {
  everything_there
  when 'aws dynamodb get-item *' <<<"$(answer lock)"
  deploy status.mts staging
  assert_regex "$output" 'deploying +bob on laptop'
}

@test "fails when ECS does not answer" {
  everything_there
  fails 'aws ecs describe-services *' 254 <<<'An error occurred (AccessDeniedException): not authorized to perform ecs:DescribeServices'
  deploy status.mts staging
  assert_refused 1 'AccessDenied' 'permission'
}

@test "urls are data on stdout, of the site and of the load balancer" {
  everything_there
  deploy urls.mts staging
  assert_equal "$status" 0
  assert_equal "$output" "site           http://127.0.0.1:$PORT
siteApi        http://127.0.0.1:$PORT/api
siteWebSocket  ws://127.0.0.1:$PORT/ws
loadBalancer   http://localhost:$PORT
health         http://localhost:$PORT/health
webSocket      ws://localhost:$PORT"
  deploy urls.mts staging --json
  assert_equal "$(field data.health)" "http://localhost:$PORT/health"
}

@test "urls of a private load balancer are those of the site" {
  everything_there
  private_load_balancer
  deploy urls.mts staging
  assert_equal "$output" "site           http://127.0.0.1:$PORT
siteApi        http://127.0.0.1:$PORT/api
siteWebSocket  ws://127.0.0.1:$PORT/ws
health         http://127.0.0.1:$PORT/health
webSocket      ws://127.0.0.1:$PORT/ws"
}

@test "urls before the first deployment are refused, with the stage that brings them" {
  deploy urls.mts staging
  assert_refused 1 'LiveQuizEventStack-staging is not deployed yet' './deploy/infrastructure.mts staging'
}
