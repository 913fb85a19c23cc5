#!/usr/bin/env bats
# make rotate-admin-secret, command line by command line.
load helper
load rolling-back

SECRET=arn:aws:secretsmanager:us-east-1:123456789012:secret:live-quiz-staging-admin
GENERATE='aws secretsmanager get-random-password --password-length 32 --exclude-punctuation --query RandomPassword --output text'
STORE="aws secretsmanager put-secret-value --secret-id $SECRET --secret-string file:///dev/stdin --query VersionId"

# 12 runs, and 13 is what it becomes
everything_there() {
  backend_can_go_back
  forget
  when 'aws ecs describe-services *' <<<"$(service 13)"
  runs 12
  when "aws ecs describe-task-definition --task-definition $FAMILY:12" <<<"$(task 12)"
  when 'aws ecs register-task-definition *' <<<"{\"taskDefinition\": {\"taskDefinitionArn\": \"$FAMILY:13\"}}"
  when 'aws ecs describe-tasks *' <<<"{\"tasks\": [{\"taskArn\": \"task/a\", \"taskDefinitionArn\": \"$FAMILY:13\", \"containers\": [{\"imageDigest\": \"sha256:12\"}]}]}"
  when 'aws secretsmanager get-random-password *' <<<hunter2
  when 'aws secretsmanager put-secret-value *' <<<'"v2"'
}

changes() { grep -E '^aws (ecs (update|create|register)|secretsmanager)' "$STATE/calls" | sort; }

@test "stores a new value, deploys what runs once more, and keeps its release id and image" {
  everything_there
  deploy rotate-admin-secret.mts staging
  assert_equal "$status" 0
  assert_equal "$output" ''
  run changes
  assert_output "aws ecs register-task-definition --cli-input-json file://.local/deployments/staging/task-definition.json
aws ecs update-service --service websocket-service --task-definition $FAMILY:13 --force-new-deployment --cli-input-json file://.local/deployments/staging/service.json --query service.serviceArn
$GENERATE
$STORE"
  # a run that stopped after its push has left it elsewhere
  run grep -c '^aws ecr put-image ' "$STATE/calls"
  assert_output 1
  run node -p 'const { taskDefinitionArn, revision, status, containerDefinitions: [{ image, environment }] } = JSON.parse(require("fs").readFileSync(process.argv[1])); JSON.stringify([taskDefinitionArn, revision, status, image, environment[0].value])' "$PROJECT/.local/deployments/staging/task-definition.json"
  assert_output "[null,null,null,\"$URI@sha256:12\",\"r12\"]"
}

@test "stores nothing once its lock is broken" {
  everything_there
  fails 'aws dynamodb update-item *' 254 <<<'An error occurred (ConditionalCheckFailedException) when calling the UpdateItem operation'
  deploy rotate-admin-secret.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: the deploy lock of staging was broken or taken over'
  run changes
  assert_output ''
}

@test "hands the value from one aws to the other, and keeps it out of output, files and command lines" {
  everything_there
  deploy rotate-admin-secret.mts staging --verbose
  assert_equal "$status" 0
  assert_equal "$(<"$STATE/password")" hunter2
  # and no line break
  assert_equal "$(wc -c <"$STATE/password")" 7
  refute_regex "$stderr" hunter2
  run grep -r hunter2 "$STATE/calls" "$PROJECT/.local"
  assert_failure
}

@test "says who has to sign in again, and how to see the new value" {
  everything_there
  deploy rotate-admin-secret.mts staging
  assert_regex "$stderr" 'the old admin secret is refused: administrators sign in again; links of hosts, screens and players stay valid'
  assert_regex "$stderr" 'the new one is printed by ./deploy/admin-secret.mts staging'
}

@test "takes the lock and records the run" {
  everything_there
  deploy rotate-admin-secret.mts staging
  assert_alone_and_recorded '^aws secretsmanager put-secret-value' '^aws ecs update-service'
}

