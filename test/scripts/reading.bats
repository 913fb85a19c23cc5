#!/usr/bin/env bats
# What every verb that only looks has in common: data and nothing else on stdout, one fact and one remedy when it cannot
# look, and no change.
load helper

REVISION=arn:aws:ecs:us-east-1:123456789012:task-definition/websocket-task-staging:11
ODD=(prod 'staging ' '$HOME' "'staging'" staging,local 1e10 Staging '')
VERBS=(status health urls watch logs invalidation debug admin-secret releases revisions)

# a deployed environment
everything_there() {
  stack UPDATE_COMPLETE
  running ''
  echo '<meta name="release" content="r1"><div id="root"></div>' >"$STATE/index.html"
  when 'aws dynamodb get-item *' </dev/null
  when 'aws dynamodb query *' <<<'{"Items": []}'
  when 'aws logs filter-log-events *' <<<'{"events": [{"eventId": "a", "timestamp": 1795428001000, "logStreamName": "a/b/c", "message": "it'"'"'s \"$5\", 007"}]}'
  when 'aws cloudfront list-invalidations *' <<<'{"InvalidationList": {"Items": [{"Id": "I2"}]}}'
  when 'aws cloudfront get-invalidation *' <<<'{"Invalidation": {"Id": "I2", "Status": "Completed", "CreateTime": "2026-11-23T10:00:00Z", "InvalidationBatch": {"Paths": {"Items": ["/*"]}}}}'
  fails 'aws logs tail' 252 <<<'aws: error: the following arguments are required: group_name'
  when 'aws secretsmanager get-secret-value *' <<<'{"SecretString": "hunter2"}'
  when 'aws ecs list-task-definitions *' <<<"{\"taskDefinitionArns\": [\"$REVISION\"]}"
  when 'aws ecs describe-task-definition *' <<<"{\"taskDefinition\": {\"taskDefinitionArn\": \"$REVISION\", \"revision\": 11, \"registeredAt\": 1795000000, \"containerDefinitions\": [{\"image\": \"$URI@sha256:old\", \"environment\": [{\"name\": \"RELEASE_ID\", \"value\": \"r1\"}]}]}}"
  when 'aws ecr list-images *' <<<'["sha256:old"]'
}

flags_of() { [[ $1 == admin-secret ]] && echo --yes; }

@test "--json is data, and nothing else is on stdout" {
  everything_there
  local verb
  for verb in "${VERBS[@]}"; do
    deploy "$verb.mts" staging $(flags_of "$verb") --json
    assert_equal "$verb $status" "$verb 0"
    node -e 'JSON.parse(process.argv[1])' -- "$output" || fail "$verb: $output"
  done
  refute_changes
}

@test "--json is data before there is a service, too" {
  everything_there
  when 'aws ecs describe-services *' <<<'{"services": []}'
  when 'aws ecs list-task-definitions *' <<<'{"taskDefinitionArns": []}'
  fails 'aws ecr list-images *' 254 <<<'An error occurred (RepositoryNotFoundException)'
  when 'aws cloudfront list-invalidations *' </dev/null
  when 'aws logs filter-log-events *' <<<'{"events": []}'
  local verb
  for verb in status logs invalidation debug releases revisions; do
    deploy "$verb.mts" staging --json
    assert_equal "$verb $status" "$verb 0"
    node -e 'JSON.parse(process.argv[1])' -- "$output" || fail "$verb: $output"
  done
}

@test "a list for which aws prints nothing is an empty one, in every verb" {
  everything_there
  when 'aws ecs list-* *' </dev/null
  when 'aws ecr list-images *' </dev/null
  when 'aws cloudfront list-invalidations *' </dev/null
  when 'aws logs filter-log-events *' </dev/null
  when 'aws dynamodb *' </dev/null
  local verb
  for verb in status health logs invalidation debug releases revisions; do
    deploy "$verb.mts" staging $([[ $verb == logs ]] && echo --no-follow)
    assert_equal "$verb $status $stderr" "$verb 0 ${stderr%%error:*}"
  done
}

@test "anything else for which aws prints nothing is a failure, in one fact" {
  everything_there
  when 'aws sts get-caller-identity' </dev/null
  deploy debug.mts staging
  assert_refused 1 'aws sts get-caller-identity exited with 0 and printed nothing' 'look at: aws sts'
}

