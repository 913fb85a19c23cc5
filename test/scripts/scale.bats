#!/usr/bin/env bats
# scale and admin-secret.
load helper

REVISION=arn:aws:ecs:us-east-1:123456789012:task-definition/websocket-task-staging:12
UPDATE='aws ecs update-service --cluster live-quiz-cluster-staging --service websocket-service --desired-count 3 --query service.serviceArn'

# service DESIRED RUNNING [PENDING]
service() { answer service REVISION="$REVISION" DESIRED="$1" RUNNING="$2" PENDING="${3-0}"; }

# the AWS of this machine, which is asked more often
at_once() {
  ENVIRONMENT=(AWS_ENDPOINT_URL="http://127.0.0.1:$PORT")
  when 'aws sts get-caller-identity' <<<'{"Account": "000000000000", "Arn": "arn:aws:iam::000000000000:root"}'
}

@test "sets the number of tasks, and waits until they run" {
  at_once
  when 'aws ecs describe-services *' <<<"$(service 3 3)"
  first 'aws ecs describe-services *' <<<"$(service 2 2)"
  first 'aws ecs describe-services *' <<<"$(service 2 2)"
  first 'aws ecs describe-services *' <<<"$(service 3 2 1)"
  deploy scale.mts staging 3
  assert_equal "$status" 0
  assert_equal "$output" ''
  assert_equal "$(grep 'aws ecs' "$STATE/calls")" "aws ecs describe-services --cluster live-quiz-cluster-staging --services websocket-service
aws ecs describe-services --cluster live-quiz-cluster-staging --services websocket-service
$UPDATE
aws ecs describe-services --cluster live-quiz-cluster-staging --services websocket-service
aws ecs describe-services --cluster live-quiz-cluster-staging --services websocket-service"
  assert_regex "$stderr" 'staging runs 3 tasks.*undo with: ./deploy/scale.mts staging 2'
}

@test "says that TASK_COUNT applies only when the service is created" {
  when 'aws ecs describe-services *' <<<"$(service 3 3)"
  deploy scale.mts staging 3
  assert_equal "$status" 0
  assert_regex "$stderr" 'TASK_COUNT=2 in env/.env.staging applies only when the service is created again'
  setting TASK_COUNT 3
  deploy scale.mts staging 3
  refute_regex "$stderr" TASK_COUNT
}

@test "shows the command on a dry run, and runs none that changes anything" {
  when 'aws ecs describe-services *' <<<"$(service 2 2)"
  deploy scale.mts staging 3 --dry-run
  assert_equal "$status" 0
  assert_regex "$stderr" "[$] $UPDATE"
  refute_changes
}

@test "refuses what is no number of tasks, before any call" {
  local odd
  for odd in 1e10 03 -1 100 '3 ' '$HOME' "'3'" 1,2 ''; do
    deploy scale.mts staging -- "$odd"
    assert_equal "$status" 2
    assert_regex "$stderr" 'error: the number of tasks is '
  done
  deploy scale.mts staging
  assert_refused 2 'no number of tasks was given' '0 to 99'
  assert_equal "$(<"$STATE/calls")" ''
}

@test "asks for production's name, and names the flag where there is no terminal" {
  sed -i 's/^AWS_ACCOUNT_ID=.*/AWS_ACCOUNT_ID=123456789012/' "$PROJECT/env/.env.production"
  when 'aws ecs describe-services *' <<<"$(service 2 2)"
  deploy scale.mts production 3
  assert_refused 2 'production asks for confirmation' '--yes'
}

@test "is still running, exit 5, when the tasks are not there in time" {
  at_once
  ENVIRONMENT+=(GITHUB_STEP_SUMMARY="$STATE/summary.md")
  setting ROLLOUT_TIMEOUT_SECONDS 1
  when 'aws ecs describe-services *' <<<"$(service 3 2 1)"
  deploy scale.mts staging 3
  assert_equal "$status" 5
  assert_regex "$stderr" 'warning: still running: not 3 tasks'
  assert_regex "$(<"$STATE/summary.md")" 'warning: still running: not 3 tasks'
  assert_regex "$stderr" 'remedy: ./deploy/scale.mts staging 3 sets it again, and waits'
  refute_regex "$stderr" 'undo with'
}

