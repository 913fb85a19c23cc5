#!/usr/bin/env bats
# make restore, command line by command line. 12 runs with the stack's table, and 13 is what it becomes.
load helper
load rolling-back

OWN=live-quiz-staging
RESTORED=live-quiz-staging-application-restored-20261128T201500Z
ARN=arn:aws:dynamodb:us-east-1:123456789012:table
AT=2026-11-28T20:15:00Z
NOT_FOUND='An error occurred (ResourceNotFoundException) when calling the DescribeTable operation: none'

# uses REVISION TABLE
uses() {
  when "aws ecs describe-task-definition --task-definition $FAMILY:$1" \
    <<<"$(task "$1" | sed "s|\"environment\": \[|&{ \"name\": \"APPLICATION_TABLE\", \"value\": \"$2\" }, |")"
}

# backups FROM TO
backups() {
  when "aws dynamodb describe-continuous-backups --table-name $OWN" <<<"{\"ContinuousBackupsDescription\": {\"PointInTimeRecoveryDescription\": {\"PointInTimeRecoveryStatus\": \"ENABLED\", \"EarliestRestorableDateTime\": \"$1\", \"LatestRestorableDateTime\": \"$2\"}}}"
}

everything_there() {
  backend_can_go_back
  forget
  when 'aws ecs describe-services *' <<<"$(service 13)"
  runs 12
  # the table is there by now
  first 'aws ecs describe-services *' <<<"$(service 12)"
  uses 12 "$OWN"
  uses 13 "$RESTORED"
  when 'aws ecs register-task-definition *' <<<"{\"taskDefinition\": {\"taskDefinitionArn\": \"$FAMILY:13\"}}"
  when 'aws ecs describe-tasks *' <<<"{\"tasks\": [{\"taskArn\": \"task/a\", \"taskDefinitionArn\": \"$FAMILY:13\", \"containers\": [{\"imageDigest\": \"sha256:12\"}]}]}"
  backups 2026-11-01T00:00:00Z 2026-11-28T20:55:00Z
  when "aws dynamodb describe-table --table-name $OWN" <<<"{\"Table\": {\"TableArn\": \"$ARN/$OWN\", \"TableStatus\": \"ACTIVE\"}}"
  when "aws dynamodb describe-table --table-name $RESTORED" <<<"{\"Table\": {\"TableArn\": \"$ARN/$RESTORED\", \"TableStatus\": \"ACTIVE\"}}"
  when "aws dynamodb describe-time-to-live --table-name $OWN" <<<'{"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "expiresAt"}}'
  when "aws dynamodb describe-time-to-live --table-name $RESTORED" <<<'{"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}'
  when 'aws dynamodb list-tags-of-resource *' <<<'{"Tags": [{"Key": "environment", "Value": "staging"}, {"Key": "aws:cloudformation:stack-name", "Value": "a"}]}'
  when 'aws dynamodb query *' <<<'{"Items": []}'
  when 'aws logs get-log-events *' <<<'{"events": []}'
}

# no table of that name yet
not_begun() { fails_first "aws dynamodb describe-table --table-name $RESTORED" 254 <<<"$NOT_FOUND"; }

changes() { grep -E '^aws (ecs (update|create|register)|dynamodb (restore|tag|update-(time|cont)))' "$STATE/calls"; }

SET_UP="aws dynamodb update-time-to-live --table-name $RESTORED --time-to-live-specification Enabled=true,AttributeName=expiresAt --query TimeToLiveSpecification.AttributeName
aws dynamodb tag-resource --resource-arn $ARN/$RESTORED --tags Key=environment,Value=staging
aws dynamodb update-continuous-backups --table-name $RESTORED --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true --query ContinuousBackupsDescription.ContinuousBackupsStatus
aws ecs register-task-definition --cli-input-json file://.local/deployments/staging/task-definition.json
aws ecs update-service --service websocket-service --task-definition $FAMILY:13 --force-new-deployment --cli-input-json file://.local/deployments/staging/service.json --query service.serviceArn"
BEGIN="aws dynamodb restore-table-to-point-in-time --source-table-name $OWN --target-table-name $RESTORED --restore-date-time 2026-11-28T20:15:00.000Z --query TableDescription.TableStatus"

@test "restores into a new table, sets it up, and deploys what runs with it" {
  everything_there
  not_begun
  deploy restore.mts staging "$AT"
  assert_equal "$status" 0
  run changes
  assert_output "$BEGIN
$SET_UP"
  assert_regex "$(<"$PROJECT/.local/deployments/staging/task-definition.json")" "\"APPLICATION_TABLE\",[[:space:]]*\"value\": \"$RESTORED\""
  assert_alone_and_recorded '^aws dynamodb restore-table' '^aws ecs update-service'
}