@test "shows every command on a dry run, and runs none that changes anything" {
  everything_there
  deploy rotate-admin-secret.mts staging --dry-run
  assert_equal "$status" 0
  assert_regex "$stderr" "get-random-password .* [|] aws secretsmanager put-secret-value --secret-id $SECRET .*register-task-definition.*update-service .*--force-new-deployment"
  refute_changes
  run grep secretsmanager "$STATE/calls"
  assert_failure
}

@test "deploys nothing when the value cannot be stored" {
  everything_there
  fails 'aws secretsmanager put-secret-value *' 254 <<<'An error occurred (AccessDeniedException)'
  deploy rotate-admin-secret.mts staging
  assert_equal "$status" 1
  run grep -E 'register-task-definition|update-service' "$STATE/calls"
  assert_failure
  # half of a pipe is no success either
  everything_there
  fails 'aws secretsmanager get-random-password *' 254 <<<'An error occurred (AccessDeniedException)'
  deploy rotate-admin-secret.mts staging
  assert_equal "$status" 1
}

@test "says what is true of the secret when the new tasks do not come up" {
  everything_there
  setting ROLLOUT_TIMEOUT_SECONDS 1
  when 'aws ecs describe-services *' <<<"$(answer service REVISION="$FAMILY:13" STATE=IN_PROGRESS RUNNING=0)"
  deploy rotate-admin-secret.mts staging
  assert_equal "$status" 5
  assert_regex "$stderr" 'warning: the new admin secret is stored; a task that started before still takes the old one'
  assert_regex "$stderr" 'remedy: ./deploy/watch.mts staging and ./deploy/health.mts staging show how it ends; the same command makes yet another value'
  # nor does it pick up where Ctrl-C has stopped it
  everything_there
  interrupted 'aws ecs update-service *'
  deploy rotate-admin-secret.mts staging
  assert_equal "$status" 130
  assert_regex "$stderr" 'stopped by Ctrl-C'
  assert_regex "$stderr" 'warning: the new admin secret is stored'
  assert_regex "$stderr" 'remedy: ./deploy/watch.mts staging and .*; the same command makes yet another value'
}

@test "says that a new value may be stored where it was stopped while it was being stored" {
  everything_there
  interrupted 'aws secretsmanager put-secret-value *'
  deploy rotate-admin-secret.mts staging
  assert_equal "$status" 130
  assert_regex "$stderr" 'warning: a new admin secret may be stored; a task that started before still takes the old one'
  assert_regex "$stderr" 'remedy: the same command makes yet another value'
}

@test "says that the same command makes another value where it has lost its lock since" {
  everything_there
  fails 'aws dynamodb update-item *' 254 <<<'An error occurred (ConditionalCheckFailedException) when calling the UpdateItem operation'
  first 'aws dynamodb update-item *' </dev/null
  deploy rotate-admin-secret.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: the deploy lock of staging was broken or taken over'
  assert_regex "$stderr" 'remedy: ./deploy/watch.mts staging and .*; the same command makes yet another value'
}

@test "waits for a quiz, unless it is told not to" {
  everything_there
  echo '{"quizzes":1,"players":3}' >"$STATE/live-counts"
  deploy rotate-admin-secret.mts staging
  assert_refused 1 '1 quiz is live, 3 players are connected' '--wait-idle'
  everything_there
  deploy rotate-admin-secret.mts staging --force
  assert_equal "$status" 0
}

@test "stores and deploys nothing where someone else has deployed since" {
  everything_there
  overtaken 12
  deploy rotate-admin-secret.mts staging
  assert_overtaken 12
}

@test "needs a service whose image is pinned" {
  everything_there
  when "aws ecs describe-task-definition --task-definition $FAMILY:12" <<<"$(task 12 ACTIVE "$URI:latest")"
  deploy rotate-admin-secret.mts staging
  assert_refused 1 'websocket-task-staging:12 names its image by tag' './deploy/backend.mts staging --redeploy'
  when 'aws ecs describe-services *' <<<'{"services": []}'
  forget
  deploy rotate-admin-secret.mts staging
  assert_refused 1 'staging has no service' './deploy/all.mts staging'
}
