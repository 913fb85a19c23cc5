#!/usr/bin/env bats
# make rollback-release: backend and site, both checked before either is changed.
load helper
load rolling-back

R1=20261101T000000Z-0000001
R2=20261102T000000Z-0000002

# release ID REVISION SITE: backend and site were proven, as the ledger answers it
release() {
  printf '{"pk": {"S": "release"}, "sk": {"S": "%s"}, "id": {"S": "%s"}, "verdict": {"S": "deployed"}, "components": {"M": {"backend": {"M": {"status": {"S": "deployed"}, "seconds": {"N": "1"}, "taskDefinition": {"S": "%s:%s"}}}, "frontend": {"M": {"status": {"S": "deployed"}, "seconds": {"N": "1"}, "release": {"S": "%s"}}}}}}' "$1" "$1" "$FAMILY" "$2" "$3"
}

# 13 and R2 are live; 12 and R1 can be gone back to, and hold
everything_there() {
  backend_can_go_back
  mkdir -p "$PROJECT/frontend/dist/assets"
  printf '<meta name="release" content="">' >"$PROJECT/frontend/dist/index.html"
  echo 'let a' >"$PROJECT/frontend/dist/assets/a-12345678.js"
  live "$R1"
  # what is served is R2 until R1 is swapped in
  sed -i '/"Key":"index.html"/s/"ETag":"[^,]*"/"ETag":"2"/' "$STATE/objects.json"
  when 'aws s3api list-objects-v2 *' <"$STATE/objects.json"
  printf '<meta name="release" content="%s">' "$R2" >"$STATE/index.html"
  mv "$STATE/live" "$STATE/old"
  during "aws s3 cp s3://site-bucket/releases/$R1 s3://site-bucket *" 'mv "$STATE/old" "$STATE/live"'
  when 'aws dynamodb query *' <<<"{\"Items\": [$(release $R2 13 $R2), $(release $R1 12 $R1)]}"
}

changes() { grep -E '^(aws (ecs (update|create|register|deregister)|ecr (put|delete)|s3 cp s3:[^ ]* s3:)|sdk cloudfront POST)' "$STATE/calls"; }

refute_changes() {
  run changes
  assert_output ''
  run grep -E '^aws dynamodb (put|update|delete)' "$STATE/calls"
  assert_output ''
}

@test "takes the site back first, then the backend" {
  everything_there
  deploy rollback-release.mts staging "$R1"
  assert_equal "$status" 0
  run changes
  assert_output "aws s3 cp s3://site-bucket/releases/$R1 s3://site-bucket --recursive --no-progress --exclude '*' --include index.html
sdk cloudfront POST /2020-05-31/distribution/E1EXAMPLE/invalidation
aws ecs update-service --service websocket-service --task-definition $FAMILY:12 --force-new-deployment --cli-input-json file://.local/deployments/staging/service.json --query service.serviceArn
aws ecr put-image --cli-input-json file://.local/deployments/staging/latest.json --query image.imageId"
}

@test "follows the invalidation last: neither the backend nor the lock waits for it" {
  everything_there
  deploy rollback-release.mts staging "$R1"
  run grep -oE '^(sdk cloudfront [A-Z]+|aws ecs update-service|aws dynamodb delete-item)' "$STATE/calls"
  assert_output 'sdk cloudfront POST
aws ecs update-service
aws dynamodb delete-item
sdk cloudfront GET'
}

@test "is complete when Ctrl-C stops the following: a second run would go back further" {
  everything_there
  touch "$STATE/interrupted-following"
  deploy rollback-release.mts staging
  assert_equal "$status" 130
  assert_regex "$stderr" "undo with: ./deploy/rollback-release.mts staging $R2.*warning: stopped by Ctrl-C.*remedy: everything else is done; ./deploy/invalidation.mts staging follows the invalidation"
}

@test "is not held up by a backend that is down: it comes next, and then both are verified" {
  everything_there
  touch "$STATE/no-way"
  during 'aws ecs update-service *' 'rm "$STATE/no-way"'
  deploy rollback-release.mts staging "$R1"
  assert_equal "$status" 0
  assert_regex "$stderr" "release $R1 of the site is live.*deployed: websocket-task-staging:12, verified.*paths      a deep link is the page"
}

@test "without a release takes the previous one, and says how to undo it" {
  everything_there
  deploy rollback-release.mts staging
  assert_equal "$status" 0
  assert_equal "$output" ''
  assert_regex "$stderr" "Rollback to what was live after $R1.*site       $R2 → $R1.*websocket-task-staging:13 → websocket-task-staging:12.*aws s3 cp"
  assert_regex "$stderr" "undo with: ./deploy/rollback-release.mts staging $R2"
}