@test "says how to undo it also when the tasks are not there in time, or Ctrl-C stops the wait" {
  at_once
  setting ROLLOUT_TIMEOUT_SECONDS 1
  when 'aws ecs describe-services *' <<<"$(service 3 2 1)"
  for _ in 1 2; do first 'aws ecs describe-services *' <<<"$(service 2 2)"; done
  deploy scale.mts staging 3
  assert_equal "$status" 5
  assert_regex "$stderr" 'undo with: ./deploy/scale.mts staging 2.*warning: still running'
  for _ in 1 2; do first 'aws ecs describe-services *' <<<"$(service 2 2)"; done
  interrupted 'aws ecs describe-services *'
  deploy scale.mts staging 3
  assert_equal "$status" 130
  assert_regex "$stderr" 'undo with: ./deploy/scale.mts staging 2'
}

@test "warns that nothing answers with 0 tasks" {
  when 'aws ecs describe-services *' <<<"$(service 0 0)"
  deploy scale.mts staging 0
  assert_equal "$status" 0
  assert_regex "$stderr" 'warning: with 0 tasks nothing answers'
}

@test "stops no task while a quiz is live, but for --force; more of them are no harm" {
  stack UPDATE_COMPLETE
  echo '{"quizzes":1,"players":3}' >"$STATE/live-counts"
  when 'aws ecs describe-services *' <<<"$(service 4 4)"
  deploy scale.mts staging 3
  assert_refused 1 '1 quiz is live, 3 players are connected on staging' '--wait-idle; or continue: the same line with --force'
  first 'aws ecs describe-services *' <<<"$(service 4 4)"
  first 'aws ecs describe-services *' <<<"$(service 4 4)"
  when 'aws ecs describe-services *' <<<"$(service 3 3)"
  deploy scale.mts staging 3 --force
  assert_equal "$status" 0
  assert_regex "$stderr" 'warning: --force: 1 quiz is live'
  first 'aws ecs describe-services *' <<<"$(service 2 2)"
  first 'aws ecs describe-services *' <<<"$(service 2 2)"
  deploy scale.mts staging 3
  assert_equal "$status" 0
}

@test "sets no number when someone else has set one since it was shown" {
  stack UPDATE_COMPLETE
  first 'aws ecs describe-services *' <<<"$(service 4 4)"
  when 'aws ecs describe-services *' <<<"$(service 2 2)"
  deploy scale.mts staging 3
  assert_equal "$status" 4
  assert_regex "$stderr" 'error: superseded: the desired count is now 2, not 4; nothing was changed'
  refute_changes
}

@test "asks about a live quiz although the stack is half deleted" {
  stack DELETE_FAILED
  echo '{"quizzes":1,"players":3}' >"$STATE/live-counts"
  when 'aws ecs describe-services *' <<<"$(service 2 2)"
  deploy scale.mts staging 0
  assert_refused 1 '1 quiz is live' '--force'
}

@test "stops tasks where the stack has no address to ask: whether a quiz is live is not known" {
  when 'aws ecs describe-services *' <<<"$(service 0 0)"
  for _ in 1 2; do first 'aws ecs describe-services *' <<<"$(service 2 2)"; done
  deploy scale.mts staging 0
  assert_equal "$status" 0
  assert_regex "$stderr" 'warning: a quiz may be live'
}

@test "needs a service" {
  when 'aws ecs describe-services *' <<<'{"services": []}'
  deploy scale.mts staging 3
  assert_refused 1 'staging has no service' './deploy/all.mts staging'
}

@test "sets no number where the service was deleted since it was shown" {
  stack UPDATE_COMPLETE
  first 'aws ecs describe-services *' <<<"$(service 4 4)"
  when 'aws ecs describe-services *' <<<'{"services": []}'
  deploy scale.mts staging 3
  assert_refused 1 'staging has no service' './deploy/all.mts staging'
}

