#!/usr/bin/env bats
# Removing an environment.
load helper

RESTORED=live-quiz-staging-application-restored-20261128T201500Z

# everything_there [ENVIRONMENT SUFFIX]: a service with a task, files in the bucket, images, tables
everything_there() {
  ENVIRONMENT=(AWS_ENDPOINT_URL="http://127.0.0.1:$PORT")
  when 'aws sts get-caller-identity' <<<'{"Account": "000000000000", "Arn": "arn:aws:iam::000000000000:root"}'
  stack UPDATE_COMPLETE
  when 'aws ecs describe-services *' <<<'{"services": [{"status": "INACTIVE"}]}'
  first 'aws ecs describe-services *' <<<'{"services": [{"status": "ACTIVE"}]}'
  first 'aws ecs describe-services *' <<<'{"services": [{"status": "DRAINING"}]}'
  when 'aws s3api list-object-versions *' <<<'[]'
  first 'aws s3api list-object-versions *' <<<'[{"Key": "it'"'"'s, \"a b\" $HOME.txt", "VersionId": "1"}, {"Key": "index.html", "VersionId": "null"}, null]'
  when 'aws s3api delete-objects *' <<<null
  when 'aws ecr describe-repositories *' <<<'{}'
  when 'aws dynamodb describe-table *' <<<'{}'
  when 'aws dynamodb wait *' </dev/null
  # one of production's and one that a restore made
  when 'aws dynamodb list-tables *' <<<"[\"live-quiz-application-restored-1\", \"$RESTORED\", \"live-quiz-staging\"]"
  when 'aws logs filter-log-events *' <<<'{}'
  when 'aws s3api head-bucket *' <<<'{}'
  during 'cdk destroy *' 'rm "$STATE"/DescribeStacks.*.xml'
}

# log_bucket: the stack keeps access logs
log_bucket() {
  sed -i 's#<Outputs>#<Outputs><member><OutputKey>LogBucketName</OutputKey><OutputValue>log-bucket</OutputValue></member>#' \
    "$STATE/DescribeStacks.LiveQuizEventStack-staging.xml"
}

changes() { without_outputs | grep -E '^(aws .* (create|put|register|update|delete)-|cdk)' | grep -v ' dynamodb .*-item '; }

@test "removes service, files, stack, bucket, images and ledger in order; keeps data" {
  everything_there
  deploy destroy.mts staging --yes
  assert_equal "$status" 0
  assert_equal "$output" ''
  assert_equal "$(changes)" 'aws ecs update-service --cluster live-quiz-cluster-staging --service websocket-service --desired-count 0 --query service.desiredCount
aws ecs delete-service --cluster live-quiz-cluster-staging --service websocket-service --force --query service.status
aws s3api delete-objects --cli-input-json file://.local/deployments/staging/delete-objects.json --query Errors
cdk destroy LiveQuizEventStack-staging --context environment=staging --force
aws s3api delete-bucket --bucket site-bucket
aws ecr delete-repository --repository-name live-quiz-backend-staging --force --query repository.repositoryName
aws dynamodb delete-table --table-name live-quiz-staging-ledger --query TableDescription.TableStatus'
  assert_equal "$(node -p 'JSON.stringify(require(process.argv[1]))' "$PROJECT/.local/deployments/staging/delete-objects.json")" '{"Bucket":"site-bucket","Delete":{"Objects":[{"Key":"it'"'"'s, \"a b\" $HOME.txt","VersionId":"1"},{"Key":"index.html","VersionId":"null"}],"Quiet":true}}'
  assert_regex "$stderr" 'a new LiveQuizEventStack-staging takes over table and log group as in docs/DISASTER_RECOVERY.md, "The stack"'
  assert_regex "$stderr" 'table live-quiz-staging: aws dynamodb delete-table --table-name live-quiz-staging'
  assert_regex "$stderr" "table $RESTORED: aws dynamodb delete-table --table-name $RESTORED"
  refute_regex "$stderr" 'live-quiz-application-restored-1'
  assert_regex "$stderr" 'logs in /ecs/live-quiz-websocket-server-staging: aws logs delete-log-group'
}

