#!/usr/bin/env bats
# The infrastructure stage, command line by command line.
load helper

STACK=LiveQuizEventStack-staging
DEPLOY="cdk deploy $STACK --context environment=staging --require-approval never --outputs-file ../.local/deployments/staging/outputs.json"

# bootstrapped, deployed, and cdk writes the outputs
everything_there() {
  stack UPDATE_COMPLETE
  printf '<Stacks><member><StackName>CDKToolkit</StackName><StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-11-01T00:00:00Z</CreationTime><Outputs><member><OutputKey>BootstrapVersion</OutputKey><OutputValue>30</OutputValue></member></Outputs></member></Stacks>' \
    >"$STATE/DescribeStacks.CDKToolkit.xml"
  {
    printf '{"%s": {' "$STACK"
    sed -E 's#<member>#\n#g' "$STATE/DescribeStacks.$STACK.xml" |
      sed -nE 's#<OutputKey>([^<]*)</OutputKey><OutputValue>([^<]*)</OutputValue>.*#"\1": "\2",#p'
    printf '"Other": "1"}}'
  } >"$STATE/outputs.json"
  when 'aws ecs describe-services *' <<<'{"services": []}'
  during 'cdk deploy *' 'cp "$STATE/outputs.json" ../.local/deployments/staging/outputs.json'
}

# event ID STATUS REASON: newest first
event() {
  printf '<member><StackId>arn:stack</StackId><EventId>%s</EventId><StackName>%s</StackName><LogicalResourceId>%s</LogicalResourceId><PhysicalResourceId>%s</PhysicalResourceId><ResourceType>AWS::S3::Bucket</ResourceType><Timestamp>2026-11-23T10:00:00Z</Timestamp><ResourceStatus>%s</ResourceStatus><ResourceStatusReason>%s</ResourceStatusReason></member>' \
    "$RANDOM" "$STACK" "$1" "$([[ $1 == "$STACK" ]] && echo arn:stack)" "$2" "$3"
}

@test "builds and deploys the stack" {
  everything_there
  deploy infrastructure.mts staging
  assert_equal "$status" 0
  assert_calls <<CALLS
git rev-parse --short=7 HEAD
git status --porcelain -z --untracked-files=normal --ignored=matching
aws sts get-caller-identity
sdk cloudformation DescribeStacks CDKToolkit
sdk cloudformation DescribeStacks $STACK
aws ecs describe-services --cluster live-quiz-cluster-staging --services websocket-service
npm run build --workspace live-quiz-infrastructure
$DEPLOY
CALLS
  assert_regex "$stderr" 'Infrastructure +[0-9]+ s   documented: 5-10 min'
  assert_regex "$stderr" "\\$ \(cd infrastructure && cdk deploy $STACK --context environment=staging --output [^ ]+ --require"
}

@test "lets alarm and dashboard watch a restored table that is in use, and shows that in the diff" {
  local table=live-quiz-staging-application-restored-20261128T201500Z
  everything_there
  running "definition.containerDefinitions[0].environment.find(({ name }) => name === 'APPLICATION_TABLE').value = '$table'"
  when 'cdk diff *' </dev/null
  deploy infrastructure.mts staging
  deploy diff.mts staging infrastructure
  run grep -oE "^cdk (deploy|diff) $STACK --context environment=staging --context restoredTable=$table " "$STATE/calls"
  assert_equal "$(wc -l <<<"$output")" 2
}

@test "refuses a load balancer that is not the one the stack was created with" {
  everything_there
  echo 'LOAD_BALANCER=private' >>"$PROJECT/env/.env.staging"
  deploy infrastructure.mts staging
  assert_refused 1 'staging was created with a public load balancer, and that cannot be changed' 'set LOAD_BALANCER=public in env/.env.staging'
  refute_regex "$(<"$STATE/calls")" 'cdk deploy'
}

@test "synthesizes into a directory of each run" {
  everything_there
  when 'cdk diff *' </dev/null
  deploy infrastructure.mts staging
  deploy diff.mts staging infrastructure
  run grep -oE '^cdk .* --output \.\./\.local/deployments/staging/runs/[0-9]+/cdk\.out' "$STATE/calls"
  assert_equal "$(sed 's/.* //' <<<"$output" | sort -u | wc -l)" 2
}

@test "asks for the lock again before the first creation and after it, and is in the ledger" {
  everything_there
  rm "$STATE/DescribeStacks.LiveQuizEventStack-staging.xml"
  fails 'aws dynamodb *' 254 <<<'An error occurred (ResourceNotFoundException) when calling the PutItem operation'
  local refusal=$STUB
  forget
  during 'cdk deploy *' "cp '$STATE/outputs.json' ../.local/deployments/staging/outputs.json; rm '$refusal'"
  deploy infrastructure.mts staging
  assert_equal "$status" 0
  run grep -cE 'dynamodb put-item .*"lock"' "$STATE/calls"
  assert_output 3
  run grep -c 'dynamodb delete-item' "$STATE/calls"
  assert_output 1
}

