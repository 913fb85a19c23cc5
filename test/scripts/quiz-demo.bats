#!/usr/bin/env bats
# quiz-demo. Playing itself is backend/test/demo.test.ts.
load helper

# The script of this checkout, which has the backend beside it, on the AWS of this machine.
demo() {
  when 'aws sts get-caller-identity' <<<'{"Account": "000000000000", "Arn": "arn:aws:iam::000000000000:root"}'
  run --separate-stderr clean AWS_ENDPOINT_URL="http://127.0.0.1:$PORT" "$ROOT/deploy/quiz-demo.mts" "$@" </dev/null
}

@test "staging and production are not played in" {
  local environment
  for environment in staging production; do
    demo "$environment" 5
    assert_equal "$status" 2
    assert_equal "$stderr" "error: simulated players have no place in $environment
remedy: give local or development"
  done
  assert_equal "$(cat "$STATE/calls")" ''
}

@test "what is not a number of players is refused before anything is asked" {
  local count
  for count in 0 501 1.5 many; do
    demo local "$count"
    assert_equal "$status" 2
    assert_equal "$stderr" "error: $count is not a number of players
remedy: give 1 to 500"
  done
  assert_equal "$(cat "$STATE/calls")" ''
}

@test "the admin secret is in no command line and no output" {
  stack UPDATE_COMPLETE LiveQuizEventStack-local
  when 'aws secretsmanager get-secret-value *' <<<'{"SecretString": "hunter2"}'
  demo local 5
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: POST /api/quizzes answers 400: '
  assert_regex "$(cat "$STATE/calls")" 'aws secretsmanager get-secret-value'
  refute_regex "$output$stderr$(cat "$STATE/calls")" hunter2
}
