#!/usr/bin/env bats
# make rollback and make revisions, command line by command line.
load helper
load rolling-back

REPOSITORY=live-quiz-backend-staging

# release ID REVISION: verified, as the ledger answers it
release() {
  printf '{"pk": {"S": "release"}, "sk": {"S": "%s"}, "id": {"S": "%s"}, "components": {"M": {"backend": {"M": {"status": {"S": "deployed"}, "seconds": {"N": "1"}, "taskDefinition": {"S": "%s:%s"}}}}}}' "$1" "$1" "$FAMILY" "$2"
}

everything_there() {
  backend_can_go_back
  when 'aws ecs describe-task-definition --task-definition websocket-task-staging:13' <<<"$(task 13)"
  when 'aws dynamodb query *' <<<"{\"Items\": [$(release r13 13), $(release r12 12)]}"
}

changes() { grep -E '^aws (ecs (update|create|register|deregister)|ecr (put|delete|batch-delete))' "$STATE/calls"; }

@test "sets the service to the revision with today's settings, and moves latest" {
  everything_there
  deploy rollback.mts staging 12
  assert_equal "$status" 0
  run changes
  assert_output "aws ecs update-service --service websocket-service --task-definition $FAMILY:12 --force-new-deployment --cli-input-json file://.local/deployments/staging/service.json --query service.serviceArn
aws ecr put-image --cli-input-json file://.local/deployments/staging/latest.json --query image.imageId"
  assert_regex "$(<"$PROJECT/.local/deployments/staging/service.json")" '"subnet-1",'
}

@test "leaves latest alone where only the settings differ: it names the image already" {
  everything_there
  when 'aws ecr batch-get-image *imageTag=latest*' <<<'{"images": [{"imageId": {"imageDigest": "sha256:12", "imageTag": "latest"}, "imageManifest": "{}"}]}'
  deploy rollback.mts staging 12
  assert_equal "$status" 0
  run changes
  assert_output --partial 'aws ecs update-service'
  refute_output --partial 'put-image'
}

@test "says where alarm and dashboard still watch the restored table that was left" {
  local table=live-quiz-staging-application-restored-20261128T201500Z
  everything_there
  watches "$table"
  deploy rollback.mts staging 12
  assert_equal "$status" 0
  assert_regex "$stderr" "warning: alarm and dashboard watch $table, and the tasks use live-quiz-staging; then: ./deploy/infrastructure.mts staging"
}

@test "of a deployment under way is not superseded by it: a read may be older than the update" {
  local under_way
  everything_there
  under_way=$(answer service REVISION="$FAMILY:13" RUNNING=0 STATE=IN_PROGRESS \
    OTHERS=", {\"id\": \"ecs-svc/0\", \"status\": \"ACTIVE\", \"taskDefinition\": \"$FAMILY:12\", \"desiredCount\": 2, \"runningCount\": 2, \"pendingCount\": 0, \"rolloutState\": \"COMPLETED\"}")
  forget
  first 'aws ecs describe-services *' <<<"$under_way"
  first 'aws ecs describe-services *' <<<"$under_way"
  ENVIRONMENT=(AWS_ENDPOINT_URL="http://127.0.0.1:$PORT")
  when 'aws sts get-caller-identity' <<<'{"Account": "000000000000", "Arn": "arn:aws:iam::000000000000:root"}'
  deploy rollback.mts staging 12
  assert_equal "$status" 0
  assert_regex "$stderr" 'deployed: websocket-task-staging:12, verified'
}

@test "goes back although an update left the stack stuck" {
  everything_there
  stack UPDATE_ROLLBACK_FAILED
  deploy rollback.mts staging 12
  assert_equal "$status" 0
  assert_regex "$(changes)" "update-service .*--task-definition $FAMILY:12 "
}

@test "warns of a revision that never came up, and goes to it all the same" {
  everything_there
  local failed='{"id": {"S": "r12"}, "components": {"M": {"backend": {"M": {"status": {"S": "rolled back"}, "seconds": {"N": "1"}, "reason": {"S": "tasks failed to start"}}}}}}'
  when 'aws dynamodb query *' <<<"{\"Items\": [$(release r13 13), $failed]}"
  deploy rollback.mts staging 12
  assert_equal "$status" 0
  assert_regex "$stderr" 'warning: websocket-task-staging:12 never came up: tasks failed to start'
  everything_there
  deploy rollback.mts staging 12
  refute_regex "$stderr" 'never came up'
  everything_there
  fails 'aws dynamodb query *' 254 <<<'An error occurred (AccessDenied)'
  deploy rollback.mts staging 12
  assert_equal "$status" 0
  assert_regex "$stderr" 'warning: whether that revision ever came up is unknown: .*AccessDenied'
}