@test "a dry run shows the diff and the commands, and changes nothing" {
  everything_there
  when 'cdk diff *' <<<'[~] AWS::S3::Bucket SiteBucket'
  deploy infrastructure.mts staging --dry-run
  assert_equal "$status" 0
  assert_regex "$stderr" 'AWS::S3::Bucket SiteBucket'
  assert_regex "$stderr" "\\$ \(cd infrastructure && cdk deploy $STACK "
  refute_changes
}

@test "bootstraps an account and region that are not bootstrapped" {
  everything_there
  rm "$STATE/DescribeStacks.CDKToolkit.xml"
  fails 'aws ssm get-parameter *' 254 <<<'An error occurred (ParameterNotFound) when calling the GetParameter operation:'
  deploy infrastructure.mts staging
  assert_equal "$status" 0
  run grep -E '^(cdk|npm|aws ssm)' <(worked)
  assert_output "aws ssm get-parameter --name /cdk-bootstrap/hnb659fds/version
cdk bootstrap aws://123456789012/us-east-1
npm run build --workspace live-quiz-infrastructure
$DEPLOY"
}

@test "access replaces an administrator's bootstrap only with --force, and shows without it what would change" {
  everything_there
  setting PERMISSIONS_BOUNDARY live-quiz-boundary
  when 'cdk diff *' <<<'[+] AWS::IAM::Role Look'
  deploy access.mts staging
  assert_refused 1 'the bootstrap of this account deploys with AdministratorAccess' 'the same line with --force'
  deploy access.mts staging --dry-run
  assert_equal "$status" 0
  assert_regex "$stderr" 'warning: the bootstrap of this account deploys with AdministratorAccess'
  assert_regex "$stderr" 'AWS::IAM::Role Look'
  refute_changes
  deploy access.mts staging --force
  assert_equal "$status" 0
  assert_regex "$(<"$STATE/calls")" 'cdk bootstrap .*--cloudformation-execution-policies'
}

@test "does not bootstrap what was bootstrapped under another name" {
  everything_there
  rm "$STATE/DescribeStacks.CDKToolkit.xml"
  when 'aws ssm get-parameter *' <<<'{"Parameter": {"Value": "30"}}'
  deploy infrastructure.mts staging
  assert_equal "$status" 0
  refute_regex "$(<"$STATE/calls")" 'cdk bootstrap'
  assert_regex "$(<"$STATE/calls")" 'cdk deploy'
}

# cdk_fails <<<EVENTS: cdk deploy does, and these are the stack's events, newest first
cdk_fails() {
  printf '<StackEvents>%s</StackEvents>' "$(cat)" >"$STATE/DescribeStackEvents.$STACK.xml"
  forget
  fails 'cdk deploy *' 1 <<<'two hundred lines'
}

@test "names the resource that failed first, and the reason" {
  everything_there
  cdk_fails < <(
    event "$STACK" UPDATE_ROLLBACK_IN_PROGRESS 'The following resource(s) failed'
    event SiteBucket CREATE_FAILED 'Resource creation cancelled'
    event Table CREATE_FAILED 'Limit of tables reached'
    event "$STACK" UPDATE_IN_PROGRESS 'User Initiated'
    event Older CREATE_FAILED 'yesterday'
  )
  deploy infrastructure.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" "error: the stack $STACK failed: Table \(AWS::S3::Bucket\) CREATE_FAILED: Limit of tables reached"
  assert_regex "$stderr" 'remedy: fix that, then re-run the same command'
}

@test "names cdk when no one may read the events of the stack" {
  everything_there
  cdk_fails </dev/null
  echo 'not authorized to perform cloudformation:DescribeStackEvents' >"$STATE/DescribeStackEvents.denied"
  deploy infrastructure.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" "warning: what $STACK failed with is unknown: aws describe-stack-events: not authorized"
  assert_regex "$stderr" "error: cdk deploy $STACK exited with 1"
}

@test "says what an earlier stack may have kept when a new one finds its names taken" {
  everything_there
  stack ROLLBACK_COMPLETE
  cdk_fails < <(
    event LogGroup CREATE_FAILED 'The specified log group already exists'
    event "$STACK" CREATE_IN_PROGRESS 'User Initiated'
  )
  deploy infrastructure.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'remedy: a previous stack may have left it behind. List what is left: ./deploy/destroy.mts staging --dry-run. Keep it: docs/DISASTER_RECOVERY.md, "The stack". Or delete it: ./deploy/destroy.mts staging --data. Then re-run the same command'
  stack UPDATE_COMPLETE
  sed -i s/CREATE_IN_PROGRESS/UPDATE_IN_PROGRESS/ "$STATE/DescribeStackEvents.$STACK.xml"
  deploy infrastructure.mts staging
  assert_regex "$stderr" 'remedy: fix that, then re-run the same command'
}