@test "shows what is missing before it changes anything, and the way back after" {
  everything_there
  not_begun
  deploy restore.mts staging "$AT"
  assert_regex "$stderr" "table      $OWN → $RESTORED.*missing    what was written in the last .*: it stays in $OWN, and nothing merges the two.*restore-table-to-point-in-time"
  assert_regex "$stderr" "warning: alarm and dashboard watch $OWN, and the tasks use $RESTORED; then: ./deploy/infrastructure.mts staging.*undo with: ./deploy/rollback.mts staging 12"
}

@test "continues what an earlier run has begun" {
  everything_there
  deploy restore.mts staging "$AT"
  assert_equal "$status" 0
  run changes
  assert_output "$SET_UP"
}

# tasks_without_table: what the backend answers where it cannot read its table
tasks_without_table() {
  echo 503 >"$STATE/live-status"
  echo '{"error":{"code":"unavailable","message":"the database does not answer"}}' >"$STATE/live-counts"
}

# done: 13 runs with the restored table
done_already() {
  everything_there
  forget
  when 'aws ecs describe-tasks *' <<<"{\"tasks\": [{\"taskArn\": \"task/a\", \"taskDefinitionArn\": \"$FAMILY:13\", \"containers\": [{\"imageDigest\": \"sha256:13\"}]}]}"
  echo r13 >"$STATE/release"
}

@test "only verifies what is done, and that the tasks read the table" {
  done_already
  deploy restore.mts staging "$AT"
  assert_equal "$status" 0
  assert_regex "$stderr" "table      $RESTORED is read"
  assert_regex "$stderr" "unchanged: the service already uses $RESTORED"
  run changes
  assert_failure
  done_already
  tasks_without_table
  deploy restore.mts staging "$AT"
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: failed: websocket-task-staging:13: verification failed: .*/api/live answers 503'
}

@test "waits for a table that AWS does not know of yet" {
  everything_there
  not_begun
  not_begun
  deploy restore.mts staging "$AT"
  assert_equal "$status" 0
}

@test "is still running when the credentials expire while AWS restores" {
  everything_there
  not_begun
  fails_first "aws dynamodb describe-table --table-name $RESTORED" 254 \
    <<<'An error occurred (ExpiredTokenException) when calling the DescribeTable operation: expired'
  deploy restore.mts staging "$AT"
  assert_equal "$status" 5
  assert_regex "$stderr" "warning: still running: AWS continues to restore $RESTORED, and its progress could not be read: .*ExpiredToken"
  assert_regex "$stderr" 'remedy: aws sso login.*; then re-run the same command: it continues from there'
}

@test "shows every command on a dry run, and runs none that changes anything" {
  everything_there
  fails "aws dynamodb describe-table --table-name $RESTORED" 254 <<<"$NOT_FOUND"
  deploy restore.mts staging "$AT" --dry-run
  assert_equal "$status" 0
  assert_regex "$stderr" 'restore-table-to-point-in-time.*update-time-to-live.*tag-resource.*update-continuous-backups.*register-task-definition.*update-service'
  run changes
  assert_failure
}

@test "refuses a moment outside what AWS keeps, with what it keeps" {
  everything_there
  fails "aws dynamodb describe-table --table-name $RESTORED" 254 <<<"$NOT_FOUND"
  backups 2026-11-28T20:30:00Z 2026-11-28T20:55:00Z
  deploy restore.mts staging "$AT"
  assert_refused 1 "$OWN can be restored to a moment from 2026-11-28 20:30:00 UTC to 2026-11-28 20:55:00 UTC, not to 2026-11-28 20:15:00 UTC" 'give one of these'
  when "aws dynamodb describe-continuous-backups *" <<<'{"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"}}}'
  first 'aws ecs describe-services *' <<<"$(service 12)"
  deploy restore.mts staging "$AT"
  assert_refused 1 "point-in-time recovery is off for $OWN" 'staging and production have it'
}

@test "refuses what is no moment, and the future, before any call" {
  deploy restore.mts staging yesterday
  assert_refused 2 '"yesterday" is not a moment' 'give a moment with its time zone, such as'
  deploy restore.mts staging 2099-01-01T00:00:00Z
  assert_refused 2 '2099-01-01 00:00:00 UTC is in the future' 'give a moment'
  deploy restore.mts staging
  assert_refused 2 'no moment to restore was given' 'give a moment'
  assert_equal "$(<"$STATE/calls")" ''
}

