#!/usr/bin/env bats
# Breaking a deploy lock: shown first, confirmed for production, and only the one that was shown.
load helper

held_by_bob() {
  when 'aws dynamodb get-item *' <<<"$(answer lock HOLDER=h-1 HOST=ci RELEASE=r3 EXPIRY=2026-11-23T10:02:00.000Z)"
}

BREAK="aws dynamodb delete-item --cli-input-json '{\"TableName\":\"live-quiz-staging-ledger\",\"Key\":{\"pk\":{\"S\":\"lock\"},\"sk\":{\"S\":\"deployment\"}},\"ConditionExpression\":\"holder = :holder\",\"ExpressionAttributeValues\":{\":holder\":{\"S\":\"h-1\"}}}'"

@test "shows whose lock it is, and deletes that one" {
  held_by_bob
  deploy unlock.mts staging
  assert_equal "$status" 0
  assert_equal "$(grep -v '^git' "$STATE/calls")" "aws sts get-caller-identity
aws dynamodb get-item --table-name live-quiz-staging-ledger --key '{\"pk\":{\"S\":\"lock\"},\"sk\":{\"S\":\"deployment\"}}' --consistent-read
$BREAK"
  assert_equal "$output" ''
  assert_regex "$stderr" 'the lock is held by bob on ci \(process 7\), make deploy-staging since .*release r3'
  assert_regex "$stderr" 'staging is unlocked; a run that is still alive stops within half a minute'
}

@test "shows the command as it can be pasted" {
  held_by_bob
  deploy unlock.mts staging
  run grep -F "$ $BREAK" <<<"$stderr"
  assert_success
}

@test "shows lock and command on a dry run, and runs nothing" {
  held_by_bob
  deploy unlock.mts staging --dry-run
  assert_equal "$status" 0
  assert_regex "$stderr" 'the lock is held by bob'
  assert_regex "$stderr" '[$] aws dynamodb delete-item'
  assert_regex "$stderr" 'dry run: nothing was changed'
  refute_changes
}

@test "changes nothing when there is no lock" {
  when 'aws dynamodb get-item *' </dev/null
  deploy unlock.mts staging
  assert_equal "$status" 0
  assert_regex "$stderr" 'the deploy lock of staging is free'
  refute_changes
}

@test "changes nothing when there is no table yet" {
  fails 'aws dynamodb get-item *' 254 <<<'An error occurred (ResourceNotFoundException) when calling the GetItem operation: Requested resource not found'
  deploy unlock.mts staging
  assert_equal "$status" 0
  assert_regex "$stderr" 'the deploy lock of staging is free'
  refute_changes
}

@test "breaks no lock that someone else took in the meantime" {
  held_by_bob
  fails 'aws dynamodb delete-item *' 254 <<<'An error occurred (ConditionalCheckFailedException) when calling the DeleteItem operation: The conditional request failed'
  deploy unlock.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: someone else took the lock in the meantime'
  assert_regex "$stderr" 'remedy: ./deploy/releases.mts staging shows who'
}

@test "has unlocked what is gone when the answer to its own deletion was lost" {
  when 'aws dynamodb get-item *' </dev/null
  first 'aws dynamodb get-item *' <<<"$(answer lock HOLDER=h-1)"
  fails 'aws dynamodb delete-item *' 254 <<<'An error occurred (ConditionalCheckFailedException) when calling the DeleteItem operation: The conditional request failed'
  deploy unlock.mts staging
  assert_equal "$status" 0
  assert_regex "$stderr" 'staging is unlocked'
}

@test "asks for production's name, and for --yes without a terminal" {
  sed -i 's/^AWS_ACCOUNT_ID=.*/AWS_ACCOUNT_ID=123456789012/' "$PROJECT/env/.env.production"
  held_by_bob
  deploy unlock.mts production
  assert_regex "$stderr" 'the lock is held by bob'
  assert_refused 2 'production asks for confirmation' 'the same line with --yes'
  deploy unlock.mts production --yes
  assert_equal "$status" 0
  run tail -1 "$STATE/calls"
  assert_output --partial '"TableName":"live-quiz-ledger"'
}

@test "passes on why the lock cannot be broken" {
  held_by_bob
  fails 'aws dynamodb delete-item *' 254 <<<'An error occurred (AccessDeniedException): not authorized to perform: dynamodb:DeleteItem'
  deploy unlock.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: aws dynamodb delete-item: .*AccessDenied'
}

@test "breaks no lock that it cannot read, and shows the error" {
  fails 'aws dynamodb get-item *' 254 <<<'An error occurred (AccessDeniedException): not authorized to perform: dynamodb:GetItem'
  deploy unlock.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: aws dynamodb get-item: .*AccessDenied'
  assert_equal "$(grep -c delete-item "$STATE/calls")" 0
}

@test "refuses what is no environment, and an argument too many" {
  local odd
  for odd in prod '$HOME' "staging'" 'staging production' 1e10 ''; do
    deploy unlock.mts "$odd"
    assert_refused 2 'unknown environment: ' 'development, staging, production, local'
  done
  deploy unlock.mts staging h-1
  assert_refused 2 'unexpected argument: h-1' '--help'
  assert_equal "$(<"$STATE/calls")" ''
}