@test "shows what changes before it changes, and how to take it back after" {
  everything_there
  deploy rollback.mts staging 12
  assert_equal "$status" 0
  assert_regex "$stderr" 'websocket-task-staging:13 → websocket-task-staging:12.*release    r13 → r12.*image      sha256:13 → sha256:12.*setting    cpu: 200 → 100.*aws ecs update-service'
  assert_regex "$stderr" 'undo with: ./deploy/rollback.mts staging 13'
  assert_equal "$output" ''
}

@test "asks, before it changes anything, for revision, image, roles and log group" {
  everything_there
  deploy rollback.mts staging 12 --dry-run
  assert_equal "$status" 0
  assert_regex "$stderr" 'aws ecs update-service .* --task-definition .*:12'
  # roles and log group are asked for side by side
  run sort "$STATE/calls"
  assert_output "aws dynamodb query --table-name live-quiz-staging-ledger --key-condition-expression 'pk = :pk' --expression-attribute-values '{\":pk\":{\"S\":\"release\"}}' --no-scan-index-forward --consistent-read
aws ecr batch-get-image --repository-name $REPOSITORY --image-ids imageDigest=sha256:12 --accepted-media-types application/vnd.docker.distribution.manifest.v2+json application/vnd.oci.image.manifest.v1+json
aws ecs describe-services --cluster live-quiz-cluster-staging --services websocket-service
aws ecs describe-task-definition --task-definition $FAMILY:13
aws ecs describe-task-definition --task-definition websocket-task-staging:12
aws iam get-role --role-name live-quiz-staging-task --query Role.Arn
aws iam get-role --role-name live-quiz-staging-task-execution --query Role.Arn
aws logs describe-log-groups --log-group-name-prefix $LOGS
aws sts get-caller-identity
git rev-parse --short=7 HEAD
git status --porcelain -z --untracked-files=normal --ignored=matching
sdk cloudformation DescribeStacks LiveQuizEventStack-staging"
}

@test "without a revision takes the previous verified one" {
  everything_there
  deploy rollback.mts staging
  assert_equal "$status" 0
  run grep update-service "$STATE/calls"
  assert_output --partial ":12 "
}

@test "without a revision and without a verified release before this one, refuses" {
  everything_there
  when 'aws dynamodb query *' <<<"{\"Items\": [$(release r13 13)]}"
  deploy rollback.mts staging
  assert_refused 1 'has no verified release before websocket-task-staging:13' './deploy/revisions.mts staging'
}

@test "records the rollback and what it takes back" {
  everything_there
  deploy rollback.mts staging 12
  assert_equal "$status" 0
  local record=("$PROJECT/.local/deployments/staging/releases/"*.json)
  assert_regex "$(<"${record[0]}")" '"rollbackOf":\{"S":"r13"\}'
  assert_regex "$(<"${record[0]}")" '"verdict":\{"S":"deployed"\}'
  assert_regex "$(<"${record[0]}")" "\"digest\":\{\"S\":\"sha256:12\"\},\"taskDefinition\":\{\"S\":\"$FAMILY:12\"\}"
}

@test "changes nothing where someone else has deployed since it was planned" {
  everything_there
  overtaken 13
  deploy rollback.mts staging 12
  assert_overtaken 13
}

@test "refuses what is no number, as it was typed, before it asks anything" {
  local odd
  for odd in 012 1e10 abc 0 1.0 +1 ' 1' '1 2' "1'" '$1' '12;ls' websocket-task:12 99999999999999999999; do
    deploy rollback.mts staging "$odd"
    assert_refused 2 'is not a revision number' 'the number of a revision, such as 12'
  done
  assert_calls </dev/null
}

@test "refuses a second revision" {
  deploy rollback.mts staging 1 2
  assert_refused 2 'unexpected argument: 2' '--help'
}

@test "refuses a revision that does not exist" {
  everything_there
  fails 'aws ecs describe-task-definition --task-definition websocket-task-staging:99' 254 \
    <<<'An error occurred (ClientException) when calling the DescribeTaskDefinition operation: Unable to describe task definition.'
  deploy rollback.mts staging 99
  assert_refused 1 'there is no websocket-task-staging:99' './deploy/revisions.mts staging'
}

@test "passes on what it does not understand about a revision" {
  everything_there
  fails 'aws ecs describe-task-definition --task-definition websocket-task-staging:12' 254 \
    <<<'An error occurred (AccessDeniedException) when calling the DescribeTaskDefinition operation: not you'
  deploy rollback.mts staging 12
  assert_refused 1 'AccessDeniedException.*: not you' 'docs/PERMISSIONS.md shows which role'
}

