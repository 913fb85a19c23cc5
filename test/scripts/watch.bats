#!/usr/bin/env bats
# Watching what happens anyway: the rollout, the invalidation, the tasks' output.
load helper

OLD=arn:aws:ecs:us-east-1:123456789012:task-definition/websocket-task-staging:11
NEW=arn:aws:ecs:us-east-1:123456789012:task-definition/websocket-task-staging:12

# the AWS of this machine, which is asked more often
at_once() {
  ENVIRONMENT=(AWS_ENDPOINT_URL="http://127.0.0.1:$PORT")
  when 'aws sts get-caller-identity' <<<'{"Account": "000000000000", "Arn": "arn:aws:iam::000000000000:root"}'
  stack UPDATE_COMPLETE
}

# service PRIMARY ROLLOUT_STATE RUNNING
service() { answer service REVISION="$1" STATE="$2" RUNNING="$3"; }

@test "follows the rollout that is under way to its end" {
  at_once
  when 'aws ecs describe-services *' <<<"$(service "$NEW" COMPLETED 2)"
  first 'aws ecs describe-services *' <<<"$(service "$NEW" IN_PROGRESS 0)"
  first 'aws ecs describe-services *' <<<"$(service "$NEW" IN_PROGRESS 1)"
  deploy watch.mts staging
  assert_equal "$status" 0
  assert_equal "$output" 'deployed: websocket-task-staging:12, 2 of 2 tasks run it'
  assert_regex "$stderr" '1/2 running.*2/2 running'
  refute_changes
}

@test "does not end with ROLLOUT_TIMEOUT_SECONDS" {
  at_once
  setting ROLLOUT_TIMEOUT_SECONDS 1
  when 'aws ecs describe-services *' <<<"$(service "$NEW" COMPLETED 2)"
  for _ in 1 2 3 4 5 6; do first 'aws ecs describe-services *' <<<"$(service "$NEW" IN_PROGRESS 1)"; done
  deploy watch.mts staging
  assert_equal "$status" 0
  assert_regex "$output" 'deployed: websocket-task-staging:12'
}

@test "exits as the deployment ended, and prints the verdict as JSON" {
  at_once
  when 'aws ecs describe-services *' <<<"$(service "$NEW" FAILED 0)"
  fails 'aws ecs list-service-deployments *' 252 <<<'aws: error: argument operation: Invalid choice, valid choices are:'
  deploy watch.mts staging --json
  assert_equal "$status" 1
  assert_equal "$(node -p 'const d = JSON.parse(process.argv[1]); d.verdict + " " + d.revision' "$output")" 'failed websocket-task-staging:12'
}

# on_the_way_back RUNNING ROLLOUT_STATE [EVENTS [GIVEN_UP]]: revision 11 is PRIMARY again
on_the_way_back() {
  answer service REVISION="$OLD" RUNNING="$1" STATE="$2" EVENTS="${3-}" OTHERS="${4-}" \
    REASON='ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.'
}
GIVEN_UP=", {\"id\": \"ecs-svc/2\", \"status\": \"ACTIVE\", \"taskDefinition\": \"$NEW\", \"desiredCount\": 2, \"runningCount\": 0, \"pendingCount\": 0, \"rolloutState\": \"FAILED\", \"rolloutStateReason\": \"ECS deployment circuit breaker: tasks failed to start.\"}"
EVENTS='{"id": "3", "createdAt": 3, "message": "(service websocket-service) rolling back to deployment ecs-svc/1."}, {"id": "2", "createdAt": 2, "message": "(service websocket-service) (deployment ecs-svc/2) deployment failed: tasks failed to start."}, {"id": "1", "createdAt": 1, "message": "(service websocket-service) has started 2 tasks"}'