@test "is one release in the ledger, which names the one that it takes back" {
  everything_there
  deploy rollback-release.mts staging
  assert_equal "$status" 0
  local record=("$PROJECT/.local/deployments/staging/releases/"*.json)
  assert_equal "${#record[@]}" 1
  assert_regex "$(<"${record[0]}")" "\"rollbackOf\":\{\"S\":\"$R2\"\}"
  assert_regex "$(<"${record[0]}")" '"backend":.*"frontend":|"frontend":.*"backend":'
  assert_equal "$(grep -c 'dynamodb delete-item' "$STATE/calls")" 1
}

@test "leaves alone what is there already, and says so" {
  everything_there
  when 'aws dynamodb query *' <<<"{\"Items\": [$(release $R2 13 $R2), $(release $R1 13 $R1)]}"
  deploy rollback-release.mts staging "$R1"
  assert_equal "$status" 0
  assert_regex "$stderr" 'the backend already runs websocket-task-staging:13'
  run changes
  refute_output --partial 'aws ecs'
}

@test "changes the backend only, when the site is there already" {
  everything_there
  when 'aws dynamodb query *' <<<"{\"Items\": [$(release $R2 13 $R2), $(release $R1 12 $R2)]}"
  deploy rollback-release.mts staging "$R1"
  assert_equal "$status" 0
  assert_regex "$stderr" "the site already serves release $R2"
  run changes
  refute_output --partial 's3 cp'
}

@test "only verifies what a run brought that ended before it could, and goes back no further" {
  everything_there
  forget 'aws ecs describe-services *'
  forget 'aws ecs describe-services *'
  when "aws ecs describe-task-definition --task-definition $FAMILY:12" <<<"$(task 12)"
  mv "$STATE/old" "$STATE/live"
  local last='{"id": {"S": "back"}, "verdict": {"S": "still running"}, "rollbackOf": {"S": "'$R2'"}, "components": {"M": {"frontend": {"M": {"status": {"S": "deployed"}, "seconds": {"N": "1"}, "release": {"S": "'$R1'"}}}, "backend": {"M": {"status": {"S": "still running"}, "seconds": {"N": "1"}, "taskDefinition": {"S": "'$FAMILY':12"}}}}}}'
  when 'aws dynamodb query *' <<<"{\"Items\": [$last, $(release $R2 13 $R2), $(release $R1 12 $R1), $(release 20261031T000000Z-0000000 11 20261031T000000Z-0000000)]}"
  deploy rollback-release.mts staging
  assert_equal "$status" 0
  assert_regex "$stderr" "Rollback to what was live after $R1.*unchanged: the service already runs websocket-task-staging:12.*deployed: websocket-task-staging:12, verified"
  run changes
  refute_output --partial 'aws ecs'
  refute_output --partial 's3 cp'
}

@test "refuses what is already live, and an unknown release" {
  everything_there
  deploy rollback-release.mts staging "$R2"
  assert_refused 1 "staging is already as it was after $R2" './deploy/releases.mts staging'
  first 'aws ecs describe-services *' <<<"$(service 13)"
  deploy rollback-release.mts staging 20261109T000000Z-9999999
  assert_refused 1 'has no release 20261109T000000Z-9999999' './deploy/releases.mts staging'
}

@test "refuses where the ledger has no release before the current one" {
  everything_there
  when 'aws dynamodb query *' <<<"{\"Items\": [$(release $R2 13 $R2)]}"
  deploy rollback-release.mts staging
  assert_refused 1 'has no verified release before the current one' './deploy/releases.mts staging'
}

@test "refuses what is no id of a release, before it asks anything" {
  local odd
  for odd in 12 .. "$R1/../x" "$R1'" 'a b' '$R1' 1e10; do
    deploy rollback-release.mts staging "$odd"
    assert_refused 2 'is not a release id' 'the id of a release'
  done
  assert_calls </dev/null
}

@test "changes neither when the backend cannot be taken back" {
  everything_there
  when 'aws ecs describe-task-definition --task-definition websocket-task-staging:12' <<<"$(task 12 INACTIVE)"
  deploy rollback-release.mts staging "$R1"
  assert_refused 1 'websocket-task-staging:12 is INACTIVE' 'choose another'
}

@test "changes neither when the site cannot be taken back" {
  everything_there
  when 'aws s3api list-objects-v2 *' <<<'[]'
  deploy rollback-release.mts staging "$R1"
  assert_refused 1 "release $R1 of the site cannot be restored" ''
}

