# For the suites that roll the backend back.
FAMILY=arn:aws:ecs:us-east-1:123456789012:task-definition/websocket-task-staging
ROLE=arn:aws:iam::123456789012:role/live-quiz-staging-task
LOGS=/ecs/live-quiz-websocket-server-staging

# task REVISION [STATUS] [IMAGE] [CONTAINER]: as describe-task-definition answers it
task() {
  answer task-definition NUMBER="$1" STATUS="${2-ACTIVE}" IMAGE="${3-$URI@sha256:$1}" CONTAINER="${4-websocket-server}" \
    CPU="$((1 + $1 / 13))00" RELEASE="r$1"
}

# service REVISION
service() { answer service REVISION="$FAMILY:$1"; }

# runs REVISION: when it is planned, and still when the lock is held
runs() {
  first 'aws ecs describe-services *' <<<"$(service "$1")"
  first 'aws ecs describe-services *' <<<"$(service "$1")"
}

# overtaken REVISION: while that is planned, someone else deploys 14
overtaken() {
  forget
  first 'aws ecs describe-services *' <<<"$(service "$1")"
  when 'aws ecs describe-services *' <<<"$(service 14)"
  when "aws ecs describe-task-definition --task-definition $FAMILY:14" <<<"$(task 14)"
}

# assert_overtaken REVISION: that, and nothing was changed
assert_overtaken() {
  assert_equal "$status" 4
  assert_regex "$stderr" "error: superseded: the service now runs websocket-task-staging:14, not websocket-task-staging:$1; nothing was changed"
  assert_regex "$stderr" 'remedy: ./deploy/releases.mts staging shows who changed it; then re-run the same command'
  run grep -E '^(aws (ecs (update|register)|ecr put|s3 cp s3:[^ ]* s3:|secretsmanager|dynamodb (restore|tag))|skopeo copy --auth|sdk cloudfront POST)' "$STATE/calls"
  assert_failure
  assert_regex "$(cat "$PROJECT/.local/deployments/staging/releases/"*.json)" '"verdict":\{"S":"superseded"\}'
}

# backend_can_go_back: 13 runs; 12 can be gone back to, and comes up
backend_can_go_back() {
  stack UPDATE_COMPLETE
  echo r12 >"$STATE/release"
  when 'aws ecs describe-services *' <<<"$(service 12)"
  runs 13
  when "aws ecs describe-task-definition --task-definition $FAMILY:13" <<<"$(task 13)"
  when 'aws ecs describe-task-definition --task-definition websocket-task-staging:*' <<<"$(task 12)"
  when 'aws ecr batch-get-image *' <<<'{"images": [{"imageId": {"imageDigest": "sha256:12"}, "imageManifest": "{}"}]}'
  when 'aws iam get-role *' <<<"\"$ROLE\""
  when 'aws logs describe-log-groups *' <<<"{\"logGroups\": [{\"logGroupName\": \"$LOGS\"}]}"
  when 'aws ecs list-tasks *' <<<'{"taskArns": ["arn:aws:ecs:us-east-1:123456789012:task/a"]}'
  when 'aws ecs describe-tasks *' <<<"{\"tasks\": [{\"taskDefinitionArn\": \"$FAMILY:12\", \"containers\": [{\"imageDigest\": \"sha256:12\"}]}]}"
  when 'aws elbv2 describe-target-health *' <<<'{"TargetHealthDescriptions": [{"Target": {"Id": "10.0.0.1"}, "TargetHealth": {"State": "healthy"}}]}'
  when 'aws dynamodb get-item *' </dev/null
}