# remembered STATUS: of the deployment of revision 12, as ECS remembers it
remembered() {
  printf '{"serviceDeployments": [{"serviceDeploymentArn": "arn:a", "status": "%s", "statusReason": "threshold exceeded", "createdAt": "2026-11-23T10:00:00Z", "targetServiceRevisionArn": "arn:12"}, {"serviceDeploymentArn": "arn:b", "status": "SUCCESSFUL", "createdAt": "2026-11-23T09:00:00Z", "targetServiceRevisionArn": "arn:11"}]}' "$1"
}

@test "of a deployment whose tasks stopped later it shows what the service says, and what shows more" {
  at_once
  when 'aws ecs describe-services *' <<<"$(service "$NEW" COMPLETED 0 | sed 's/"events": *\[[^]]*\]/"events": [{"id": "e1", "createdAt": 1, "message": "was unable to place a task"}]/')"
  deploy watch.mts staging
  assert_equal "$output" 'deployed: websocket-task-staging:12, 0 of 2 tasks run it'
  assert_regex "$stderr" 'warning: its tasks stopped later.*was unable to place a task.*deploy/debug.mts staging has the commands'
}

@test "during the circuit breaker's rollback it follows what failed" {
  at_once
  when 'aws ecs describe-services *' <<<"$(on_the_way_back 2 COMPLETED)"
  first 'aws ecs describe-services *' <<<"$(on_the_way_back 1 IN_PROGRESS "" "$GIVEN_UP")"
  first 'aws ecs describe-services *' <<<"$(on_the_way_back 1 IN_PROGRESS "" "$GIVEN_UP")"
  when 'aws ecs list-service-deployments *' <<<"$(remembered ROLLBACK_SUCCESSFUL)"
  first 'aws ecs list-service-deployments *' <<<"$(remembered ROLLBACK_IN_PROGRESS)"
  first 'aws ecs list-service-deployments *' <<<"$(remembered ROLLBACK_IN_PROGRESS)"
  when 'aws ecs describe-service-revisions *' <<<"{\"serviceRevisions\": [{\"serviceRevisionArn\": \"arn:11\", \"taskDefinition\": \"$OLD\"}, {\"serviceRevisionArn\": \"arn:12\", \"taskDefinition\": \"$NEW\"}]}"
  deploy watch.mts staging
  assert_equal "$status" 3
  assert_equal "$output" 'rolled back: websocket-task-staging:12, threshold exceeded'
  assert_regex "$stderr" 'watching websocket-task-staging:12'
  refute_changes
}

@test "a rollback that ended long ago is reported at once" {
  at_once
  when 'aws ecs describe-services *' <<<"$(on_the_way_back 2 COMPLETED)"
  when 'aws ecs list-service-deployments *' <<<"$(remembered ROLLBACK_SUCCESSFUL)"
  when 'aws ecs describe-service-revisions *' <<<"{\"serviceRevisions\": [{\"serviceRevisionArn\": \"arn:12\", \"taskDefinition\": \"$NEW\"}]}"
  deploy watch.mts staging --json
  assert_equal "$status" 3
  assert_equal "$(node -p 'const d = JSON.parse(process.argv[1]); d.verdict + " " + d.revision' "$output")" 'rolled back websocket-task-staging:12'
  assert_equal "$(grep -c describe-services "$STATE/calls")" 2
}

@test "names the alarm for which ECS went back" {
  at_once
  when 'aws ecs describe-services *' <<<"$(on_the_way_back 2 COMPLETED)"
  when 'aws ecs list-service-deployments *' <<<"$(remembered ROLLBACK_SUCCESSFUL)"
  when 'aws ecs describe-service-revisions *' <<<"{\"serviceRevisions\": [{\"serviceRevisionArn\": \"arn:12\", \"taskDefinition\": \"$NEW\"}]}"
  when 'aws ecs describe-service-deployments --service-deployment-arns arn:a' <<<'{"serviceDeployments": [{"alarms": {"status": "TRIGGERED", "alarmNames": ["slow", "errors"], "triggeredAlarmNames": ["errors"]}}]}'
  deploy watch.mts staging
  assert_equal "$status" 3
  assert_equal "$output" 'rolled back: websocket-task-staging:12, by alarm errors: threshold exceeded'
}

