#!/usr/bin/env bats
# What is asked where there is a terminal.
load helper

# at_terminal QUESTION ANSWER SCRIPT ARGUMENTS…: a script on a pseudo-terminal; when the question is there, the answer is typed
at_terminal() { run typed "$@"; }

typed() {
  local question=$1 answer=$2 keys
  shift 2
  mkfifo "$STATE/keys"
  exec {keys}<>"$STATE/keys"
  clean PATH="$STATE/bin:/usr/bin" PROJECT="$PROJECT" \
    script --quiet --return --command "\"\$PROJECT\"/deploy/$*" /dev/null <&"$keys" >"$STATE/screen" 3>&- &
  local deadline=$((SECONDS + 120))
  until grep -qF -- "$question" "$STATE/screen"; do
    kill -0 $! || break
    # a question in other words: without an answer nothing would end
    ((SECONDS < deadline)) || kill $! || break
    sleep 0.05
  done
  printf '%s' "$answer" >&"$keys"
  local ended=0
  wait $! || ended=$?
  cat "$STATE/screen"
  return "$ended"
}

@test "asks once for the account, and writes it down" {
  setting AWS_ACCOUNT_ID ''
  # below an empty line, with the line breaks of Windows
  sed -i 's/^AWS_ACCOUNT_ID=$/\r\n&\r/' "$PROJECT/env/.env.staging"
  cp "$PROJECT/env/.env.staging" "$STATE/before"
  at_terminal 'Does staging belong' $'9012\r' backend.mts staging
  assert_output --partial 'Does staging belong to account 123456789012 from now on?'
  assert_output --partial 'wrote AWS_ACCOUNT_ID=123456789012 to env/.env.staging: commit it'
  assert_equal "$(diff "$STATE/before" "$PROJECT/env/.env.staging" | grep '^[<>]')" $'< AWS_ACCOUNT_ID=\r\n> AWS_ACCOUNT_ID=123456789012\r'
}

@test "asks nothing and writes nothing down in a dry run" {
  setting AWS_ACCOUNT_ID ''
  at_terminal 'dry run' '' backend.mts staging --dry-run
  refute_output --partial 'Does staging belong'
  assert_equal "$(grep AWS_ACCOUNT_ID "$PROJECT/env/.env.staging")" 'AWS_ACCOUNT_ID='
}

@test "writes nothing down when the account is not confirmed" {
  setting AWS_ACCOUNT_ID ''
  at_terminal 'Does staging belong' $'no\r' backend.mts staging
  assert_equal "$status" 1
  assert_output --partial 'error: the account was not confirmed; nothing was changed'
  assert_equal "$(grep AWS_ACCOUNT_ID "$PROJECT/env/.env.staging")" 'AWS_ACCOUNT_ID='
}

@test "asks for production's name, and continues when it is typed" {
  production
  at_terminal 'Type production' $'production\r' backend.mts production
  assert_output --partial 'Type production to change it:'
  assert_output --partial 'Backend: websocket-service in live-quiz-cluster'
}

@test "changes nothing when another name is typed" {
  production
  at_terminal 'Type production' $'staging\r' backend.mts production
  assert_equal "$status" 1
  assert_output --partial 'error: production was not confirmed; nothing was changed'
  refute_changes
}

@test "is stopped by Ctrl-C at a question" {
  production
  at_terminal 'Type production' $'\003' backend.mts production
  assert_equal "$status" 130
  assert_output --partial 'warning: stopped by Ctrl-C'
  refute_changes
}

@test "takes Ctrl-D at a question for no answer" {
  production
  at_terminal 'Type production' $'\004' backend.mts production
  assert_equal "$status" 1
  assert_output --partial 'error: production was not confirmed; nothing was changed'
  refute_changes
}

# rolling STATE RUNNING: the service, on its way to revision 12
rolling() {
  answer service REVISION=arn:aws:ecs:us-east-1:123456789012:task-definition/websocket-task-staging:12 STATE="$1" RUNNING="$2"
}

@test "shows at the foot of a terminal what is under way; elsewhere only what changes" {
  when 'aws ecs describe-services *' <<<"$(rolling COMPLETED 2)"
  first 'aws ecs describe-services *' <<<"$(rolling IN_PROGRESS 1)"
  first 'aws ecs describe-services *' <<<"$(rolling IN_PROGRESS 1)"
  at_terminal '' '' watch.mts staging
  assert_equal "$status" 0
  assert_output --regexp $'… rollout [0-9]+ s \\(documented: 2-3 min\\): websocket-task-staging:12 1/2 running'
  assert_output --regexp $'\x1b\\[J\x1b\\[[?]25hdeployed: websocket-task-staging:12, 2 of 2 tasks run it'
  deploy watch.mts staging
  refute_regex "$stderr" '…'
}
