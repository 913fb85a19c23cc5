#!/usr/bin/env bats
# What is asked where there is a terminal.
load ../helper

# at_terminal ANSWER SCRIPT ARGUMENTS…: a script on a pseudo-terminal, on which the answer is typed
at_terminal() {
  local answer=$1
  shift
  run env -i PATH="$STATE/bin:/usr/bin" HOME="$STATE/home" STATE="$STATE" NO_COLOR=1 PROJECT="$PROJECT" \
    AWS_ACCESS_KEY_ID=AKIAEXAMPLE AWS_SECRET_ACCESS_KEY=example AWS_EC2_METADATA_DISABLED=true \
    AWS_ENDPOINT_URL_CLOUDFORMATION="http://127.0.0.1:$PORT" \
    bash -c 'printf %s "$1" | { sleep 2; cat; sleep 3; } | script --quiet --return --command "\"\$PROJECT\"/deploy/$2" /dev/null' bash "$answer" "$*"
}

@test "asks once for the account, and writes it down" {
  setting AWS_ACCOUNT_ID ''
  at_terminal $'9012\r' backend.mts staging
  assert_output --partial 'Does staging live in account 123456789012, from now on?'
  assert_output --partial 'wrote AWS_ACCOUNT_ID=123456789012 to env/.env.staging'
  assert_equal "$(grep AWS_ACCOUNT_ID "$PROJECT/env/.env.staging")" 'AWS_ACCOUNT_ID=123456789012'
}

@test "writes nothing down when the account is not confirmed" {
  setting AWS_ACCOUNT_ID ''
  at_terminal $'no\r' backend.mts staging
  assert_equal "$status" 1
  assert_output --partial 'error: the account was not confirmed; nothing was changed'
  assert_equal "$(grep AWS_ACCOUNT_ID "$PROJECT/env/.env.staging")" 'AWS_ACCOUNT_ID='
}

@test "asks for production's name, and goes on when it is typed" {
  production
  at_terminal $'production\r' backend.mts production
  assert_output --partial 'Type the name of the environment to change it:'
  assert_output --partial 'Backend: websocket-service in live-quiz-cluster'
}

@test "changes nothing when another name is typed" {
  production
  at_terminal $'staging\r' backend.mts production
  assert_equal "$status" 1
  assert_output --partial 'error: production was not confirmed; nothing was changed'
  refute_changes
}

@test "is stopped by Ctrl-C at a question" {
  production
  at_terminal $'\003' backend.mts production
  assert_equal "$status" 130
  assert_output --partial 'error: stopped by Ctrl-C'
  refute_changes
}
