#!/usr/bin/env bats
# make rollback-infrastructure, command line by command line.
load helper

STACK=LiveQuizEventStack-staging
CONTEXT='--context environment=staging'
OLD=1111111111111111111111111111111111111111
NEW=2222222222222222222222222222222222222222
R1=20261101T000000Z-1111111
R2=20261102T000000Z-2222222

# release ID SHA [STATUS] [MORE]: as the ledger answers it
release() {
  printf '{"pk": {"S": "release"}, "sk": {"S": "%s"}, "id": {"S": "%s"}, "sha": {"S": "%s"}, "dirty": {"BOOL": false}, "verdict": {"S": "%s"}, "components": {"M": {"infrastructure": {"M": {"status": {"S": "%s"}, "seconds": {"N": "1"}}}}}%s}' \
    "$1" "$1" "$2" "${3-deployed}" "${3-deployed}" "${4-}"
}

# the stack is healthy and of NEW, and its diff to OLD is a line
everything_there() {
  stack "${1-UPDATE_COMPLETE}"
  ln -sf "$(command -v mkdir)" "$STATE/bin/mkdir"
  when 'git rev-parse HEAD' <<<"$NEW"
  when 'git cat-file -e *' </dev/null
  when 'git worktree remove *' </dev/null
  during 'git *worktree add *' 'mkdir -p "$8/infrastructure"'
  when 'cdk diff *' <<<'[~] AWS::Logs::LogGroup Logs
Number of stacks with differences: 1'
  when 'aws dynamodb query *' <<<"{\"Items\": [$(release $R2 $NEW), $(release $R1 $OLD)]}"
  when 'aws dynamodb get-item *' </dev/null
  when 'aws ecs describe-services *' <<<'{"services": []}'
}

# calls: those that show what is changed, without the release's own id
calls() { without_outputs | sed -E 's|/runs/[0-9]+/|/runs/RUN/|g' | grep -E '^(git (cat-file|worktree|-c)|npm|cdk)'; }

refute_changes() {
  run grep -E '^(cdk (deploy|rollback|destroy)|aws dynamodb (put|update|delete))' "$STATE/calls"
  assert_failure
}

WORKTREE=.local/deployments/staging/runs/RUN/worktree

@test "deploys the previous verified release's commit from a worktree, and removes it" {
  everything_there
  deploy rollback-infrastructure.mts staging
  assert_equal "$status" 0
  run calls
  assert_output "git cat-file -e '$OLD^{commit}'
git -c core.hooksPath=/dev/null worktree add --force --quiet --detach $WORKTREE $OLD
cdk diff $STACK $CONTEXT --no-change-set
cdk deploy $STACK $CONTEXT --require-approval never --outputs-file ../../../../outputs.json
git worktree remove --force $WORKTREE"
}

@test "changes and records nothing where someone else has deployed the stack since it was planned" {
  everything_there
  local diff
  when 'aws dynamodb query *' <<<"{\"Items\": [$(release 20261103T000000Z-3333333 3333333333333333333333333333333333333333), $(release $R2 $NEW), $(release $R1 $OLD)]}"
  for diff in 1 0; do
    when 'cdk diff *' <<<"Number of stacks with differences: $diff"
    first 'aws dynamodb query *' <<<"{\"Items\": [$(release $R2 $NEW), $(release $R1 $OLD)]}"
    deploy rollback-infrastructure.mts staging
    assert_equal "$status" 4
    assert_regex "$stderr" 'error: superseded: release 20261103T000000Z-3333333 deployed the infrastructure by now; nothing was changed'
  done
  run grep -E '^cdk (deploy|rollback)' "$STATE/calls"
  assert_failure
}

@test "shows the diff before any change; then what it did, and how to undo it" {
  everything_there
  deploy rollback-infrastructure.mts staging
  assert_equal "$status" 0
  assert_equal "$output" ''
  assert_regex "$stderr" "Rollback of $STACK to what $R1 brought, commit 1111111.*AWS::Logs::LogGroup Logs.*cdk deploy.*$STACK matches commit 1111111 again.*undo with: ./deploy/rollback-infrastructure.mts staging $R2"
}

@test "records what is live since then, and what it takes back" {
  everything_there
  deploy rollback-infrastructure.mts staging
  assert_equal "$status" 0
  local record=("$PROJECT/.local/deployments/staging/releases/"*.json)
  assert_regex "$(<"${record[0]}")" "\"rollbackOf\":\{\"S\":\"$R2\"\}"
  assert_regex "$(<"${record[0]}")" "\"commit\":\{\"S\":\"$OLD\"\}"
}

