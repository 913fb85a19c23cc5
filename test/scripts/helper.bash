# For every suite in test/scripts: a copy of the scripts in a path with a space in it, tools that only record, and an
# endpoint for what goes over HTTP. `deploy backend.mts staging` runs a script there.
bats_require_minimum_version 1.5.0
ROOT=${BATS_TEST_DIRNAME%/test/scripts}
# bats_load_library starts twenty processes, for each test again
for library in "$ROOT"/node_modules/bats-{support,assert}/src/*.bash; do
  # shellcheck source=/dev/null
  source "$library"
done

# What no test changes is copied once for a file, and moved in and out of the test's directory: that has the same path
# for each test of a file, since tsx keeps what it has compiled by path.
CODE=(deploy lib node_modules package.json tsconfig.json tsconfig.base.json)

setup_file() {
  local tool code=$BATS_FILE_TMPDIR/code
  STATE=$BATS_FILE_TMPDIR/fresh PROJECT="$BATS_FILE_TMPDIR/fresh/live quiz"
  mkdir -p "$STATE/stubs" "$STATE/bin" "$STATE/quick" "$STATE/home" "$PROJECT/backend" "$PROJECT/frontend" "$PROJECT/infrastructure/local" "$code/node_modules/.bin"
  touch "$STATE/calls"
  cp -r "$ROOT/env" "$PROJECT"
  (cd "$ROOT" && cp -r deploy lib package.json tsconfig.json tsconfig.base.json "$code")
  cp "$ROOT/infrastructure/local/connection.ts" "$PROJECT/infrastructure/local"
  ln -s "$ROOT"/node_modules/[!.]* "$code/node_modules"
  ln -s "$ROOT/test/scripts/record" "$code/node_modules/.bin/cdk"
  for tool in node bash sh env readlink dirname cat mv rm cp sleep kill printf tr; do
    [[ $(type -t $tool) == file ]] || continue
    ln -s "$(command -v $tool)" "$STATE/bin/$tool"
  done
  ln -s "$ROOT/test/scripts/node" "$STATE/quick/node"
  for tool in aws docker npm git skopeo; do ln -s "$ROOT/test/scripts/record" "$STATE/bin/$tool"; done
  setting AWS_ACCOUNT_ID 123456789012
  everyday_answers

  local ports
  exec {ports}< <(exec node --import "$ROOT/node_modules/tsx/dist/loader.mjs" "$ROOT/test/scripts/endpoint.mts" "$BATS_FILE_TMPDIR" 3>&-)
  export ENDPOINT=$! PORT SOURCE_PORT
  read -r PORT SOURCE_PORT <&"$ports"
  exec {ports}<&-
}

teardown_file() {
  kill "$ENDPOINT"
}

setup() {
  STATE=$BATS_FILE_TMPDIR/test
  PROJECT="$STATE/live quiz"
  COUNT=0
  ENVIRONMENT=()
  QUICKLY=(PATH="$STATE/quick:$STATE/bin" STARTER="$ROOT/test/scripts/start.mjs" COMPILED="$BATS_FILE_TMPDIR/compiled.json")
  cp -a "$BATS_FILE_TMPDIR/fresh" "$STATE"
  mv "$BATS_FILE_TMPDIR"/code/* "$PROJECT"
}

# Shows what a failed test saw.
teardown() {
  [[ -n ${BATS_TEST_COMPLETED-} ]] || printf '%s\n' "${stderr-}" "calls:" "$(<"$STATE/calls")" >&2
  mv "${CODE[@]/#/$PROJECT/}" "$BATS_FILE_TMPDIR/code"
  rm -r "$STATE"
}

# What the tools answer in every test that does not say otherwise.
everyday_answers() {
  COUNT=-50
  when 'git rev-parse *' <<<'abc1234'
  when 'git status *' </dev/null
  when 'aws sts get-caller-identity' <<<'{"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/ana"}'
  when 'docker version *' <<<'28.2.2 amd64'
  fails 'aws ssm get-parameter *slack-webhook-url *' 254 <<<'An error occurred (ParameterNotFound) when calling the GetParameter operation:'
  # an aws that does not know this API yet
  fails 'aws ecs list-service-deployments *' 252 <<<"aws: error: argument operation: Invalid choice, valid choices are:"
  when 'aws ecr put-image-tag-mutability *' <<<'"repository"'
  when 'aws ecr describe-image-scan-findings *' <<<'{"imageScanStatus": {"status": "COMPLETE"}, "imageScanFindings": {"findingSeverityCounts": {"HIGH": 1}}}'
  when 'aws ecs describe-service-deployments *' <<<'{"serviceDeployments": [{"alarms": {"status": "DISABLED"}}]}'
  # the classic builder
  when 'docker build --help' <<<'      --force-rm   Always remove intermediate containers'
  when 'git ls-files *' <<<'backend/Dockerfile'
  when 'npm sbom *' <<<'{"spdxVersion": "SPDX-2.3"}'
}

# setting KEY VALUE: in env/.env.staging
setting() {
  sed -i "/^$1=/d" "$PROJECT/env/.env.staging"
  printf '%s=%s\n' "$1" "$2" >>"$PROJECT/env/.env.staging"
}

# when PATTERN <<<ANSWER: what a command answers; PATTERN is a glob over the whole line. The latest stub wins.
when() { stub $((900 - ++COUNT)) "$1" 0; }

# fails PATTERN EXIT <<<ERROR
fails() { stub $((900 - ++COUNT)) "$1" "$2"; }

# first PATTERN <<<ANSWER: before any other, and only once; several are used in the order in which the test gave them.
first() {
  stub $((++COUNT)) "$1" 0
  printf 'once=1\n' >>"$STUB"
}

# fails_first PATTERN EXIT <<<ERROR: the same, failing
fails_first() {
  stub $((++COUNT)) "$1" "$2"
  printf 'once=1\n' >>"$STUB"
}

# during PATTERN LINE: runs a line of shell (sh) while that command runs.
during() {
  stub $((++COUNT)) "$1" 0 </dev/null
  quote "$2"
  printf 'during=%s\n' "$QUOTED" >>"$STUB"
}

# interrupted PATTERN: Ctrl-C arrives while that command runs.
interrupted() { during "$1" 'kill -INT "$(cat "$STATE/pid")"; sleep 30'; }

# answer NAME [KEY=VALUE…]: answers/NAME.txt with the values for its @KEY=default@
answer() {
  local text given
  IFS= read -r -d '' text <"$ROOT/test/scripts/answers/$1.txt" || :
  for given in "${@:2}"; do
    [[ $text =~ @${given%%=*}=[^@]*@ ]] || exit 1 # no such key: no answer
    text=${text//"${BASH_REMATCH[0]}"/"${given#*=}"}
  done
  while [[ $text =~ @[A-Z]+=([^@]*)@ ]]; do text=${text//"${BASH_REMATCH[0]}"/"${BASH_REMATCH[1]}"}; done
  printf '%s' "$text"
}

# stub NUMBER PATTERN EXIT: the lowest number that matches is the one that answers
stub() {
  local answer
  # fails at the end of the answer, as there is no NUL in it
  IFS= read -r -d '' answer || :
  printf -v STUB '%s/stubs/%03d' "$STATE" "$1"
  quote "$2"
  printf 'pattern=%s exit_code=%s ' "$QUOTED" "$3" >"$STUB"
  quote "$answer"
  printf 'answer=%s\n' "$QUOTED" >>"$STUB"
}

# quote WORD: as sh reads it, in $QUOTED; a $(…) would start a process
quote() {
  local apostrophe="'\\''"
  QUOTED="'${1//\'/$apostrophe}'"
}

# forget [PATTERN]: removes the answers of `first` and `during`; with a pattern, only the next one with it
forget() {
  local file
  for file in "$STATE"/stubs/0*; do
    (($# == 0)) || grep -qF "pattern='$1'" "$file" || continue
    rm "$file"
    (($# == 0)) || return 0
  done
}

# deploy SCRIPT ARGUMENTS…: `run` for a script, with stdout and stderr apart, and no terminal
deploy() {
  local script=$1
  shift
  run --separate-stderr clean "${QUICKLY[@]}" "${ENVIRONMENT[@]}" \
    sh -c 'echo $$ >"$STATE/pid"; exec "$@"' sh "$PROJECT/deploy/$script" "$@" </dev/null
}

# clean [KEY=VALUE…] COMMAND…: with the stand-ins for the tools, and nothing of the caller's AWS
clean() {
  env -i PATH="$STATE/bin" HOME="$STATE/home" STATE="$STATE" NO_COLOR=1 \
    AWS_ACCESS_KEY_ID=AKIAEXAMPLE AWS_SECRET_ACCESS_KEY=example AWS_EC2_METADATA_DISABLED=true \
    AWS_ENDPOINT_URL_CLOUDFORMATION="http://127.0.0.1:$PORT" AWS_ENDPOINT_URL_CLOUDFRONT="http://127.0.0.1:$PORT" \
    "$@"
}

# stack STATUS [NAME [BUCKET [PORT]]]: the environment's stack as CloudFormation describes it, with every output.
stack() {
  local key outputs='' name=${2-LiveQuizEventStack-staging}
  while IFS=' ' read -r key value; do
    outputs+="<member><OutputKey>$key</OutputKey><OutputValue>$value</OutputValue></member>"
  done <<OUTPUTS
LoadBalancerDnsName localhost:$PORT
DistributionDomainName 127.0.0.1:${4-$PORT}
DistributionId E1EXAMPLE
SiteBucketName ${3-site-bucket}
TargetGroupArn arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/live-quiz-staging-tasks/1
TaskSubnetIds subnet-1,subnet-2
TaskSecurityGroupId sg-1
TaskExecutionRoleArn arn:aws:iam::123456789012:role/live-quiz-staging-task-execution
TaskRoleArn arn:aws:iam::123456789012:role/live-quiz-staging-task
ApplicationTableName live-quiz-staging
RestoredTablePrefix live-quiz-staging-application-restored-
LedgerTableName live-quiz-staging-ledger
AdminSecretArn arn:aws:secretsmanager:us-east-1:123456789012:secret:live-quiz-staging-admin
OUTPUTS
  printf '<Stacks><member><StackName>%s</StackName><StackStatus>%s</StackStatus><CreationTime>2026-11-01T00:00:00Z</CreationTime><Outputs>%s</Outputs></member></Stacks>' \
    "$name" "$1" "$outputs" >"$STATE/DescribeStacks.$name.xml"
}

# stack_first [REFUSAL]: the next answer about staging's stack, after others given so, is what `stack` has made of it, or
# a refusal; it is used up by that
stack_first() {
  local name=$STATE/DescribeStacks.LiveQuizEventStack-staging number
  printf -v number '%03d' $((++COUNT))
  if (($#)); then printf '%s' "$1"; else cat "$name.xml"; fi >"$name.first.$number"
}

# watches TABLE: alarm and dashboard of the stack watch that one
watches() {
  sed -i "s#<Outputs>#&<member><OutputKey>WatchedTableName</OutputKey><OutputValue>$1</OutputValue></member>#" \
    "$STATE/DescribeStacks.LiveQuizEventStack-staging.xml"
}

# private_load_balancer: the stack was created with one; its name leads nowhere
private_load_balancer() {
  sed -i "s/localhost:$PORT/internal-live-quiz.elb.invalid/" "$STATE/DescribeStacks.LiveQuizEventStack-staging.xml"
  echo 'LOAD_BALANCER=private' >>"$PROJECT/env/.env.staging"
}

# production: its stack is there, and a clean working tree at a commit of origin/main that staging never ran
production() {
  stack UPDATE_COMPLETE
  sed 's/-staging//g' "$STATE/DescribeStacks.LiveQuizEventStack-staging.xml" >"$STATE/DescribeStacks.LiveQuizEventStack.xml"
  sed -i 's/^AWS_ACCOUNT_ID=.*/AWS_ACCOUNT_ID=123456789012/' "$PROJECT/env/.env.production"
  when 'git merge-base *' </dev/null
  when 'git symbolic-ref *' <<<'main'
  when 'aws dynamodb query *' <<<'{"Items": []}'
}

