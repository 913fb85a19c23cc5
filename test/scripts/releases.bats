#!/usr/bin/env bats
# What `make releases` reads, and how it prints it.
load helper

QUERY="aws dynamodb query --table-name live-quiz-staging-ledger --key-condition-expression 'pk = :pk' --expression-attribute-values '{\":pk\":{\"S\":\"release\"}}' --no-scan-index-forward --consistent-read"
LOCK="aws dynamodb get-item --table-name live-quiz-staging-ledger --key '{\"pk\":{\"S\":\"lock\"},\"sk\":{\"S\":\"deployment\"}}' --consistent-read"
TASK=arn:aws:ecs:us-east-1:123456789012:task-definition/websocket-task-staging

# release ID VERDICT REVISION DIGEST [NOTE [STARTED]]: a record as DynamoDB answers it
release() {
  printf '{"pk": {"S": "release"}, "sk": {"S": "%s"}, "id": {"S": "%s"}, "environment": {"S": "staging"}, "command": {"S": "make deploy-staging"}, "sha": {"S": "sha-%s"}, "dirty": {"BOOL": false}, "by": {"S": "ana"}, "identity": {"S": "arn:aws:iam::123456789012:user/ana"}, "host": {"S": "laptop"}, "startedAt": {"S": "%s"}, "endedAt": {"S": "2026-11-23T10:19:05.000Z"}, "verdict": {"S": "%s"}, "note": {"S": "%s"}, "components": {"M": {"backend": {"M": {"status": {"S": "%s"}, "seconds": {"N": "183"}, "taskDefinition": {"S": "%s:%s"}, "digest": {"S": "sha256:%s"}}}}}}' \
    "$1" "$1" "$1" "${6-2026-11-23T10:15:02.000Z}" "$2" "${5-}" "$2" "$TASK" "$3" "$4"
}

# lock EXPIRY [RELEASE]
lock() {
  answer lock EXPIRY="$1" RELEASE="${2-r3}" HOST=ci
}

# three releases, newest first; the second one failed; no deployment is under way
three_releases() {
  when 'aws dynamodb query *' <<<"{\"Items\": [$(release r3 deployed 13 new "it's \\\"\$5\\\", 007"), $(release r2 failed 12 bad), $(release r1 deployed 11 old)], \"Count\": 3}"
  when 'aws dynamodb get-item *' </dev/null
  when "aws ecs describe-task-definition --task-definition $TASK:11" <<<'{"taskDefinition": {"revision": 11, "cpu": "256", "containerDefinitions": [{"name": "web", "image": "repo@sha256:old"}]}}'
  when "aws ecs describe-task-definition --task-definition $TASK:13" <<<'{"taskDefinition": {"revision": 13, "cpu": "512", "containerDefinitions": [{"name": "web", "image": "repo@sha256:new"}]}}'
  when 'git log *' <<<'> 1a2b3c4 Fix the timer'
}

@test "lists releases with notes, newest first, and asks only the ledger" {
  three_releases
  deploy releases.mts staging
  assert_equal "$status" 0
  # the two run side by side
  run sort "$STATE/calls"
  assert_output "$LOCK
$QUERY --max-items 200
aws sts get-caller-identity"
  deploy releases.mts staging
  assert_equal "$output" "RELEASE  VERDICT   COMPONENTS         STARTED (UTC)     TOOK       BY             NOTE
r3       deployed  backend 13         2026-11-23 10:15  4 min 3 s  ana on laptop  it's \"\$5\", 007
r2       failed    backend 12 failed  2026-11-23 10:15  4 min 3 s  ana on laptop
r1       deployed  backend 11         2026-11-23 10:15  4 min 3 s  ana on laptop"
}

@test "says that there are older ones where it leaves them out, and has all as data" {
  three_releases
  local one items
  one=$(release r1 deployed 11 old)
  printf -v items "%199s" ''
  when 'aws dynamodb query *' <<<"{\"Items\": [${items// /$one, }$one]}"
  deploy releases.mts staging
  assert_regex "$stderr" 'these are the last 200; all of them: the same line with --json'
  : >"$STATE/calls"
  deploy releases.mts staging --json
  refute_regex "$stderr" 'these are the last'
  run grep -c -- --max-items "$STATE/calls"
  assert_output 0
}

@test "compares a release that waited for a quiz with the one deployed meanwhile" {
  three_releases
  when 'aws dynamodb query *' <<<"{\"Items\": [$(release r2 deployed 12 new '' 2026-11-23T10:05:00.000Z), $(release r1 deployed 13 old '' 2026-11-23T10:20:00.000Z)], \"Count\": 2}"
  deploy releases.mts staging r1
  assert_regex "$output" 'changed since r2'
}

@test "answers the same as data, and nothing else on stdout" {
  three_releases
  when 'aws dynamodb get-item *' <<<"$(lock 2999-01-01T00:00:00.000Z)"
  deploy releases.mts staging --json
  assert_equal "$status" 0
  run node -p 'const { environment, lock, releases } = JSON.parse(process.argv[1]); [environment, lock.by, ...releases.map(({ id, verdict }) => id + " " + verdict)].join()' "$output"
  assert_output 'staging,bob,r3 deployed,r2 failed,r1 deployed'
}