@test "refuses an environment that there is not, before any call" {
  local verb place=0
  for verb in "${VERBS[@]}"; do
    deploy "$verb.mts" "${ODD[place++ % ${#ODD[@]}]}" $(flags_of "$verb")
    assert_refused 2 'unknown environment: ' 'development, staging, production, local'
  done
  assert_equal "$(<"$STATE/calls")" ''
}

@test "says how to get credentials where there are none, and asks no further" {
  everything_there
  fails 'aws sts *' 253 <<<'Unable to locate credentials'
  local verb
  for verb in "${VERBS[@]}"; do
    deploy "$verb.mts" staging $(flags_of "$verb")
    assert_refused 1 'Unable to locate credentials' 'aws configure'
    # status does not wait for the answer before it asks what it shows
    [[ $verb == status ]] || refute_regex "$(<"$STATE/calls")" 'sdk|aws (ecs|ecr|logs|dynamodb|cloudfront|secretsmanager)'
    : >"$STATE/calls"
  done
}

@test "refuses a flag that npm kept for itself" {
  ENVIRONMENT=(npm_lifecycle_event=status npm_config_json=true)
  local verb
  for verb in "${VERBS[@]}"; do
    deploy "$verb.mts" staging
    assert_refused 2 'npm kept --json for itself' 'npm run status staging -- --json'
  done
}

# stops_at VERB PATTERN: the tool that fails in the middle is named with its own words, and nothing is on stdout
stops_at() {
  everything_there
  fails "$2" 254 <<<'An error occurred (AccessDeniedException): not authorized to perform: that'
  deploy "$1.mts" staging
  assert_refused 1 'An error occurred \(AccessDeniedException\)' 'docs/PERMISSIONS.md shows which role'
}

@test "status stops when the service cannot be read" { stops_at status 'aws ecs describe-services *'; }

@test "status stops when the task definition cannot be read" { stops_at status 'aws ecs describe-task-definition *'; }

@test "status stops when the lock cannot be read" { stops_at status 'aws dynamodb get-item *'; }

@test "watch stops when the service cannot be read" { stops_at watch 'aws ecs describe-services *'; }

@test "logs stop when CloudWatch refuses" { stops_at logs 'aws logs *'; }

@test "invalidation stops when the list cannot be read" { stops_at invalidation 'aws cloudfront list-invalidations *'; }

@test "invalidation stops when its status cannot be read" { stops_at invalidation 'aws cloudfront get-invalidation *'; }

@test "debug stops when the invalidation cannot be read" { stops_at debug 'aws cloudfront list-invalidations *'; }

@test "releases stop when the lock cannot be read" { stops_at releases 'aws dynamodb get-item *'; }

@test "revisions stop when they cannot be listed" { stops_at revisions 'aws ecs list-task-definitions *'; }

@test "revisions stop when one cannot be described" { stops_at revisions 'aws ecs describe-task-definition *'; }

@test "revisions stop when the images cannot be listed" { stops_at revisions 'aws ecr list-images *'; }

@test "an odd id of an invalidation is one argument, and AWS's to refuse" {
  everything_there
  fails 'aws cloudfront get-invalidation *' 254 <<<'An error occurred (NoSuchInvalidation) when calling the GetInvalidation operation'
  local odd
  for odd in "I 9'\"\$(date)" 1e10 '*'; do
    deploy invalidation.mts staging "$odd"
    assert_equal "$status" 1
    grep -qF "has no invalidation $odd" <<<"$stderr" || fail "$stderr"
  done
  run grep -F get-invalidation "$STATE/calls"
  assert_line "aws cloudfront get-invalidation --distribution-id E1EXAMPLE --id 'I 9'\''\"\$(date)'"
}

@test "debug leaves out an invalidation that there never was" {
  everything_there
  when 'aws cloudfront list-invalidations *' </dev/null
  deploy debug.mts staging
  assert_equal "$status" 0
  assert_regex "$output" list-distributions
  refute_regex "$output" get-invalidation
  bash -n <<<"$output"
}

@test "reads the admin secret of the stack, and nothing else" {
  everything_there
  deploy admin-secret.mts staging --yes
  assert_equal "$status" 0
  assert_equal "$(grep -v '^git' "$STATE/calls")" 'aws sts get-caller-identity
sdk cloudformation DescribeStacks LiveQuizEventStack-staging
aws secretsmanager get-secret-value --secret-id arn:aws:secretsmanager:us-east-1:123456789012:secret:live-quiz-staging-admin'
}