@test "a dry run shows the diff and the command, and changes nothing" {
  everything_there
  deploy rollback-infrastructure.mts staging --dry-run
  assert_equal "$status" 0
  assert_regex "$stderr" 'AWS::Logs::LogGroup Logs.*cdk deploy .*git worktree remove'
  refute_changes
}

@test "deploys nothing when the stack is that already, and says so in the ledger where it does not know" {
  everything_there
  when 'cdk diff *' <<<'Number of stacks with differences: 0'
  deploy rollback-infrastructure.mts staging $R2
  assert_equal "$status" 0
  assert_regex "$stderr" "$STACK already matches commit 2222222: nothing to change"
  refute_changes

  deploy rollback-infrastructure.mts staging
  assert_equal "$status" 0
  assert_regex "$stderr" "$STACK already matches commit 1111111: nothing to change"
  run grep -E '^cdk (deploy|rollback)' "$STATE/calls"
  assert_failure
  local record=("$PROJECT/.local/deployments/staging/releases/"*.json)
  assert_regex "$(<"${record[0]}")" "\"status\":\{\"S\":\"unchanged\"\}.*\"commit\":\{\"S\":\"$OLD\"\}"
}

@test "stopped before, is continued to where it was going, and not undone" {
  everything_there
  local stopped='{"id": {"S": "stopped"}, "verdict": {"S": "stopped"}, "sha": {"S": "'$NEW'"}, "rollbackOf": {"S": "'$R2'"}, "components": {"M": {"infrastructure": {"M": {"status": {"S": "stopped"}, "seconds": {"N": "1"}, "commit": {"S": "'$OLD'"}}}}}}'
  when 'aws dynamodb query *' <<<"{\"Items\": [$stopped, $(release $R2 $NEW), $(release $R1 $OLD)]}"
  deploy rollback-infrastructure.mts staging
  assert_equal "$status" 0
  run calls
  assert_line "git -c core.hooksPath=/dev/null worktree add --force --quiet --detach $WORKTREE $OLD"
}

@test "goes to the named release, even if its commit is the current one" {
  everything_there
  deploy rollback-infrastructure.mts staging $R2
  assert_equal "$status" 0
  assert_regex "$stderr" "commit 2222222 is the current one, by $R2"
  refute_regex "$stderr" 'undo with'
  run calls
  assert_line "git -c core.hooksPath=/dev/null worktree add --force --quiet --detach $WORKTREE $NEW"
}

@test "after a failed deployment goes to what ran before it, not one further back" {
  everything_there UPDATE_ROLLBACK_COMPLETE
  when 'aws dynamodb query *' <<<"{\"Items\": [$(release 20261103T000000Z-3333333 3333333333333333333333333333333333333333 failed), $(release $R2 $NEW), $(release $R1 $OLD)]}"
  deploy rollback-infrastructure.mts staging
  assert_equal "$status" 0
  assert_regex "$stderr" 'release 20261103T000000Z-3333333 deployed the infrastructure last: failed'
  run calls
  assert_line "git -c core.hooksPath=/dev/null worktree add --force --quiet --detach $WORKTREE $NEW"
}

@test "a second rollback goes one further back" {
  everything_there
  local back
  back=$(release 20261104T000000Z-3333333 3333333333333333333333333333333333333333 deployed ', "rollbackOf": {"S": "20261103T000000Z-3333333"}' | sed "s/\"seconds\"/\"commit\": {\"S\": \"$NEW\"}, \"seconds\"/")
  when 'aws dynamodb query *' <<<"{\"Items\": [$back, $(release 20261103T000000Z-3333333 3333333333333333333333333333333333333333), $(release $R2 $NEW), $(release $R1 $OLD)]}"
  deploy rollback-infrastructure.mts staging
  assert_equal "$status" 0
  run calls
  assert_line "git -c core.hooksPath=/dev/null worktree add --force --quiet --detach $WORKTREE $OLD"
}

@test "warns that changes which no commit holds do not come back" {
  everything_there
  when 'aws dynamodb query *' <<<"{\"Items\": [$(release $R2 $NEW), $(release $R1-dirty $OLD | sed 's/false/true/')]}"
  deploy rollback-infrastructure.mts staging
  assert_equal "$status" 0
  assert_regex "$stderr" "warning: $R1-dirty was deployed with uncommitted changes; only its commit 1111111 is restored"
}