@test "shows one release with what it changed since the last one that went well" {
  three_releases
  deploy releases.mts staging r3
  assert_equal "$status" 0
  assert_regex "$output" "note +it's \"\\\$5\", 007"
  assert_regex "$output" 'changed since r1'
  assert_regex "$output" 'commits +> 1a2b3c4 Fix the timer'
  assert_regex "$output" 'image +sha256:old → sha256:new'
  assert_regex "$output" 'task definition cpu: 256 → 512'
  run tail -3 "$STATE/calls"
  assert_line "git log --left-right --no-decorate --max-count 50 '--format=%m %h %s' sha-r1...sha-r3"
  assert_line "aws ecs describe-task-definition --task-definition $TASK:11"
  assert_line "aws ecs describe-task-definition --task-definition $TASK:13"
}

@test "shows one release as data" {
  three_releases
  deploy releases.mts staging r3 --json
  assert_equal "$status" 0
  run node -p 'const { id, changes } = JSON.parse(process.argv[1]); [id, changes.before, changes.commits, changes.taskDefinition[0]].join()' "$output"
  assert_output 'r3,r1,> 1a2b3c4 Fix the timer,cpu: 256 → 512'
}

@test "shows the first release, which changed nothing that is known" {
  three_releases
  deploy releases.mts staging r1
  assert_equal "$status" 0
  assert_regex "$output" 'no earlier release is known'
}

@test "shows a release whose commits this checkout does not have" {
  three_releases
  fails 'git log *' 128 <<<'fatal: bad revision'
  deploy releases.mts staging r3
  assert_equal "$status" 0
  assert_regex "$output" 'commits +not in this checkout: try git fetch'
}

@test "shows a release whose revisions are gone, and says what is missing" {
  three_releases
  fails 'aws ecs describe-task-definition *' 254 <<<'An error occurred (ClientException): Unable to describe task definition.'
  deploy releases.mts staging r3
  assert_equal "$status" 0
  assert_regex "$stderr" 'warning: aws ecs describe-task-definition: .*Unable to describe'
  assert_regex "$output" 'image +sha256:old → sha256:new'
}

@test "refuses a release that the ledger does not have, however old" {
  three_releases
  deploy releases.mts staging 1e10
  grep -qxF "$QUERY" "$STATE/calls"
  assert_refused 1 'the ledger of staging has no release 1e10' './deploy/releases.mts staging lists them'
}

@test "refuses a third argument" {
  deploy releases.mts staging r1 r2
  assert_refused 2 'unexpected argument: r2' '--help'
}

@test "says who deploys right now, and that their release is under way" {
  when 'aws dynamodb query *' <<<"{\"Items\": [$(release r3 'under way' 13 new)]}"
  when 'aws dynamodb get-item *' <<<"$(lock 2999-01-01T00:00:00.000Z)"
  deploy releases.mts staging
  assert_equal "$status" 0
  assert_regex "$stderr" 'under way: bob on ci \(process 7\), make deploy-staging since .*10:00:00 UTC'
  assert_regex "$output" 'r3 +under way'
}

@test "calls a release abandoned whose deployment died" {
  when 'aws dynamodb query *' <<<"{\"Items\": [$(release r3 'under way' 13 new)]}"
  when 'aws dynamodb get-item *' <<<"$(lock 2020-01-01T00:00:00.000Z)"
  deploy releases.mts staging
  assert_equal "$status" 0
  assert_regex "$stderr" 'a deployment died and left its lock: bob on ci'
  assert_regex "$output" 'r3 +abandoned'
}

@test "says so when nothing was deployed yet, with and without a table" {
  when 'aws dynamodb query *' <<<'{"Items": []}'
  when 'aws dynamodb get-item *' </dev/null
  deploy releases.mts staging
  assert_equal "$status" 0
  assert_equal "$output" ''
  assert_regex "$stderr" 'no release of staging is recorded yet'
  fails 'aws dynamodb *' 254 <<<'An error occurred (ResourceNotFoundException) when calling the Query operation: Requested resource not found'
  deploy releases.mts staging --json
  assert_equal "$status" 0
  run node -p 'JSON.parse(process.argv[1]).releases.length' "$output"
  assert_output 0
}

@test "passes on why the ledger cannot be read" {
  when 'aws dynamodb get-item *' </dev/null
  fails 'aws dynamodb query *' 254 <<<'An error occurred (AccessDeniedException) when calling the Query operation: not authorized to perform: dynamodb:Query'
  deploy releases.mts staging
  assert_refused 1 'aws dynamodb query: .*AccessDenied' 'docs/PERMISSIONS.md shows which role'
}

@test "reads as much with make and npm" {
  three_releases
  ENVIRONMENT=(MAKELEVEL=1)
  deploy releases.mts staging nope
  assert_refused 1 'no release nope' 'make releases ENV=staging lists them'
  ENVIRONMENT=(npm_lifecycle_event=releases)
  deploy releases.mts staging nope
  assert_refused 1 'no release nope' 'npm run releases staging lists them'
}