@test "removes the data too with --data, and the ledger last" {
  everything_there
  deploy destroy.mts staging --yes --data
  assert_equal "$status" 0
  assert_equal "$(changes | tail -4)" "aws dynamodb delete-table --table-name live-quiz-staging --query TableDescription.TableStatus
aws dynamodb delete-table --table-name $RESTORED --query TableDescription.TableStatus
aws logs delete-log-group --log-group-name /ecs/live-quiz-websocket-server-staging
aws dynamodb delete-table --table-name live-quiz-staging-ledger --query TableDescription.TableStatus"
}

@test "keeps the access logs and says how to delete them; with --data they go, emptied, after the stack" {
  everything_there
  log_bucket
  deploy destroy.mts staging --yes
  assert_equal "$status" 0
  refute_regex "$(changes)" 'log-bucket'
  assert_regex "$stderr" 'access logs in log-bucket, for 90 days: aws s3 rb --force s3://log-bucket'

  # the stack has gone, and what named its buckets with it
  : >"$STATE/calls"
  fails 'aws s3api head-bucket --bucket site-bucket' 254 <<<'404'
  first 'aws s3api list-object-versions --bucket log-bucket *' <<<'[{"Key": "cdn/E1.gz", "VersionId": "null"}]'
  deploy destroy.mts staging --yes --data
  assert_equal "$status" 0
  assert_equal "$(changes | grep -E 'cdk|s3api|ledger')" 'aws s3api delete-objects --cli-input-json file://.local/deployments/staging/delete-objects.json --query Errors
aws s3api delete-bucket --bucket log-bucket
aws dynamodb delete-table --table-name live-quiz-staging-ledger --query TableDescription.TableStatus'
  assert_equal "$(node -p 'require(process.argv[1]).Bucket' "$PROJECT/.local/deployments/staging/delete-objects.json")" log-bucket
}

@test "has a stack of an older version brought up to date first, and changes nothing" {
  everything_there
  sed -i 's#<OutputKey>SiteBucketName<#<OutputKey>Other<#' "$STATE/DescribeStacks.LiveQuizEventStack-staging.xml"
  deploy destroy.mts staging --yes
  assert_refused 1 'has no output SiteBucketName' 'infrastructure.mts staging, then re-run the same command'
  assert_equal "$(changes)" ''
}

@test "waits until the tasks have stopped before it touches the stack, also where AWS is busy" {
  everything_there
  fails_first 'aws ecs describe-services *' 254 <<<'An error occurred (ThrottlingException): Rate exceeded'
  deploy destroy.mts staging --yes
  assert_equal "$status" 0
  run grep -nE 'describe-services|delete-service|cdk' "$STATE/calls"
  assert_equal "$(sed -E 's/^[0-9]+:(aws ecs |cdk )([a-z-]+).*/\2/' <<<"$output")" 'describe-services
delete-service
describe-services
describe-services
describe-services
destroy'
}

@test "holds the deploy lock until the ledger goes with it" {
  everything_there
  fails 'aws dynamodb delete-item *' 254 <<<'An error occurred (ResourceNotFoundException)'
  deploy destroy.mts staging --yes
  assert_equal "$status" 0
  refute_regex "$stderr" 'warning'
  run grep -oE 'dynamodb (put-item|delete-item|delete-table|wait table-not-exists)|cdk destroy' "$STATE/calls"
  assert_output 'dynamodb put-item
cdk destroy
dynamodb delete-table
dynamodb wait table-not-exists
dynamodb delete-item'
}