@test "an aws without service deployments sees the rollback in the service" {
  at_once
  when 'aws ecs describe-services *' <<<"$(on_the_way_back 2 COMPLETED "$EVENTS")"
  first 'aws ecs describe-services *' <<<"$(on_the_way_back 1 IN_PROGRESS "$EVENTS" "$GIVEN_UP")"
  first 'aws ecs describe-services *' <<<"$(on_the_way_back 1 IN_PROGRESS "$EVENTS")"
  deploy watch.mts staging
  assert_equal "$status" 3
  assert_equal "$output" 'rolled back: websocket-task-staging:12, (service websocket-service) (deployment ecs-svc/2) deployment failed: tasks failed to start.'
}

@test "a role that may not describe revisions sees the rollback in the service" {
  at_once
  when 'aws ecs describe-services *' <<<"$(on_the_way_back 2 COMPLETED "$EVENTS")"
  first 'aws ecs describe-services *' <<<"$(on_the_way_back 1 IN_PROGRESS "$EVENTS" "$GIVEN_UP")"
  when 'aws ecs list-service-deployments *' <<<"$(remembered ROLLBACK_SUCCESSFUL)"
  fails 'aws ecs describe-service-revisions *' 254 <<<'An error occurred (AccessDeniedException): no'
  deploy watch.mts staging
  assert_equal "$status" 3
}

@test "a rollback is reported by its events when the failed deployment is gone" {
  at_once
  when 'aws ecs describe-services *' <<<"$(on_the_way_back 2 COMPLETED "$EVENTS")"
  deploy watch.mts staging --json
  assert_equal "$status" 3
  assert_equal "$(node -p 'const d = JSON.parse(process.argv[1]); d.verdict + " " + d.revision' "$output")" 'rolled back null'
  assert_regex "$stderr" 'watching what came after websocket-task-staging:11'
}

@test "changes nothing on Ctrl-C" {
  at_once
  interrupted 'aws ecs describe-services *'
  deploy watch.mts staging
  assert_equal "$status" 130
  refute_regex "$stderr" 'error:|remedy:'
  refute_changes
}

@test "has nothing to watch before there is a service" {
  at_once
  when 'aws ecs describe-services *' <<<'{"services": []}'
  deploy watch.mts staging
  assert_refused 1 'no service websocket-service' './deploy/all.mts staging'
}

@test "follows the latest invalidation to its end" {
  at_once
  when 'aws cloudfront list-invalidations *' <<<'{"InvalidationList": {"Items": [{"Id": "I2"}]}}'
  first 'aws cloudfront get-invalidation *' <<<'{"Invalidation": {"Id": "I2", "Status": "InProgress", "CreateTime": "2026-11-23T10:00:00Z", "InvalidationBatch": {"Paths": {"Items": ["/*"]}}}}'
  fails_first 'aws cloudfront get-invalidation *' 254 <<<'An error occurred (Throttling) when calling the GetInvalidation operation: Rate exceeded'
  when 'aws cloudfront get-invalidation *' <<<'{"Invalidation": {"Id": "I2", "Status": "Completed", "CreateTime": "2026-11-23T10:00:00Z", "InvalidationBatch": {"Paths": {"Items": ["/*"]}}}}'
  deploy invalidation.mts staging
  assert_equal "$status" 0
  assert_equal "$output" 'Completed: I2 of /*, created 2026-11-23T10:00:00Z'
  assert_equal "$(grep cloudfront "$STATE/calls")" 'aws cloudfront list-invalidations --distribution-id E1EXAMPLE --max-items 1
aws cloudfront get-invalidation --distribution-id E1EXAMPLE --id I2
aws cloudfront get-invalidation --distribution-id E1EXAMPLE --id I2
aws cloudfront get-invalidation --distribution-id E1EXAMPLE --id I2'
  assert_equal "$(grep -c 'InProgress' <<<"$stderr")" 1
}

