#!/usr/bin/env bats
# How a run is shown: in plain lines, in groups, on a terminal, in its log.
load helper

# a build that prints this, and fails
building() {
  stack UPDATE_COMPLETE
  when 'aws ecr describe-repositories *' <<<"{\"repositories\": [{\"repositoryUri\": \"$URI\"}]}"
  when 'aws ecr get-login-password' <<<hunter2
  fails 'docker build *--tag *' 1
}

# on_terminal KEYS SCRIPT ARGUMENTS…: a script on a pseudo-terminal of 80 columns, on which these keys are typed
on_terminal() {
  local keys=$1
  shift
  run env -i PATH="$STATE/bin:/usr/bin" HOME="$STATE/home" STATE="$STATE" NO_COLOR=1 PROJECT="$PROJECT" \
    AWS_ACCESS_KEY_ID=AKIAEXAMPLE AWS_SECRET_ACCESS_KEY=example AWS_EC2_METADATA_DISABLED=true \
    AWS_ENDPOINT_URL_CLOUDFORMATION="http://127.0.0.1:$PORT" \
    bash -c '{ [[ -z $1 ]] || { until [[ -e $STATE/ready ]]; do sleep 0.1; done; printf %s "$1"; }; cat; } | script --quiet --return --command "stty columns 80 rows 24; \"\$PROJECT\"/deploy/$2" /dev/null' bash "$keys" "$*"
}

logged() {
  cat "$PROJECT"/.local/deployments/staging/logs/*.log
}

@test "describes lock and ledger in words, and keeps their commands in the log" {
  building <<<'no space left on device'
  deploy backend.mts staging
  assert_regex "$stderr" $'\nlock taken\n'
  assert_regex "$stderr" $'\nrelease [^ ]+ recorded: failed\n'
  assert_regex "$stderr" $'\nlock released\n'
  refute_regex "$stderr" 'dynamodb'
  run logged
  assert_line --regexp '\$ aws dynamodb put-item --cli-input-json .*"pk":\{"S":"lock"'
  assert_line --regexp '\$ aws dynamodb put-item --cli-input-json file://.local/deployments/staging/releases/'
}

@test "keeps the whole story in a log, and names it at the end of a failure" {
  building <<<$'npm warn deprecated thing\nno space left on device'
  deploy backend.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" $'\nlog: \.local/deployments/staging/logs/[0-9]{8}T[0-9]{6}Z-backend\.log$'
  run logged
  assert_line --index 0 'backend staging'
  assert_line --regexp '^[0-9:]{8}  \$ aws sts get-caller-identity$'
  assert_line --regexp '^[0-9:]{8}  \$ docker build '
  assert_line --regexp '^[0-9:]{8}    npm warn deprecated thing$'
  assert_line --regexp '^[0-9:]{8}  error: docker build exited with 1$'
  refute_output --partial hunter2
}

@test "keeps the last twenty logs" {
  building </dev/null
  mkdir -p "$PROJECT/.local/deployments/staging/logs"
  touch "$PROJECT"/.local/deployments/staging/logs/202601{01..30}T000000Z-all.log
  deploy backend.mts staging
  run ls "$PROJECT/.local/deployments/staging/logs"
  assert_equal "${#lines[@]}" 20
  assert_line --index 0 '20260112T000000Z-all.log'
}

@test "keeps no log of a run that was refused" {
  deploy backend.mts nonsense
  assert_equal "$status" 2
  [[ ! -e $PROJECT/.local/deployments ]]
}

@test "leaves out what tools say about themselves; --verbose leaves out nothing" {
  building <<<$'DEPRECATED: The legacy builder is deprecated\n            Install the buildx component\nStep 1/19'
  deploy backend.mts staging
  assert_regex "$stderr" $'\nStep 1/19\n'
  refute_regex "$stderr" 'DEPRECATED|buildx component'
  deploy backend.mts staging --verbose
  assert_regex "$stderr" $'\nDEPRECATED: The legacy builder is deprecated\n'
}

@test "writes no escape code where there is no terminal" {
  building <<<$'\e[32mStep 1/19\e[0m'
  deploy backend.mts staging
  assert_regex "$stderr" $'\nStep 1/19\n'
  refute_regex "$stderr" $'\e'
}

@test "groups the lines of a step where GitHub Actions runs" {
  building <<<'no space left on device'
  ENVIRONMENT=(GITHUB_ACTIONS=true)
  deploy backend.mts staging
  # the ledger is written beside the steps
  stderr=$(sed '/^release .* recorded: under way$/d' <<<"$stderr")
  assert_regex "$stderr" $'\n::group::5\. Build the Docker image\n\\$ docker pull [^\n]*\n\\$ docker build [^\n]*\nno space left on device\n::endgroup::\n'
}

@test "on a terminal, a step is a line with its time, and of what failed the output" {
  building <<<$'Step 1/19\nno space left on device'
  on_terminal '' backend.mts staging
  assert_equal "$status" 1
  assert_line --regexp '  ✓ 3. Authenticate with ECR +[0-9]+ s'
  assert_line --regexp '  ✗ 5. Build the Docker image +[0-9]+ s'
  assert_line --regexp '    │ no space left on device'
  refute_output --partial 'Login Succeeded'
  assert_line --regexp $'^\r?(\e\[K)?log: \.local/deployments/staging/logs/'
}

@test "Ctrl-C on a terminal stops the step, shows the cursor again and names the log" {
  building </dev/null
  during 'docker build *--tag *' 'touch "$STATE/ready"; sleep 30'
  on_terminal $'\003' backend.mts staging
  assert_equal "$status" 130
  assert_line --regexp '  ■ 5. Build the Docker image'
  assert_line --regexp 'warning: stopped by Ctrl-C'
  local after_last_hiding=${output##*$'\e[?25l'}
  assert_regex "$after_last_hiding" $'\e\[[?]25h'
  assert_regex "$after_last_hiding" 'log: .local/deployments/staging/logs/'
}

@test "counts the files that a command uploads" {
  stack UPDATE_COMPLETE
  mkdir -p "$PROJECT/frontend/dist"
  echo '<meta name="release" content="">' >"$PROJECT/frontend/dist/index.html"
  when 'aws s3api list-objects-v2 *' <<<null
  when 'aws s3 cp .local/*/entry-text-html s3://*' <<<$'upload: a.html to s3://site-bucket/a.html\nupload: b.html to s3://site-bucket/b.html'
  deploy frontend.mts staging
  assert_regex "$stderr" $'\n2 files\n'
  refute_regex "$stderr" 'upload: '
}