@test "keeps the images once its lock is broken" {
  everything_there
  fails 'aws dynamodb update-item *' 254 <<<'An error occurred (ConditionalCheckFailedException) when calling the UpdateItem operation'
  for _ in 1 2 3 4; do first 'aws dynamodb update-item *' </dev/null; done
  deploy destroy.mts staging --yes
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: the deploy lock of staging was broken or taken over'
  assert_equal "$(changes | tail -1)" 'aws s3api delete-bucket --bucket site-bucket'
}

@test "asks for live quizzes once nothing else is under way" {
  everything_there
  echo '{"quizzes": 1, "players": 3}' >"$STATE/live-counts"
  deploy destroy.mts staging --yes
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: 1 quiz.* on staging; this will disconnect players'
  run grep -oE 'dynamodb (put-item|delete-item)|describe-services' "$STATE/calls"
  assert_output 'dynamodb put-item
describe-services
dynamodb delete-item'
  run changes
  assert_failure
}

@test "deletes no stack once its lock is broken" {
  everything_there
  fails 'aws dynamodb update-item *' 254 <<<'An error occurred (ConditionalCheckFailedException) when calling the UpdateItem operation'
  for _ in 1 2; do first 'aws dynamodb update-item *' </dev/null; done
  deploy destroy.mts staging --yes
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: the deploy lock of staging was broken or taken over'
  run grep -oE '^(aws s3api delete-objects|cdk)' "$STATE/calls"
  assert_output 'aws s3api delete-objects'
}

@test "waits for a table that a run before has begun to delete" {
  everything_there
  fails 'aws dynamodb delete-table *' 254 <<<'An error occurred (ResourceInUseException) when calling the DeleteTable operation: Attempt to change a resource which is still in use: Table is being deleted: live-quiz-staging-ledger'
  deploy destroy.mts staging --yes
  assert_equal "$status" 0
  grep -q 'dynamodb wait table-not-exists --table-name live-quiz-staging-ledger' "$STATE/calls"
  assert_regex "$stderr" 'staging is gone'
}

@test "shows every change on a dry run, and makes none" {
  everything_there
  deploy destroy.mts staging --dry-run
  assert_equal "$status" 0
  assert_equal "$(grep -cE '^[$] (aws .*(update|delete)-|\(cd infrastructure && cdk destroy)' <<<"$stderr")" 7
  assert_regex "$stderr" 'nothing was changed'
  run changes
  assert_failure
  run grep -e '-item ' "$STATE/calls"
  assert_failure
}

@test "asks for the stack's name, and names the flag where there is no terminal" {
  everything_there
  deploy destroy.mts staging
  assert_refused 2 'destroying staging needs a confirmation' '--yes'
  deploy destroy.mts staging --confirm LiveQuizEventStack
  assert_refused 2 '--confirm names LiveQuizEventStack, but the stack is LiveQuizEventStack-staging' \
    'the same line with --confirm LiveQuizEventStack-staging instead of --confirm LiveQuizEventStack$'
}

@test "refuses odd values before any call to AWS" {
  local value
  for value in ' staging' 'staging; true' '$(true)' "sta'ging" 'sta"ging' 'staging,local' 007 1e10 ''; do
    deploy destroy.mts "$value" --yes
    assert_equal "$value $status" "$value 2"
    assert_regex "$stderr" '^error: .*development, staging, production|remedy: .*development, staging, production'
  done
  deploy destroy.mts staging production --yes
  assert_equal "$status" 2
  run cat "$STATE/calls"
  assert_output ''
  everything_there
  for value in 'Live Quiz' '$(id)' '"LiveQuizEventStack-staging"' 'LiveQuizEventStack-staging ' 1e10; do
    deploy destroy.mts staging --confirm "$value"
    assert_refused 2 "--confirm names .*, but the stack is LiveQuizEventStack-staging" '--confirm LiveQuizEventStack-staging instead of --confirm '
  done
  run changes
  assert_failure
}