@test "refuses an inactive revision" {
  everything_there
  when 'aws ecs describe-task-definition --task-definition websocket-task-staging:12' <<<"$(task 12 INACTIVE)"
  deploy rollback.mts staging 12
  assert_refused 1 'websocket-task-staging:12 is INACTIVE' 'choose another'
}

# running_12: 13 ran, and the rollback to 12 ended before it was verified, as the record says
running_12() {
  everything_there
  when 'aws ecs describe-services *' <<<"$(service 12)"
  forget
  when "aws ecs describe-task-definition --task-definition $FAMILY:12" <<<"$(task 12)"
  local last='{"id": {"S": "back"}, "verdict": {"S": "not verified"}, "rollbackOf": {"S": "r13"}, "components": {"M": {"backend": {"M": {"status": {"S": "not verified"}, "seconds": {"N": "1"}, "taskDefinition": {"S": "'$FAMILY':12"}}}}}}'
  when 'aws dynamodb query *' <<<"{\"Items\": [$last, $(release r13 13), $(release r12 12), $(release r11 11)]}"
}

@test "only verifies the revision that runs already, and records it as unchanged" {
  local revision
  for revision in 12 ''; do
    running_12
    # shellcheck disable=SC2086 # an empty one is none
    deploy rollback.mts staging $revision
    assert_equal "$status" 0
    assert_regex "$stderr" 'unchanged: the service already runs websocket-task-staging:12; it is only verified.*deployed: websocket-task-staging:12, verified'
    run changes
    refute_output --partial 'aws ecs'
    local record=("$PROJECT/.local/deployments/staging/releases/"*.json)
    assert_regex "$(<"${record[0]}")" '"rollbackOf":\{"S":"r13"\}'
    assert_regex "$(<"${record[0]}")" '"verdict":\{"S":"unchanged"\}'
    rm "${record[0]}"
  done
}

@test "is rolled back even where latest cannot be moved" {
  everything_there
  fails 'aws ecr put-image *' 254 <<<"An error occurred (ThrottlingException) when calling the PutImage operation: Rate exceeded"
  deploy rollback.mts staging 12
  assert_equal "$status" 0
  assert_regex "$stderr" 'warning: latest may name another image than the one that runs'
}

@test "refuses a revision whose image is gone" {
  everything_there
  when 'aws ecr batch-get-image *' <<<'{"images": [], "failures": [{"failureCode": "ImageNotFound"}]}'
  deploy rollback.mts staging 12
  assert_refused 1 'the image of websocket-task-staging:12 is not in live-quiz-backend-staging' 'choose another'
}

@test "refuses a foreign image, an image by tag and a foreign container" {
  everything_there
  when 'aws ecs describe-task-definition --task-definition websocket-task-staging:12' <<<"$(task 12 ACTIVE example.com/other@sha256:12)"
  deploy rollback.mts staging 12
  assert_refused 1 'is not in live-quiz-backend-staging' 'choose another'
  when 'aws ecs describe-task-definition --task-definition websocket-task-staging:12' <<<"$(task 12 ACTIVE "$URI:latest")"
  first 'aws ecs describe-services *' <<<"$(service 13)"
  deploy rollback.mts staging 12
  assert_refused 1 'names its image by tag' 'choose another'
  when 'aws ecs describe-task-definition --task-definition websocket-task-staging:12' <<<"$(task 12 ACTIVE "$URI@sha256:12" nginx)"
  first 'aws ecs describe-services *' <<<"$(service 13)"
  deploy rollback.mts staging 12
  assert_refused 1 'has no container websocket-server' 'choose another'
}

@test "refuses a revision whose role or log group is gone" {
  everything_there
  when 'aws logs describe-log-groups *' <<<"{\"logGroups\": [{\"logGroupName\": \"$LOGS-2\"}]}"
  deploy rollback.mts staging 12
  assert_refused 1 "log group $LOGS, which does not exist" './deploy/infrastructure.mts staging'
  fails 'aws iam get-role *' 254 <<<'An error occurred (NoSuchEntity) when calling the GetRole operation'
  when 'aws logs describe-log-groups *' <<<"{\"logGroups\": [{\"logGroupName\": \"$LOGS\"}]}"
  first 'aws ecs describe-services *' <<<"$(service 13)"
  deploy rollback.mts staging 12
  assert_refused 1 'needs the role live-quiz-staging-task' './deploy/infrastructure.mts staging'
}