# worked: every command line but those of the lock, the ledger and Slack, which run at the same time. A release's
# timestamp reads TIMESTAMP, and the directory of the run RUN.
worked() {
  without_outputs | sed -E '/^aws dynamodb |\/slack-webhook-url |^git rev-parse HEAD$/d; s/[0-9]{8}T[0-9]{6}Z/TIMESTAMP/g; s|/runs/[0-9]+/|/runs/RUN/|g'
}

# every command line; each run of cdk has a directory of its own to synthesize into
without_outputs() { sed -E 's# --output [^ ]*(/runs/[0-9]+|[.][.])/cdk.out##' "$STATE/calls"; }

# assert_alone_and_recorded CHANGE…: the lock is taken before the first of these command lines (globs) and given back
# after the last, and the ledger has the release.
assert_alone_and_recorded() {
  local change first last
  mapfile -t changes < <(for change in "$@"; do grep -nE "$change" "$STATE/calls" | cut -d: -f1; done | sort -n)
  first=$(grep -nE '^aws dynamodb put-item .*"pk":\{"S":"lock"' "$STATE/calls" | head -1 | cut -d: -f1)
  last=$(grep -nE '^aws dynamodb delete-item ' "$STATE/calls" | tail -1 | cut -d: -f1)
  [[ $first && $last ]]
  ((first < changes[0] && changes[-1] < last))
  # at the start, before the change, at the end
  run grep -cE '^aws dynamodb put-item --cli-input-json file://.local/deployments/[a-z]+/releases/' "$STATE/calls"
  assert_output "${RECORDED-3}"
}