@test "does not destroy production on --yes" {
  everything_there
  deploy destroy.mts production --yes
  assert_refused 2 'destroying production needs a confirmation' '--confirm LiveQuizEventStack$'
  deploy destroy.mts production --yes --confirm LiveQuizEventStack-staging
  assert_refused 2 '--confirm names LiveQuizEventStack-staging' '--confirm LiveQuizEventStack instead of '
}

@test "lifts termination protection last, once production's name was given" {
  everything_there
  sed 's/LiveQuizEventStack-staging/LiveQuizEventStack/; s|</StackStatus>|&<EnableTerminationProtection>true</EnableTerminationProtection>|' \
    "$STATE/DescribeStacks.LiveQuizEventStack-staging.xml" >"$STATE/DescribeStacks.LiveQuizEventStack.xml"
  deploy destroy.mts production --confirm LiveQuizEventStack
  assert_equal "$status" 0
  assert_equal "$(without_outputs | grep -E 'termination|cdk|delete-service')" 'aws ecs delete-service --cluster live-quiz-cluster --service websocket-service --force --query service.status
aws cloudformation update-termination-protection --stack-name LiveQuizEventStack --no-enable-termination-protection
cdk destroy LiveQuizEventStack --context environment=production --force'
}

@test "says that termination protection stays lifted when the stack was not deleted" {
  everything_there
  sed -i 's#</StackStatus>#&<EnableTerminationProtection>true</EnableTerminationProtection>#' \
    "$STATE/DescribeStacks.LiveQuizEventStack-staging.xml"
  fails 'cdk destroy *' 1 <<<'cdk says a lot'
  forget 'cdk destroy *'
  deploy destroy.mts staging --yes
  assert_equal "$status" 1
  assert_regex "$stderr" 'warning: .*not protected .*update-termination-protection --stack-name LiveQuizEventStack-staging --enable-'
}

@test "waits for CloudFormation before it deletes the service" {
  everything_there
  stack UPDATE_IN_PROGRESS
  for _ in before locked again; do stack_first; done
  stack UPDATE_COMPLETE
  deploy destroy.mts staging --yes
  assert_equal "$status" 0
  assert_regex "$stderr" 'is in UPDATE_IN_PROGRESS; waiting until that ends'
  run grep -oE 'DescribeStacks|dynamodb put-item|update-service|delete-service' "$STATE/calls"
  assert_output 'DescribeStacks
dynamodb put-item
DescribeStacks
DescribeStacks
DescribeStacks
update-service
delete-service
DescribeStacks'
}

@test "deletes the bucket of a creation that it waited for" {
  everything_there
  stack CREATE_IN_PROGRESS
  sed -i 's#<Outputs>.*</Outputs>##' "$STATE/DescribeStacks.LiveQuizEventStack-staging.xml"
  for _ in before locked; do stack_first; done
  stack CREATE_COMPLETE
  deploy destroy.mts staging --yes
  assert_equal "$status" 0
  run changes
  assert_line 'aws s3api delete-bucket --bucket site-bucket'
}

@test "continues after a run that had deleted the stack already" {
  everything_there
  fails 'aws s3api delete-bucket *' 254 <<<'An error occurred (BucketNotEmpty)'
  deploy destroy.mts staging --yes
  assert_equal "$status" 1
  : >"$STATE/calls"
  when 'aws s3api delete-bucket *' </dev/null
  fails 'aws ecs describe-services *' 254 <<<'An error occurred (ClusterNotFoundException) when calling the DescribeServices operation'
  deploy destroy.mts staging --yes
  assert_equal "$status" 0
  assert_equal "$(changes | head -1)" 'aws s3api delete-bucket --bucket site-bucket'
}