@test "follows the invalidation that is named, and refuses one that is not there" {
  at_once
  fails 'aws cloudfront get-invalidation *' 254 <<<'An error occurred (NoSuchInvalidation) when calling the GetInvalidation operation'
  deploy invalidation.mts staging I9
  assert_refused 1 'E1EXAMPLE has no invalidation I9' './deploy/invalidation.mts staging follows the latest'
  run grep -c list-invalidations "$STATE/calls"
  assert_output 0
}

@test "stops to follow an invalidation on Ctrl-C" {
  at_once
  interrupted 'aws cloudfront get-invalidation *'
  deploy invalidation.mts staging I2
  assert_equal "$status" 130
  refute_regex "$stderr" 'error:|remedy:|warning:'
}

@test "says so when there never was an invalidation" {
  at_once
  when 'aws cloudfront list-invalidations *' <<<'{"InvalidationList": {"Quantity": 0}}'
  deploy invalidation.mts staging --json
  assert_equal "$status" 0
  assert_equal "$output" null
}

# event ID SECONDS MESSAGE
event() { printf '{"eventId": "%s", "timestamp": %d000, "logStreamName": "websocket/websocket-server/0123456789abcdef", "message": "%s"}' "$1" "$2" "$3"; }

@test "shows each line of the tasks once, in the order of time" {
  at_once
  when 'aws logs filter-log-events *' <<<"{\"events\": [$(event b 1795428002 second), $(event a 1795428001 first)]}"
  deploy logs.mts staging --no-follow
  assert_equal "$status" 0
  assert_equal "$output" '2026-11-23T10:00:01.000Z 01234567 first
2026-11-23T10:00:02.000Z 01234567 second'
}

@test "follows until Ctrl-C, and asks again from half a minute before the last line" {
  at_once
  first 'aws logs filter-log-events *' <<<"{\"events\": [$(event a 1795428001 first)]}"
  first 'aws logs filter-log-events *' <<<"{\"events\": [$(event a 1795428001 first), $(event b 1795428002 second)]}"
  interrupted 'aws logs filter-log-events *'
  deploy logs.mts staging --since 2026-11-23T09:00:00Z
  assert_equal "$status" 130
  refute_regex "$stderr" 'error:|remedy:'
  assert_equal "$output" '2026-11-23T10:00:01.000Z 01234567 first
2026-11-23T10:00:02.000Z 01234567 second'
  run grep 'aws logs' "$STATE/calls"
  assert_output 'aws logs filter-log-events --log-group-name /ecs/live-quiz-websocket-server-staging --start-time 1795424400000
aws logs filter-log-events --log-group-name /ecs/live-quiz-websocket-server-staging --start-time 1795427971000
aws logs filter-log-events --log-group-name /ecs/live-quiz-websocket-server-staging --start-time 1795427972000'
}

@test "follows on where AWS asks to slow down" {
  at_once
  ENVIRONMENT=(AWS_ENDPOINT_URL="http://127.0.0.1:$PORT")
  when 'aws sts get-caller-identity' <<<'{"Account": "000000000000", "Arn": "arn:aws:iam::000000000000:root"}'
  first 'aws logs filter-log-events *' <<<"{\"events\": [$(event a 1795428001 first)]}"
  fails_first 'aws logs filter-log-events *' 254 <<<'An error occurred (ThrottlingException) when calling the FilterLogEvents operation: Rate exceeded'
  first 'aws logs filter-log-events *' <<<"{\"events\": [$(event b 1795428002 second)]}"
  interrupted 'aws logs filter-log-events *'
  deploy logs.mts staging --since 2026-11-23T09:00:00Z
  assert_equal "$status" 130
  assert_equal "$(grep -c 'warning: no answer, asking again: .*Rate exceeded' <<<"$stderr")" 1
  assert_equal "$output" '2026-11-23T10:00:01.000Z 01234567 first
2026-11-23T10:00:02.000Z 01234567 second'
}