@test "a dry run shows both changes and makes none" {
  everything_there
  deploy rollback-release.mts staging --dry-run
  assert_equal "$status" 0
  assert_regex "$stderr" "aws s3 cp s3://site-bucket/releases/$R1 s3://site-bucket .*aws ecs update-service .*:12 "
  refute_changes
}

@test "asks for production's name" {
  sed -i 's/^AWS_ACCOUNT_ID=.*/AWS_ACCOUNT_ID=123456789012/' "$PROJECT/env/.env.production"
  everything_there
  sed 's/-staging//g' "$STATE/DescribeStacks.LiveQuizEventStack-staging.xml" >"$STATE/DescribeStacks.LiveQuizEventStack.xml"
  when 'aws ecs describe-services *' <<<"$(service 13 | sed 's/-staging//g')"
  forget 'aws ecs describe-services *'
  forget 'aws ecs describe-services *'
  when 'aws ecs describe-task-definition *' <<<"$(task 13 | sed 's/-staging//g')"
  when 'aws ecs describe-task-definition --task-definition websocket-task:12' <<<"$(task 12 | sed 's/-staging//g')"
  when 'aws logs describe-log-groups *' <<<'{"logGroups": [{"logGroupName": "/ecs/live-quiz-websocket-server"}]}'
  when 'aws dynamodb query *' <<<"{\"Items\": [$(release $R2 13 $R2 | sed 's/-staging//g'), $(release $R1 12 $R1 | sed 's/-staging//g')]}"
  deploy rollback-release.mts production "$R1"
  assert_refused 2 'production asks for confirmation' 'the same line with --yes'
}

@test "changes neither where someone else has deployed since it was planned" {
  everything_there
  overtaken 13
  deploy rollback-release.mts staging "$R1"
  assert_overtaken 13
}

@test "changes neither where someone else has published since it was planned" {
  everything_there
  during 'aws dynamodb put-item *"lock"*' 'printf "<meta name=\"release\" content=\"20261103T000000Z-0000003\">" >"$STATE/index.html"'
  deploy rollback-release.mts staging "$R1"
  assert_equal "$status" 4
  assert_regex "$stderr" "the site is now release 20261103T000000Z-0000003, not $R2; nothing was changed"
  run changes
  assert_output ''
}

@test "does not touch the backend when the site does not hold" {
  everything_there
  when "aws s3 cp s3://site-bucket/releases/$R1.json -" <<<"{\"release\": \"$R1\", \"files\": []}"
  ENVIRONMENT=(INIT_CWD="$PROJECT/infrastructure")
  deploy rollback-release.mts staging "$R1"
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: the site has no index.html'
  assert_regex "$stderr" 'remedy: npm --prefix .. run build:frontend'
  run changes
  refute_output --partial 'aws ecs'
}

@test "says what became of the site when the backend fails after it" {
  everything_there
  when "aws s3 cp s3://site-bucket/releases/$R2.json -" <<<"{\"release\": \"$R2\", \"files\": []}"
  when 'aws s3api list-objects-v2 *' <<<"$(sed "s#^\[#[{\"Key\": \"releases/$R2.json\", \"ETag\": \"1\", \"Size\": 1}, #" "$STATE/objects.json")"
  fails 'aws ecs update-service *' 254 <<<denied
  deploy rollback-release.mts staging "$R1"
  assert_equal "$status" 1
  assert_regex "$stderr" "the site stays at the older release; undo with: ./deploy/rollback-frontend.mts staging $R2"
}

@test "names no undo of a site that it has only verified when the backend fails after it" {
  everything_there
  mv "$STATE/old" "$STATE/live"
  local last='{"id": {"S": "back"}, "verdict": {"S": "under way"}, "rollbackOf": {"S": "'$R2'"}, "components": {"M": {"frontend": {"M": {"status": {"S": "under way"}, "seconds": {"N": "0"}, "release": {"S": "'$R1'"}}}}}}'
  when 'aws dynamodb query *' <<<"{\"Items\": [$last, $(release $R2 13 $R2), $(release $R1 12 $R1)]}"
  fails 'aws ecs update-service *' 254 <<<denied
  deploy rollback-release.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" "Rollback to what was live after $R1.*denied"
  refute_regex "$stderr" 'undo with'
}

@test "says how to undo both when the site does not hold with the older backend" {
  everything_there
  during 'aws ecs update-service *' 'echo "<p>other" >"$STATE/live/index.html"'
  deploy rollback-release.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" "deployed: websocket-task-staging:12, verified.*undo with: ./deploy/rollback-release.mts staging $R2.*error: "
}