# assert_calls <<'CALLS': every command line of the work, in order.
assert_calls() {
  local calls
  calls=$(worked)
  assert_equal "$calls" "$(cat)"
}

# assert_refused EXIT FACT REMEDY: one fact, one remedy, the exit code, and nothing changed.
assert_refused() {
  assert_equal "$status" "$1"
  assert_regex "$stderr" "error: .*$2"
  assert_regex "$stderr" "remedy: .*$3"
  assert_equal "$(grep -c '^error: ' <<<"$stderr")" 1
  refute_regex "$stderr" $'\n    at '
  assert_equal "$output" ''
  refute_changes
}

CHANGES='^(aws .* (create|put|register|deregister|update|delete|batch-delete|tag|restore)-|aws sns subscribe|aws s3 (rm|mv|sync)|aws s3 cp .*[^-]$'
CHANGES+='|docker (push|tag|build|login)|skopeo (login|copy --authfile)|cdk (deploy|destroy|bootstrap|rollback)'
CHANGES+='|sdk cloudfront POST|sdk cloudformation (Create|Update|Delete|Execute)|npm)'

# refute_changes: no command line that changes anything was run, but for items of the lock and the ledger. `aws s3 cp … -`
# only reads.
refute_changes() {
  run grep -E "$CHANGES" <(sed -E '/^aws dynamodb ((get|put|delete|update)-item|query) /d' "$STATE/calls")
  assert_failure 1
}