@test "logs are data with --json, which does not follow" {
  at_once
  when 'aws logs filter-log-events *' <<<"{\"events\": [$(event a 1795428001 first)]}"
  deploy logs.mts staging --json
  assert_equal "$status" 0
  assert_equal "$(node -p 'JSON.parse(process.argv[1])[0].message' "$output")" first
}

@test "refuses an odd --since, whatever a shell makes of it" {
  local odd
  for odd in 1e10 '' '5 m' '$(date)' 010 -5m 1w; do
    deploy logs.mts staging "--since=$odd"
    assert_equal "$status" 2
    assert_regex "$stderr" 'error: --since is '
  done
  assert_equal "$(<"$STATE/calls")" ''
}

@test "says what brings the log group when there is none" {
  at_once
  fails 'aws logs filter-log-events *' 254 <<<'An error occurred (ResourceNotFoundException): The specified log group does not exist.'
  deploy logs.mts staging
  assert_refused 1 'no log group /ecs/live-quiz-websocket-server-staging' './deploy/infrastructure.mts staging'
}

# debug commands as they can be pasted; $1 is what aws says to a `logs tail` without its argument
debugging() {
  at_once
  when 'aws cloudfront list-invalidations *' <<<'{"InvalidationList": {"Items": [{"Id": "I2"}]}}'
  fails 'aws logs tail' 252 <<<"aws: error: $1"
}

@test "debug fills every real name into the documents' commands" {
  debugging 'the following arguments are required: group_name'
  sed -i 's#<Outputs>#<Outputs><member><OutputKey>LogBucketName</OutputKey><OutputValue>log-bucket</OutputValue></member>#' \
    "$STATE/DescribeStacks.LiveQuizEventStack-staging.xml"
  deploy debug.mts staging
  assert_equal "$status" 0
  assert_equal "$(grep -v '^#' <<<"$output" | grep .)" "export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
watch -n 5 'aws ecs describe-services --cluster live-quiz-cluster-staging --services websocket-service --query \"services[0].deployments\"'
aws logs tail /ecs/live-quiz-websocket-server-staging --follow
aws cloudfront get-invalidation --distribution-id E1EXAMPLE --id I2
curl http://localhost:$PORT/health
curl http://127.0.0.1:$PORT/
npx wscat -c ws://localhost:$PORT
docker ps
docker images
aws ecs describe-services --cluster live-quiz-cluster-staging --services websocket-service
aws ecs list-tasks --cluster live-quiz-cluster-staging --service-name websocket-service --desired-status STOPPED
aws ecs describe-tasks --cluster live-quiz-cluster-staging --tasks \$(aws ecs list-tasks --cluster live-quiz-cluster-staging --service-name websocket-service --desired-status STOPPED --query 'taskArns[:20]' --output text) --query 'tasks[].[stoppedReason,containers[].reason]'
aws elbv2 describe-target-health --target-group-arn arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/live-quiz-staging-tasks/1
aws s3 ls s3://site-bucket/
aws s3 ls s3://log-bucket/
aws cloudfront list-distributions --query 'DistributionList.Items[].[Id,DomainName,Status]'
aws ecs list-task-definitions --family-prefix websocket-task-staging --sort DESC"
  bash -n <<<"$output"
}

@test "debug names our own logs where aws has no logs tail" {
  debugging 'argument operation: Invalid choice, valid choices are:'
  deploy debug.mts staging --json
  assert_equal "$(node -p 'JSON.parse(process.argv[1]).commands[1].command' "$output")" './deploy/logs.mts staging'
  # whatever its version says: the one of the local AWS is a 1.45 that has it
  refute_regex "$(<"$STATE/calls")" 'aws --version'
}