@test "refuses a table that was in use since, and one that is gone" {
  everything_there
  when 'aws dynamodb query *' <<<"{\"Items\": [{\"id\": {\"S\": \"r9\"}, \"components\": {\"M\": {\"backend\": {\"M\": {\"status\": {\"S\": \"not verified\"}, \"seconds\": {\"N\": \"1\"}, \"taskDefinition\": {\"S\": \"$FAMILY:9\"}, \"table\": {\"S\": \"$RESTORED\"}}}}}}]}"
  deploy restore.mts staging "$AT"
  assert_refused 1 "$RESTORED has been in use since r9, and may have been written to" 'one second off, or use it as it is: ./deploy/rollback.mts staging 9$'
  forget
  first 'aws ecs describe-services *' <<<"$(service 12)"
  fails 'aws dynamodb query *' 254 <<<'An error occurred (ThrottlingException) when calling the Query operation: Rate exceeded'
  deploy restore.mts staging "$AT"
  assert_refused 1 'aws dynamodb query: .*Rate exceeded' 're-run the same command in a minute'
  first 'aws ecs describe-services *' <<<"$(service 12)"
  fails "aws dynamodb describe-table *" 254 <<<"$NOT_FOUND"
  deploy restore.mts staging "$AT"
  assert_refused 1 "there is no table $OWN" 'list-backups --backup-type SYSTEM'
}

@test "restores nothing where someone else has deployed since it was planned" {
  everything_there
  overtaken 12
  not_begun
  deploy restore.mts staging "$AT"
  assert_overtaken 12
}

@test "does not set up the table once its lock is broken" {
  everything_there
  fails 'aws dynamodb update-item *' 254 <<<'An error occurred (ConditionalCheckFailedException) when calling the UpdateItem operation'
  deploy restore.mts staging "$AT"
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: the deploy lock of staging was broken or taken over'
  run changes
  assert_output ''
}

@test "does not use the table where someone else has deployed while AWS restored it" {
  everything_there
  forget
  runs 12
  not_begun
  when 'aws ecs describe-services *' <<<"$(service 14)"
  when "aws ecs describe-task-definition --task-definition $FAMILY:14" <<<"$(task 14)"
  deploy restore.mts staging "$AT"
  assert_equal "$status" 4
  assert_regex "$stderr" "error: superseded: the service now runs websocket-task-staging:14, not websocket-task-staging:12; $RESTORED is restored, and no task uses it"
  run changes
  assert_output --partial "$BEGIN"
  refute_output --partial 'aws ecs'
}

@test "leaves alone what someone else has deployed before the table was read" {
  everything_there
  not_begun
  first 'aws ecs describe-services *' <<<"$(service 13)"
  when 'aws ecs describe-services *' <<<"$(service 14)"
  when "aws ecs describe-task-definition --task-definition $FAMILY:14" <<<"$(task 14)"
  deploy restore.mts staging "$AT"
  assert_equal "$status" 4
  assert_regex "$stderr" 'error: superseded: websocket-task-staging:13: by websocket-task-staging:14'
  run grep -c 'aws ecs update-service' "$STATE/calls"
  assert_output 1
}

@test "is not verified where the credentials expire before that is known" {
  done_already
  runs 13
  fails 'aws ecs describe-services *' 254 <<<'An error occurred (ExpiredTokenException) when calling the DescribeServices operation: expired'
  deploy restore.mts staging "$AT"
  assert_equal "$status" 6
  assert_regex "$stderr" 'error: not verified: websocket-task-staging:13 runs and was left alone: .*ExpiredToken'
}

@test "needs a stack that lets tasks use a restored table" {
  everything_there
  sed -i 's|<member><OutputKey>RestoredTablePrefix</OutputKey>.*staging-application-restored-</OutputValue></member>||' "$STATE/DescribeStacks.LiveQuizEventStack-staging.xml"
  deploy restore.mts staging "$AT"
  assert_refused 1 'the stack LiveQuizEventStack-staging does not let tasks use a restored table yet' './deploy/infrastructure.mts staging'
}

@test "has changed something once a table is restored" {
  echo "$BEGIN" >"$STATE/calls"
  run refute_changes
  assert_failure
}

@test "leaves a live quiz alone" {
  everything_there
  not_begun
  echo '{"quizzes":1,"players":3}' >"$STATE/live-counts"
  deploy restore.mts staging "$AT"
  assert_refused 1 '1 quiz is live, 3 players are connected' '--wait-idle'
}

@test "goes back to the old table where the tasks cannot read the new one" {
  everything_there
  not_begun
  tasks_without_table
  mkdir "$STATE/later"
  mv "$STATE"/live-{status,counts} "$STATE/later"
  during 'aws dynamodb tag-resource *' 'mv "$STATE"/later/* "$STATE"'
  when 'aws ecs describe-services *' <<<"$(service 12)"
  mv "$STUB" "$STATE/way-back"
  during "aws ecs update-service *:12 *" 'mv "$STATE/way-back" "$STATE/stubs/000"'
  deploy restore.mts staging "$AT"
  assert_equal "$status" 3
  assert_regex "$stderr" 'verification failed: .*/api/live answers 503.*rolling back to websocket-task-staging:12'
}