@test "shows the settings that the older commit changes, and refuses to remove the boundary of the roles" {
  everything_there
  forget 'git *worktree add *'
  during 'git *worktree add *' 'mkdir -p "$8/infrastructure" "$8/env"; echo "ALERT_EMAIL=old@example.com" >"$8/env/.env.staging"'
  deploy rollback-infrastructure.mts staging
  assert_equal "$status" 0
  assert_regex "$stderr" 'setting    LOG_RETENTION_DAYS: 30 → 7.*setting    ALERT_EMAIL: \(none\) → old@example.com.*cdk deploy'
  echo >"$STATE/calls"
  setting PERMISSIONS_BOUNDARY live-quiz-boundary
  deploy rollback-infrastructure.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: that commit has no PERMISSIONS_BOUNDARY.*remedy: undo what is wrong in a new commit'
  refute_changes
  # the boundary is in the file, and not deployed yet
  when "git show $NEW:env/.env.staging" <<<'ALERT_EMAIL=now@example.com'
  deploy rollback-infrastructure.mts staging
  assert_equal "$status" 0
  assert_regex "$stderr" 'setting    ALERT_EMAIL: now@example.com → old@example.com'
  refute_regex "$stderr" 'setting    (LOG_RETENTION_DAYS|PERMISSIONS_BOUNDARY)'
}

@test "compares with the settings of a run that was stopped: CloudFormation may have ended it" {
  everything_there
  forget 'git *worktree add *'
  during 'git *worktree add *' 'mkdir -p "$8/infrastructure" "$8/env"; echo "ALERT_EMAIL=old@example.com" >"$8/env/.env.staging"'
  when 'aws dynamodb query *' <<<"{\"Items\": [$(release $R2 $NEW stopped), $(release $R1 $OLD)]}"
  when "git show $NEW:env/.env.staging" <<<'PERMISSIONS_BOUNDARY=live-quiz-boundary'
  deploy rollback-infrastructure.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: that commit has no PERMISSIONS_BOUNDARY'
  refute_changes
}

@test "installs the packages of a commit that needs another CDK library" {
  everything_there
  echo '{"packages": {"node_modules/aws-cdk-lib": {"version": "2.276.0"}}}' >"$PROJECT/package-lock.json"
  during 'git *worktree add *' 'mkdir -p "$8/infrastructure"; echo "{\"packages\": {\"node_modules/aws-cdk-lib\": {\"version\": \"2.1.0\"}}}" >"$8/package-lock.json"'
  deploy rollback-infrastructure.mts staging
  assert_equal "$status" 0
  run calls
  assert_line 'npm ci --no-progress --ignore-scripts'
}