@test "refuses a revision that someone registered without our roles, or with other logs" {
  local change
  for change in 's/"taskRoleArn": "[^"]*",//' 's/"executionRoleArn": "[^"]*",//' 's/"awslogs-group"/"splunk-url"/' \
    's/"logConfiguration": .*/"essential": true/'; do
    everything_there
    forget
    first 'aws ecs describe-services *' <<<"$(service 13)"
    when 'aws ecs describe-task-definition --task-definition websocket-task-staging:12' <<<"$(task 12 | sed "$change")"
    deploy rollback.mts staging 12
    assert_refused 1 'websocket-task-staging:12 has no log group or not both roles' 'choose another'
  done
}

@test "refuses where no service runs" {
  everything_there
  when 'aws ecs describe-services *' <<<'{"services": []}'
  forget
  deploy rollback.mts staging 12
  assert_refused 1 'staging has no service websocket-service' './deploy/all.mts staging'
}

@test "refuses where not even a cluster is" {
  everything_there
  fails 'aws ecs describe-services *' 254 <<<'An error occurred (ClusterNotFoundException) when calling the DescribeServices operation'
  forget
  deploy rollback.mts staging 12
  assert_refused 1 'staging has no service websocket-service' './deploy/all.mts staging'
}

@test "asks for production's name" {
  sed -i 's/^AWS_ACCOUNT_ID=.*/AWS_ACCOUNT_ID=123456789012/' "$PROJECT/env/.env.production"
  everything_there
  sed 's/-staging//g' "$STATE/DescribeStacks.LiveQuizEventStack-staging.xml" >"$STATE/DescribeStacks.LiveQuizEventStack.xml"
  when 'aws ecs describe-services *' <<<"$(service 13 | sed 's/-staging//g')"
  when "aws ecs describe-task-definition *" <<<"$(task 13 | sed 's/-staging//g')"
  when 'aws ecs describe-task-definition --task-definition websocket-task:12' <<<"$(task 12 | sed 's/-staging//g')"
  when 'aws logs describe-log-groups *' <<<"{\"logGroups\": [{\"logGroupName\": \"/ecs/live-quiz-websocket-server\"}]}"
  deploy rollback.mts production 12
  assert_refused 2 'production asks for confirmation' 'the same line with --yes'
}

@test "a dry run of a rollback changes nothing" {
  everything_there
  deploy rollback.mts staging 12 --dry-run
  assert_equal "$status" 0
  run changes
  assert_failure
  refute_regex "$(<"$STATE/calls")" 'dynamodb (put|update|delete)'
}

@test "points latest at nothing new when the update fails" {
  everything_there
  fails 'aws ecs update-service *' 254 <<<denied
  deploy rollback.mts staging 12
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: aws ecs update-service: denied'
  refute_regex "$(<"$STATE/calls")" 'ecr put-image'
}

@test "lists revisions with image, release and use, newest first" {
  everything_there
  when 'aws ecs list-task-definitions *' <<<"{\"taskDefinitionArns\": [\"$FAMILY:13\", \"$FAMILY:12\"]}"
  when "aws ecs describe-task-definition --task-definition $FAMILY:12" <<<"$(task 12)"
  when 'aws ecr list-images *' <<<'["sha256:13"]'
  when 'aws dynamodb query *' <<<'{"Items": [{"id": {"S": "r12"}, "components": {"M": {"backend": {"M": {"status": {"S": "rolled back"}, "seconds": {"N": "1"}}}}}}]}'
  deploy revisions.mts staging
  assert_equal "$status" 0
  assert_equal "$output" 'REV  RELEASE  REGISTERED (UTC)  IMAGE
13   r13      2026-11-13 10:15  sha256:13  in use
12   r12      2026-11-12 10:15  sha256:12  image gone, rolled back'
  assert_regex "$(<"$STATE/calls")" 'aws ecs list-task-definitions --family-prefix websocket-task-staging --sort DESC'
  refute_changes
}

@test "lists revisions as data, and nothing else on stdout" {
  everything_there
  when 'aws ecs list-task-definitions *' <<<"{\"taskDefinitionArns\": [\"$FAMILY:13\"]}"
  when 'aws ecr list-images *' <<<'["sha256:13"]'
  deploy revisions.mts staging --json
  assert_equal "$status" 0
  assert_equal "$(node -p 'const { environment, ...listed } = JSON.parse(process.argv[1]); JSON.stringify(listed)' "$output")" \
    '{"revisions":[{"revision":13,"release":"r13","registeredAt":"2026-11-13T10:15:02.000Z","digest":"sha256:13","imageThere":true,"inUse":true}],"older":0}'
}