@test "has nothing to remove where nothing is" {
  everything_there
  rm "$STATE/DescribeStacks.LiveQuizEventStack-staging.xml"
  fails 'aws ecs describe-services *' 254 <<<'An error occurred (ClusterNotFoundException)'
  forget
  fails 'aws ecr describe-repositories *' 254 <<<'An error occurred (RepositoryNotFoundException)'
  fails 'aws dynamodb *' 254 <<<'An error occurred (ResourceNotFoundException)'
  fails 'aws logs *' 254 <<<'An error occurred (ResourceNotFoundException)'
  when 'aws dynamodb list-tables *' <<<'[]'
  deploy destroy.mts staging --yes
  assert_equal "$status" 0
  assert_regex "$stderr" 'websocket-service: there is none.*LiveQuizEventStack-staging: there is none.*staging is gone.*whether a bucket is left is not known'
  refute_regex "$stderr" 'table live-quiz'
  run changes
  assert_failure
}

@test "deletes what is left of a first creation that failed and could not be undone" {
  everything_there
  stack ROLLBACK_FAILED
  sed -i 's#<Outputs>.*</Outputs>##; s#</StackStatus>#&<EnableTerminationProtection>true</EnableTerminationProtection>#' \
    "$STATE/DescribeStacks.LiveQuizEventStack-staging.xml"
  fails 'aws ecs describe-services *' 254 <<<'An error occurred (ClusterNotFoundException)'
  for _ in 1 2; do forget 'aws ecs describe-services *'; done
  deploy destroy.mts staging --yes
  assert_equal "$status" 0
  assert_equal "$(without_outputs | grep -E 'termination|cdk')" 'aws cloudformation update-termination-protection --stack-name LiveQuizEventStack-staging --no-enable-termination-protection
cdk destroy LiveQuizEventStack-staging --context environment=staging --force'
}

@test "says why the stack was not deleted" {
  everything_there
  fails 'cdk destroy *' 1 <<<'cdk says a lot'
  forget 'cdk destroy *'
  deploy destroy.mts staging --yes
  assert_equal "$status" 1
  assert_regex "$stderr" 'cdk says a lot.*error: cdk destroy '
  refute_regex "$(changes)" 'delete-repository|delete-table'
  echo 'Rate exceeded' >"$STATE/DescribeStackEvents.denied"
  deploy destroy.mts staging --yes
  assert_regex "$stderr" 'warning: what .* failed with is unknown: .*Rate exceeded.*error: cdk destroy '
}

@test "fails when the stack is still there although cdk said goodbye" {
  everything_there
  forget 'cdk destroy *'
  deploy destroy.mts staging --yes
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: the stack LiveQuizEventStack-staging is still there, in UPDATE_COMPLETE'
  refute_regex "$(changes)" 'delete-repository|delete-table'
}

@test "stops at a file that S3 keeps" {
  everything_there
  when 'aws s3api delete-objects *' <<<'[{"Key": "index.html", "Message": "AccessDenied"}]'
  deploy destroy.mts staging --yes
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: site-bucket keeps index.html: AccessDenied'
  refute_regex "$(changes)" cdk
}

@test "stops, and lets go of the lock, when the service cannot be deleted" {
  everything_there
  fails 'aws ecs delete-service *' 254 <<<'denied: no'
  deploy destroy.mts staging --yes
  assert_equal "$status" 1
  refute_regex "$(changes)" 'delete-objects|cdk'
  assert_regex "$(tail -1 "$STATE/calls")" 'aws dynamodb delete-item'
}

@test "stops where a tool fails, and the ledger stays for the next run" {
  local pattern
  for pattern in 'aws s3api list-object-versions *' 'aws s3api delete-bucket *' 'aws ecr delete-repository *'; do
    rm -f "$STATE"/stubs/*
    everything_there
    fails "$pattern" 254 <<<'An error occurred (AccessDenied): no'
    fails 'aws ssm get-parameter *' 254 <<<'An error occurred (ParameterNotFound)'
    when 'git *' <<<'abc1234'
    deploy destroy.mts staging --yes
    assert_equal "$pattern $status" "$pattern 1"
    assert_regex "$stderr" 'error: .*AccessDenied|error: .* exited with 254'
    refute_regex "$(changes)" 'delete-table'
  done
}