@test "undoes what is stuck with cdk rollback" {
  local state
  for state in CREATE_FAILED UPDATE_FAILED UPDATE_ROLLBACK_FAILED; do
    rm -rf "$STATE"/stubs/* "$STATE/calls" && touch "$STATE/calls"
    when 'git rev-parse *' <<<'abc1234'
    when 'git status *' </dev/null
    when 'aws sts get-caller-identity' <<<'{"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/ana"}'
    everything_there "$state"
    deploy rollback-infrastructure.mts staging
    assert_equal "$status" 0
    assert_regex "$stderr" "stuck in $state.*cdk rollback"
    run calls
    assert_output "cdk rollback $STACK $CONTEXT"
  done
}

@test "prints the state of the stack after cdk rollback" {
  everything_there UPDATE_FAILED
  during 'cdk rollback *' 'sed -i s/UPDATE_FAILED/UPDATE_ROLLBACK_COMPLETE/ "$STATE/DescribeStacks.LiveQuizEventStack-staging.xml"'
  ln -s "$(command -v sed)" "$STATE/bin/sed"
  deploy rollback-infrastructure.mts staging $R1
  assert_equal "$status" 0
  assert_regex "$stderr" "$STACK is in UPDATE_ROLLBACK_COMPLETE, as before the change that failed"
  assert_regex "$stderr" "re-run the same command to roll back to $R1"
}

@test "says that an undone first creation leaves nothing" {
  everything_there CREATE_FAILED
  during 'cdk rollback *' 'sed -i s/CREATE_FAILED/ROLLBACK_COMPLETE/ "$STATE/DescribeStacks.LiveQuizEventStack-staging.xml"'
  ln -s "$(command -v sed)" "$STATE/bin/sed"
  deploy rollback-infrastructure.mts staging
  assert_equal "$status" 0
  assert_regex "$stderr" "the first creation of $STACK was undone; create it again: ./deploy/infrastructure.mts staging"
}

@test "a dry run on a stuck stack shows the command and changes nothing" {
  everything_there UPDATE_FAILED
  deploy rollback-infrastructure.mts staging --dry-run
  assert_equal "$status" 0
  assert_regex "$stderr" "\\$ \(cd infrastructure && cdk rollback $STACK $CONTEXT --output "
  refute_changes
}

@test "waits for an operation that is under way, and refuses a stack that has no previous release" {
  everything_there UPDATE_IN_PROGRESS
  stack_first
  stack ROLLBACK_COMPLETE
  deploy rollback-infrastructure.mts staging
  assert_regex "$stderr" 'is in UPDATE_IN_PROGRESS; waiting until that ends'
  assert_refused 1 "$STACK is in ROLLBACK_COMPLETE: its first creation failed" './deploy/infrastructure.mts staging'
  deploy rollback-infrastructure.mts staging
  assert_refused 1 "$STACK is in ROLLBACK_COMPLETE: its first creation failed" './deploy/infrastructure.mts staging'
  stack ROLLBACK_FAILED
  deploy rollback-infrastructure.mts staging
  assert_refused 1 "$STACK is in ROLLBACK_FAILED" './deploy/destroy.mts staging'
  stack REVIEW_IN_PROGRESS
  deploy rollback-infrastructure.mts staging
  assert_refused 1 "$STACK is not deployed yet" './deploy/infrastructure.mts staging'
  rm "$STATE/DescribeStacks.$STACK.xml"
  deploy rollback-infrastructure.mts staging
  assert_refused 1 "$STACK is not deployed yet" './deploy/infrastructure.mts staging'
}

@test "refuses without a previous release, without any, and an unknown one" {
  everything_there
  when 'aws dynamodb query *' <<<"{\"Items\": [$(release $R2 $NEW), $(release $R1 $NEW)]}"
  deploy rollback-infrastructure.mts staging
  assert_refused 1 "no infrastructure before commit 2222222, the current one of $STACK" './deploy/releases.mts staging'
  deploy rollback-infrastructure.mts staging 20261109T000000Z-9999999
  assert_refused 1 'has no release 20261109T000000Z-9999999' './deploy/releases.mts staging'
  when 'aws dynamodb query *' <<<'{"Items": []}'
  deploy rollback-infrastructure.mts staging
  assert_refused 1 'has no verified release of the infrastructure' './deploy/releases.mts staging'
}

@test "refuses what is no id of a release, before it asks anything" {
  local odd
  for odd in 12 .. "$R1/../x" "$R1'" 'a b' '$R1'; do
    deploy rollback-infrastructure.mts staging "$odd"
    assert_refused 2 'is not a release id' 'the id of a release'
  done
  assert_calls </dev/null
}

@test "refuses a commit that this clone does not have" {
  everything_there
  fails 'git cat-file *' 128 <<<'fatal: Not a valid object name'
  deploy rollback-infrastructure.mts staging
  assert_refused 1 "this clone has no commit $OLD" 'git fetch'
}

@test "asks for production's name after the diff; unanswered, removes the worktree" {
  sed -i 's/^AWS_ACCOUNT_ID=.*/AWS_ACCOUNT_ID=123456789012/' "$PROJECT/env/.env.production"
  everything_there
  sed 's/-staging//g' "$STATE/DescribeStacks.$STACK.xml" >"$STATE/DescribeStacks.LiveQuizEventStack.xml"
  deploy rollback-infrastructure.mts production
  assert_refused 2 'production asks for confirmation' 'the same line with --yes'
  assert_regex "$(tail -1 "$STATE/calls")" '^git worktree remove --force'
}

@test "removes the worktree when the deployment fails, and on Ctrl-C" {
  everything_there
  fails 'cdk deploy *' 1 <<<'two hundred lines'
  deploy rollback-infrastructure.mts staging
  assert_equal "$status" 1
  assert_regex "$(tail -1 "$STATE/calls")" '^git worktree remove --force'
  rm "$STATE/calls" && touch "$STATE/calls"
  interrupted 'cdk deploy *'
  deploy rollback-infrastructure.mts staging
  assert_equal "$status" 130
  assert_regex "$(tail -1 "$STATE/calls")" '^git worktree remove --force'
}

@test "what git cannot remove is removed all the same" {
  everything_there
  fails 'git worktree remove *' 128 <<<"fatal: is not a working tree"
  deploy rollback-infrastructure.mts staging
  assert_equal "$status" 0
  run compgen -G "$PROJECT/.local/deployments/staging/runs/*/worktree"
  assert_output ''
}