@test "stops when ECS refuses" {
  when 'aws ecs describe-services *' <<<"$(service 2 2)"
  fails 'aws ecs update-service *' 254 <<<'denied: no'
  deploy scale.mts staging 3
  assert_equal "$status" 1
  assert_regex "$stderr" 'denied: no'
  assert_equal "$(tail -1 "$STATE/calls")" "$UPDATE"
}

@test "shows the admin secret on stdout, and nowhere else" {
  stack UPDATE_COMPLETE
  when 'aws secretsmanager get-secret-value *' <<<'{"SecretString": "hunter2 $x"}'
  deploy admin-secret.mts staging --yes
  assert_equal "$status" 0
  assert_equal "$output" 'hunter2 $x'
  refute_regex "$stderr" hunter2
  run grep -r hunter2 "$STATE/calls" "$PROJECT/.local"
  assert_failure
  deploy admin-secret.mts staging --yes --json
  assert_equal "$(node -p 'JSON.parse(process.argv[1]).secret' "$output")" 'hunter2 $x'
}

@test "does not even read the admin secret unless it is asked to" {
  stack UPDATE_COMPLETE
  deploy admin-secret.mts staging
  assert_refused 2 'there is no terminal' '--yes'
  assert_equal "$(<"$STATE/calls")" ''
}

@test "says what AWS says when the secret may not be read" {
  stack UPDATE_COMPLETE
  fails 'aws secretsmanager get-secret-value *' 254 <<<'An error occurred (AccessDeniedException): not authorized to perform: secretsmanager:GetSecretValue'
  deploy admin-secret.mts staging --yes
  assert_refused 1 AccessDenied permission
}

@test "production is scaled with --yes, under production's names" {
  sed -i 's/^AWS_ACCOUNT_ID=.*/AWS_ACCOUNT_ID=123456789012/' "$PROJECT/env/.env.production"
  when 'aws ecs describe-services *' <<<"$(service 3 3)"
  deploy scale.mts production 3 --yes
  assert_equal "$status" 0
  assert_equal "$(grep update-service "$STATE/calls")" "${UPDATE/live-quiz-cluster-staging/live-quiz-cluster}"
}

@test "is still running when ECS does not answer until the time budget ends" {
  at_once
  setting ROLLOUT_TIMEOUT_SECONDS 1
  first 'aws ecs describe-services *' <<<"$(service 2 2)"
  first 'aws ecs describe-services *' <<<"$(service 2 2)"
  fails 'aws ecs describe-services *' 254 <<<'An error occurred (ThrottlingException): Rate exceeded'
  deploy scale.mts staging 3
  assert_equal "$status" 5
  assert_regex "$stderr" 'warning: still running: not 3 tasks after ROLLOUT_TIMEOUT_SECONDS=1, and AWS did not answer: aws ecs describe-services: .*Rate exceeded'
  assert_regex "$stderr" 'remedy: ./deploy/scale.mts staging 3 sets it again, and waits'
}

@test "ends at once when the credentials expire: ECS continues" {
  at_once
  first 'aws ecs describe-services *' <<<"$(service 2 2)"
  first 'aws ecs describe-services *' <<<"$(service 2 2)"
  fails 'aws ecs describe-services *' 254 <<<'An error occurred (ExpiredTokenException): The security token included in the request is expired'
  deploy scale.mts staging 3
  assert_equal "$status" 5
  assert_regex "$stderr" 'warning: still running: .*ExpiredTokenException.*; ECS continues'
  assert_regex "$stderr" 'remedy: aws sso login, .*; then ./deploy/scale.mts staging 3 sets it again, and waits'
}

@test "says so when someone deletes the service at the same time" {
  at_once
  when 'aws ecs describe-services *' <<<'{"services": []}'
  first 'aws ecs describe-services *' <<<"$(service 2 2)"
  first 'aws ecs describe-services *' <<<"$(service 2 2)"
  deploy scale.mts staging 3
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: the service websocket-service is gone'
}