# live RELEASE [BUCKET [DIRECTORY]]: the bucket and the CDN have what is in frontend/dist, under that release; the CDN's
# files are in the directory. A bucket that is named shows its source maps.
live() {
  local bucket=${2-site-bucket} directory=${3-live}
  prepare site "$1" "$directory" "${2-}"
  when "aws s3api list-objects-v2 --bucket $bucket *" <"$STATE/objects.json"
  when "aws s3 cp s3://$bucket/releases/$1.json -" <"$STATE/$directory/manifest.json"
}

# running CHANGE: what a deployment of staging would register and set runs already, under $RUNNING with the image
# $URI@sha256:old; CHANGE is JavaScript on `definition` and `service`, as ECS describes them
RUNNING=arn:aws:ecs:us-east-1:123456789012:task-definition/websocket-task-staging:11
URI=123456789012.dkr.ecr.us-east-1.amazonaws.com/live-quiz-backend-staging
running() {
  prepare service "$RUNNING" "$URI@sha256:old" "$1"
  when 'aws ecs describe-task-definition *' <"$STATE/definition.json"
  when 'aws ecs describe-services *' <"$STATE/service.json"
}

# as_described FILE: what ECS answers about a task definition that was registered so: it keeps the tags apart
as_described() {
  node -p 'const { tags, ...taskDefinition } = JSON.parse(require("fs").readFileSync(0)); JSON.stringify({ taskDefinition })' <"$1"
}

# prepare WHAT WORD…: files in $STATE that are computed by the toolkit's own code, in the Node of the endpoint: to start
# another takes half a second
prepare() {
  local IFS=$'\x1f' LC_ALL=C words socket code
  words="${*:2}"
  exec {socket}<>"/dev/tcp/127.0.0.1/$PORT"
  printf 'POST /prepare/%s HTTP/1.0\r\ncontent-length: %d\r\n\r\n%s' "$1" "${#words}" "$words" >&"$socket"
  IFS=' ' read -r _ code _ <&"$socket"
  [[ $code == 200 ]] || cat <&"$socket" >&2
  exec {socket}>&-
  [[ $code == 200 ]]
}