@test "says the same when the names are found taken before the stack has an event" {
  everything_there
  stack REVIEW_IN_PROGRESS
  cdk_fails </dev/null
  deploy infrastructure.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" "error: cdk deploy $STACK exited with 1"
  assert_regex "$stderr" 'remedy: see its output above, .* If something exists already: a previous stack may have left it behind. List what is left: ./deploy/destroy.mts staging --dry-run'
}

@test "stops when the build fails" {
  everything_there
  fails 'npm run build *' 2 <<<'error TS2322'
  deploy infrastructure.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: npm run build exited with 2'
  assert_equal "$(worked | tail -1)" 'npm run build --workspace live-quiz-infrastructure'
}

@test "continues after a first creation that was rolled back" {
  everything_there
  stack ROLLBACK_COMPLETE
  deploy infrastructure.mts staging
  assert_equal "$status" 0
  assert_regex "$stderr" 'ROLLBACK_COMPLETE'
}

@test "refuses a protected stack in ROLLBACK_COMPLETE, with the way out" {
  everything_there
  stack ROLLBACK_COMPLETE
  sed -i 's#</StackStatus>#</StackStatus><EnableTerminationProtection>true</EnableTerminationProtection>#' "$STATE/DescribeStacks.$STACK.xml"
  deploy infrastructure.mts staging
  assert_refused 1 'ROLLBACK_COMPLETE' 'update-termination-protection --no-enable-termination-protection --stack-name LiveQuizEventStack-staging'
}

@test "refuses production a checkout in which someone has worked while it was asked for" {
  everything_there
  production
  first 'git rev-parse --short=7 HEAD' <<<'abc1234'
  when 'git rev-parse --short=7 HEAD' <<<'bbb2222'
  deploy infrastructure.mts production --yes
  assert_refused 1 'this checkout is bbb2222 by now, and was abc1234 when the run began' 're-run the same command'
}

@test "protects production from deletion once it was created" {
  everything_there
  production
  rm "$STATE/DescribeStacks.LiveQuizEventStack.xml"
  forget
  sed 's/-staging//' "$STATE/outputs.json" >"$STATE/outputs.production.json"
  during 'cdk deploy *' 'cp "$STATE/outputs.production.json" ../.local/deployments/production/outputs.json'
  deploy infrastructure.mts production --yes
  assert_equal "$status" 0
  run grep '^cdk deploy' <(worked)
  assert_output "cdk deploy LiveQuizEventStack --context environment=production --context unprotected=true --require-approval never --outputs-file ../.local/deployments/production/outputs.json
cdk deploy LiveQuizEventStack --context environment=production --require-approval never --outputs-file ../.local/deployments/production/outputs.json"
  # the creation took minutes
  run grep -oE '^(cdk deploy|aws dynamodb update-item)' "$STATE/calls"
  assert_output 'aws dynamodb update-item
cdk deploy
aws dynamodb update-item
cdk deploy'
}

@test "waits for an operation that is under way, and asks again where AWS is busy" {
  everything_there
  stack UPDATE_IN_PROGRESS
  stack_first
  stack_first 'Rate exceeded'
  stack_first
  stack UPDATE_COMPLETE
  deploy infrastructure.mts staging
  assert_equal "$status" 0
  assert_equal "$(grep -c 'warning: no answer, asking again: .*Rate exceeded' <<<"$stderr")" 1
  assert_regex "$stderr" 'is in UPDATE_IN_PROGRESS; waiting until that ends'
  assert_equal "$(grep -c "DescribeStacks $STACK" "$STATE/calls")" 4
  assert_equal "$(worked | tail -1)" "$DEPLOY"
}

@test "refuses cdk 3.x" {
  everything_there
  rm "$PROJECT/node_modules/aws-cdk"
  mkdir "$PROJECT/node_modules/aws-cdk"
  echo '{"version": "3.0.0"}' >"$PROJECT/node_modules/aws-cdk/package.json"
  deploy infrastructure.mts staging
  # the packages are those of every test of this file
  rm -r "$PROJECT/node_modules/aws-cdk"
  ln -s "$ROOT/node_modules/aws-cdk" "$PROJECT/node_modules"
  assert_refused 1 'cdk .* is 3.0.0' 'npm ci'
}

@test "exits 130 on Ctrl-C, and says that CloudFormation continues" {
  everything_there
  forget
  local described=$STATE/DescribeStacks.LiveQuizEventStack-staging.xml
  during 'cdk deploy *' 'cp "$STATE/busy.xml" '"'$described'"'; kill -INT "$(cat "$STATE/pid")"; sleep 30'
  cp "$described" "$STATE/usual.xml"
  stack UPDATE_IN_PROGRESS
  mv "$described" "$STATE/busy.xml"
  mv "$STATE/usual.xml" "$described"
  deploy infrastructure.mts staging
  assert_equal "$status" 130
  assert_regex "$stderr" 'CloudFormation continues: LiveQuizEventStack-staging is in UPDATE_IN_PROGRESS'
  refute_regex "$(worked)" 'DescribeStackEvents'
}
