#!/usr/bin/env bats
# The check: a tree of OK, FAIL and SKIP that changes nothing.
load helper

# tools, account and stack are good, and the service is as the files say
everything_there() {
  stack UPDATE_COMPLETE
  printf '<Stacks><member><StackName>CDKToolkit</StackName><StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-11-01T00:00:00Z</CreationTime><Outputs><member><OutputKey>BootstrapVersion</OutputKey><OutputValue>30</OutputValue></member></Outputs></member></Stacks>' \
    >"$STATE/DescribeStacks.CDKToolkit.xml"
  when 'aws --version' <<<'aws-cli/2.17.0 Python/3.11.9 Linux/6.1'
  fails 'aws ecs list-service-deployments' 252 <<<'aws: error: the following arguments are required: --service'
  fails 'aws logs tail' 252 <<<'aws: error: the following arguments are required: group_name'
  when 'aws dynamodb put-item --generate-cli-skeleton' <<<'{"ConditionExpression": ""}'
  when 'git --version' <<<'git version 2.39.5'
  ln -s "$ROOT/test/scripts/record" "$STATE/bin/cdk"
  when 'cdk --version' <<<'2.1148.1 (build 4f3efd4)'
  when 'docker version --format *Os*' <<<'linux/amd64'
  when 'skopeo copy --help' <<<'--preserve-digests'
  running ''
  protected ENABLED ENABLED
  when 'aws ecr describe-images *' <<<"{\"imageDetails\": [$(image old 1795000000 latest r2)]}"
  when 'aws ecr get-lifecycle-policy *' <<<"$(lifecycle '"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 200')"
  when 'aws dynamodb query *' <<<"{\"Items\": [$(record r2 deployed 11 old)]}"
  when 'aws dynamodb get-item *' </dev/null
  when 'aws secretsmanager describe-secret *' <<<'{"Name": "live-quiz-staging-admin"}'
  echo '<meta name="release" content="r2"><div id="root"></div>' >"$STATE/index.html"
}

# protected BACKUPS EXPIRY: of the table in use
protected() {
  when 'aws dynamodb describe-continuous-backups *' <<<"{\"ContinuousBackupsDescription\": {\"PointInTimeRecoveryDescription\": {\"PointInTimeRecoveryStatus\": \"$1\", \"EarliestRestorableDateTime\": 1795000000, \"LatestRestorableDateTime\": 1795000000}}}"
  when 'aws dynamodb describe-time-to-live *' <<<"{\"TimeToLiveDescription\": {\"TimeToLiveStatus\": \"$2\", \"AttributeName\": \"expiresAt\"}}"
}

# image DIGEST PUSHED TAG…
image() {
  local digest=$1 pushed=$2
  shift 2
  printf '{"imageDigest": "sha256:%s", "imagePushedAt": %d, "imageTags": [%s]}' "$digest" "$pushed" "$(printf '"%s",' "$@" | sed 's/,$//')"
}

# lifecycle SELECTION: the answer of get-lifecycle-policy with that one rule
lifecycle() {
  node -p 'JSON.stringify(JSON.stringify({ rules: [{ rulePriority: 1, selection: JSON.parse(`{${process.argv[1]}}`), action: { type: "expire" } }] }))' "$1"
}

# record RELEASE STATUS REVISION DIGEST: of a deployment of the backend and the site
record() {
  printf '{"id": {"S": "%s"}, "components": {"M": {"frontend": {"M": {"status": {"S": "%s"}, "seconds": {"N": "1"}, "release": {"S": "%s"}}}, "backend": {"M": {"status": {"S": "%s"}, "seconds": {"N": "1"}, "release": {"S": "%s"}, "digest": {"S": "sha256:%s"}, "taskDefinition": {"S": "arn:aws:ecs:us-east-1:123456789012:task-definition/websocket-task-staging:%s"}}}}}}' \
    "$1" "$2" "$1" "$2" "$1" "$4" "$3"
}

# assert_finding NAME STATUS DETAIL
assert_finding() { assert_regex "$output" "$1 +\\[$2\\] [^[]*$3"; }

@test "finds everything good, and changes nothing" {
  everything_there
  deploy check.mts staging
  assert_equal "$status" 0
  assert_equal "$(grep -E '\[(FAIL|SKIP)\]' <<<"$output")" ''
  assert_regex "$output" $'\n\n0 FAIL, [0-9]+ WARN$'
  assert_finding account OK 123456789012
  assert_finding stack OK 'LiveQuizEventStack-staging is in UPDATE_COMPLETE'
  assert_finding service OK 'websocket-task-staging:11 2/2 running'
  assert_finding ledger OK 'has websocket-task-staging:11'
  refute_changes
}

@test "asks an aws once what it can do, and another one again" {
  everything_there
  deploy check.mts staging
  deploy check.mts staging
  assert_equal "$status" 0
  assert_equal "$(grep -c '^aws logs tail$' "$STATE/calls")" 1
  rm "$STATE/bin/aws"
  cp "$ROOT/test/scripts/record" "$STATE/bin/aws"
  fails 'aws logs tail' 252 <<<'aws: error: argument operation: Invalid choice, valid choices are:'
  deploy check.mts staging
  assert_finding 'logs tail' SKIP 'this aws does not have it'
  # a shim stays, whatever is behind it
  mkdir "$STATE/shims"
  mv "$STATE/bin/aws" "$STATE/shims"
  ln -s "$STATE/shims/aws" "$STATE/bin"
  deploy check.mts staging
  deploy check.mts staging
  assert_equal "$(grep -c '^aws logs tail$' "$STATE/calls")" 4
}

@test "shows a home that cannot be written" {
  everything_there
  # nobody can make a directory there, not even root
  ENVIRONMENT=(HOME=/dev/null/home TMPDIR=/dev/null/home)
  during 'aws --version' 'printf "%s" "${TMPDIR-none}" >"$STATE/seen"'
  deploy check.mts staging
  assert_finding home SKIP '/dev/null/home cannot be written'
  # and does without a TMPDIR
  assert_equal "$(<"$STATE/seen")" none
}

@test "needs nothing that it can write" {
  everything_there
  mkdir -p "$PROJECT/.local/aws.json"
  deploy check.mts staging
  assert_equal "$status" 0
}

@test "ends with one line at Ctrl-C, whatever was being asked" {
  everything_there
  interrupted 'cdk --version'
  deploy check.mts staging
  assert_equal "$status" 130
  refute_regex "$stderr" $'\n    at '
}

@test "asks each thing once" {
  everything_there
  deploy check.mts staging
  run sort "$STATE/calls"
  assert_output "aws --version
aws dynamodb describe-continuous-backups --table-name live-quiz-staging
aws dynamodb describe-time-to-live --table-name live-quiz-staging
aws dynamodb get-item --table-name live-quiz-staging-ledger --key '{\"pk\":{\"S\":\"lock\"},\"sk\":{\"S\":\"deployment\"}}' --consistent-read
aws dynamodb put-item --generate-cli-skeleton
aws dynamodb query --table-name live-quiz-staging-ledger --key-condition-expression 'pk = :pk' --expression-attribute-values '{\":pk\":{\"S\":\"release\"}}' --no-scan-index-forward --consistent-read
aws ecr describe-image-scan-findings --repository-name live-quiz-backend-staging --image-id imageDigest=sha256:old --max-items 1
aws ecr describe-images --repository-name live-quiz-backend-staging
aws ecr get-lifecycle-policy --repository-name live-quiz-backend-staging --query lifecyclePolicyText
aws ecs describe-services --cluster live-quiz-cluster-staging --services websocket-service
aws ecs describe-task-definition --task-definition $RUNNING
aws ecs list-service-deployments
aws logs tail
aws secretsmanager describe-secret --secret-id arn:aws:secretsmanager:us-east-1:123456789012:secret:live-quiz-staging-admin
aws sts get-caller-identity
cdk --version
docker version --format '{{.Server.Os}}/{{.Server.Arch}}'
docker version --format '{{.Server.Version}} {{.Server.Arch}}'
git --version
git rev-parse --short=7 HEAD
git status --porcelain -z --untracked-files=normal --ignored=matching
sdk cloudformation DescribeStacks CDKToolkit
sdk cloudformation DescribeStacks LiveQuizEventStack-staging
skopeo copy --help"
}

@test "answers data on request, and nothing else on stdout" {
  everything_there
  deploy check.mts staging --json
  assert_equal "$status" 0
  assert_equal "$(node -p 'const r = JSON.parse(require("fs").readFileSync(0)); [r.environment, r.ok, r.Tools[0].name, r.Live.every(({ status }) => status === "OK")].join()' <<<"$output")" staging,true,node,true
}

@test "names everything that is bad, each with its remedy, and exits 1" {
  everything_there
  fails 'docker version *' 1 <<<'Cannot connect to the Docker daemon'
  when 'cdk --version' <<<'3.0.0 (build 4f3efd4)'
  stack UPDATE_ROLLBACK_FAILED
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding 'Docker engine' FAIL 'no Docker engine answers: Cannot connect'
  assert_finding platform SKIP 'no Docker engine answers'
  assert_finding 'cdk on the PATH' FAIL '.* 3\.0\.0'
  assert_regex "$output" 'npm install --global aws-cdk@2\.1148\.1'
  assert_regex "$output" './deploy/rollback-infrastructure.mts staging undoes that'
}

@test "says what the installed aws lacks, and works without it" {
  everything_there
  fails 'aws ecs list-service-deployments' 252 <<<'aws: error: argument operation: Invalid choice, valid choices are:'
  fails 'aws logs tail' 252 <<<"aws: error: argument operation: Found invalid choice 'tail'"
  deploy check.mts staging
  assert_equal "$status" 0
  assert_finding 'service deployments' SKIP 'this aws does not know the API'
  assert_finding 'logs tail' SKIP 'make logs shows the same'
  when 'skopeo copy --help' </dev/null
  deploy check.mts staging
  assert_equal "$status" 0
  assert_finding skopeo SKIP 'this skopeo is too old .*; only promote needs it: apt-get install'
}

@test "reports that aws, git or Docker is not installed" {
  everything_there
  rm "$STATE/bin/aws" "$STATE/bin/git" "$STATE/bin/docker"
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding aws FAIL 'aws is not on the PATH'
  assert_finding git FAIL 'git is not on the PATH'
  assert_finding checkout FAIL 'git is not on the PATH'
  assert_finding 'Docker engine' FAIL 'docker is not on the PATH'
  assert_finding credentials FAIL 'aws is not on the PATH'
  assert_finding service SKIP 'not checked without credentials'
}

@test "reports what the shell brings that would stop a deployment" {
  everything_there
  ENVIRONMENT=(AWS_PROFILE=other https_proxy=http://ana:verysecret@proxy:port AWS_CA_BUNDLE=/nowhere.pem)
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding shell FAIL 'AWS_PROFILE .other. and AWS_ACCESS_KEY_ID are both set'
  assert_finding credentials SKIP 'not checked'
  assert_finding proxy FAIL 'the proxy for https is not a URL: http://proxy:port'
  assert_finding certificates FAIL 'AWS_CA_BUNDLE names a file that cannot be read: /nowhere.pem'
  refute_regex "$output$stderr" verysecret
}

@test "tries git for real: it may be there, and refuse this checkout" {
  everything_there
  fails 'git rev-parse *' 128 <<<"fatal: detected dubious ownership in repository at '/x'"
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding git OK 2.39.5
  assert_finding checkout FAIL 'this checkout belongs to another user'
  assert_regex "$output" 'git config --global --add safe.directory'
}

@test "on the AWS of this machine, tries whether aws goes where AWS_ENDPOINT_URL leads" {
  everything_there
  ENVIRONMENT=(AWS_ENDPOINT_URL="http://127.0.0.1:$PORT")
  when 'aws sts get-caller-identity' <<<'{"Account": "000000000000", "Arn": "arn:aws:iam::000000000000:root"}'
  deploy check.mts staging
  assert_finding aws FAIL 'ignores AWS_ENDPOINT_URL'
  during 'aws sts get-caller-identity' '[ $AWS_ENDPOINT_URL = http://127.0.0.1:1 ] || { echo "{\"Account\": \"000000000000\", \"Arn\": \"arn:aws:iam::000000000000:root\"}"; exit 0; }; echo "Could not connect to the endpoint URL: \"$AWS_ENDPOINT_URL/\"" >&2; exit 255'
  deploy check.mts staging
  assert_finding aws OK aws-cli
  assert_finding account OK 000000000000
}

@test "reports an engine that cannot build for the platform of the tasks" {
  everything_there
  when 'docker version --format *Os*' <<<'linux/arm64'
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding platform FAIL 'the tasks run on linux/amd64, and the engine builds only for linux/arm64'
  assert_regex "$output" 'binfmt --install amd64'
  when 'docker buildx inspect' <<<$'Name: default\nPlatforms: linux/arm64, linux/amd64, linux/386'
  deploy check.mts staging
  assert_equal "$status" 0
  assert_finding platform OK 'linux/amd64, emulated on linux/arm64'
}

@test "warns of a bootstrap that is too old to undo a stack that stays half-way" {
  everything_there
  sed -i 's/<OutputValue>30</<OutputValue>21</' "$STATE/DescribeStacks.CDKToolkit.xml"
  deploy check.mts staging
  assert_finding bootstrap WARN 'version 21: .*; cdk rollback needs 23'
  assert_regex "$output" 'an administrator runs npx cdk bootstrap aws://123456789012/us-east-1 once'
}

@test "warns that the CDN has no alarms outside us-east-1" {
  everything_there
  deploy check.mts staging
  refute_regex "$output" 'alarms of the CDN'
  setting AWS_REGION eu-west-1
  deploy check.mts staging
  assert_finding 'alarms of the CDN' WARN 'there are none in eu-west-1'
}

@test "fails where the bootstrap has not the limits of make access" {
  everything_there
  setting PERMISSIONS_BOUNDARY live-quiz-boundary
  local parameter='<member><ParameterKey>%s</ParameterKey><ParameterValue>%s</ParameterValue></member>' parameters
  # shellcheck disable=SC2059
  parameters=$(printf "$parameter" CloudFormationExecutionPolicies arn:aws:iam::123456789012:policy/live-quiz-cloudformation InputPermissionsBoundary live-quiz-cloudformation)
  sed -i "s#<Outputs>#<Parameters>$parameters</Parameters>&#" "$STATE/DescribeStacks.CDKToolkit.xml"
  deploy check.mts staging
  assert_finding bootstrap OK 'version 30'
  sed -i 's#<ParameterValue>live-quiz-cloudformation<#<ParameterValue><#' "$STATE/DescribeStacks.CDKToolkit.xml"
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding bootstrap FAIL 'live-quiz-cloudformation, bounded by nothing, and not'
  assert_regex "$output" 'an administrator runs \./deploy/access\.mts staging once'
  # as the first deployment left it: access replaces other policies only with --force
  sed -i 's#<ParameterValue>arn:[^<]*#<ParameterValue>arn:aws:iam::aws:policy/AdministratorAccess#' "$STATE/DescribeStacks.CDKToolkit.xml"
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding bootstrap FAIL 'deploys with arn:aws:iam::aws:policy/AdministratorAccess, bounded by nothing'
  assert_regex "$output" 'only cdk app of the account, an administrator runs \./deploy/access\.mts staging --force once'
  # no reason to stop a pipeline
  deploy check.mts staging before
  assert_equal "$status" 0
  assert_finding bootstrap WARN 'deploys with arn:aws:iam::aws:policy/AdministratorAccess'
}

@test "skips what is not there yet, with the reason" {
  everything_there
  rm "$STATE"/DescribeStacks.*.xml
  fails 'aws ssm get-parameter *' 254 <<<'An error occurred (ParameterNotFound)'
  setting AWS_ACCOUNT_ID ''
  deploy check.mts staging
  assert_equal "$status" 0
  assert_finding account SKIP '123456789012; the first deployment asks'
  assert_finding bootstrap SKIP 'not yet'
  assert_finding stack SKIP 'LiveQuizEventStack-staging is not deployed yet'
  assert_finding service SKIP 'there is no stack'
  refute_regex "$(<"$STATE/calls")" 'aws (ecr|dynamodb query|secretsmanager)'
}

@test "skips what only a deployed backend has, when there is no more than the stack" {
  everything_there
  when 'aws ecs describe-services *' <<<'{"services": []}'
  fails 'aws ecr *' 254 <<<'An error occurred (RepositoryNotFoundException) when calling the DescribeImages operation'
  when 'aws dynamodb query *' <<<'{"Items": []}'
  rm "$STATE/index.html"
  deploy check.mts staging
  assert_equal "$status" 0
  assert_finding stack OK 'is in UPDATE_COMPLETE'
  assert_finding 'admin secret' OK 'live-quiz-staging-admin exists'
  assert_finding service SKIP 'the backend stage creates it'
  assert_finding latest SKIP 'no service runs yet'
  assert_finding images SKIP 'no release yet'
  assert_finding site SKIP 'no site yet'
}

@test "asks nothing of AWS without credentials" {
  everything_there
  fails 'aws sts *' 253 <<<'Unable to locate credentials'
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding credentials FAIL '.*Unable to locate credentials'
  assert_finding stack SKIP 'not checked'
  refute_regex "$(<"$STATE/calls")" sdk
}

@test "calls no stack missing that it could not read" {
  everything_there
  ENVIRONMENT=(AWS_ENDPOINT_URL_CLOUDFORMATION=http://127.0.0.1:1)
  deploy check.mts staging drift
  assert_equal "$status" 1
  assert_finding stack FAIL '.*127.0.0.1:1'
  assert_finding service SKIP 'not checked: the stack could not be read'
  assert_finding 'stack drift' SKIP 'not checked: the stack could not be read'
}

@test "looks into no account but the environment's own" {
  everything_there
  when 'aws sts get-caller-identity' <<<'{"Account": "999999999999", "Arn": "arn:aws:iam::999999999999:user/eve"}'
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding account FAIL 'these credentials are for account 999999999999'
  assert_finding service SKIP 'not checked in another account'
  refute_regex "$(<"$STATE/calls")" 'sdk|aws (ecr|ecs describe)'
}

@test "reports a malformed setting" {
  everything_there
  setting TASK_COUNT many
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding 'env/.env.staging' FAIL '.*TASK_COUNT is "many"'
  assert_finding credentials SKIP 'not checked without settings'
}

@test "reports settings that do not go together, and what must change" {
  everything_there
  setting HEARTBEAT_SECONDS 60
  setting STOP_TIMEOUT_SECONDS 9
  setting HEALTH_CHECK_INTERVAL_SECONDS 30
  setting ROLLOUT_TIMEOUT_SECONDS 100
  setting TASK_COUNT 0
  setting MAX_PLAYERS 20000
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding heartbeat FAIL 'a ping every 60 s'
  assert_finding 'stop timeout' FAIL 'killed 9 s after SIGTERM'
  assert_finding 'health check grace' FAIL '30 s, and 2 health checks take 60 s'
  assert_finding 'wait budget' FAIL '100 s, and a good rollout takes up to 339 s'
  assert_finding 'task count' FAIL TASK_COUNT=0
  assert_finding capacity FAIL 'an event may have 20000 players, and 0 × 512 CPU units carry about 0'
}

@test "reports what the scan of the running image found, and that there was none" {
  everything_there
  deploy check.mts staging
  assert_finding 'image scan' OK '0 critical and 1 high findings'
  when 'aws ecr describe-image-scan-findings *' <<<'{"imageScanStatus": {"status": "COMPLETE"}, "imageScanFindings": {"findingSeverityCounts": {"CRITICAL": 2}}}'
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding 'image scan' FAIL '2 critical and 0 high findings in the running image'
  when 'aws ecr describe-image-scan-findings *' <<<'{"imageScanStatus": {"status": "FAILED", "description": "UnsupportedImageError"}}'
  deploy check.mts staging
  assert_finding 'image scan' SKIP 'FAILED: UnsupportedImageError'
  fails 'aws ecr describe-image-scan-findings *' 254 <<<'An error occurred (ScanNotFoundException)'
  deploy check.mts staging
  assert_finding 'image scan' SKIP 'it was not scanned'
}

BY_HAND='docs/RUNBOOK.md, "Changed by hand"'

@test "reports alarms that nobody gets: no recipient in production, one that has not confirmed, none any more" {
  everything_there
  setting ALERT_EMAIL oncall@example.com
  local topic=arn:aws:sns:us-east-1:123456789012:live-quiz-staging-alarms
  when "aws sns list-subscriptions-by-topic --topic-arn $topic" \
    <<<"{\"Subscriptions\": [{\"Endpoint\": \"oncall@example.com\", \"SubscriptionArn\": \"$topic:1\"}]}"
  deploy check.mts staging
  assert_equal "$status" 0
  assert_finding 'alarm subscription' OK 'oncall@example.com has confirmed'
  when "aws sns list-subscriptions-by-topic --topic-arn $topic" \
    <<<'{"Subscriptions": [{"Endpoint": "oncall@example.com", "SubscriptionArn": "PendingConfirmation"}]}'
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding 'alarm subscription' FAIL 'oncall@example.com has not confirmed'
  assert_regex "$output" "aws sns subscribe --topic-arn $topic --protocol email --notification-endpoint oncall@example.com"
  when "aws sns list-subscriptions-by-topic --topic-arn $topic" <<<'{"Subscriptions": []}'
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding 'alarm subscription' FAIL 'oncall@example.com is not subscribed'
  assert_regex "$output" "./deploy/infrastructure.mts staging; where that changes nothing: aws sns subscribe --topic-arn $topic --protocol email --notification-endpoint oncall@example.com"
  fails "aws sns list-subscriptions-by-topic --topic-arn $topic" 254 <<<'An error occurred (NotFoundException) when calling the ListSubscriptionsByTopic operation'
  deploy check.mts staging
  assert_finding 'alarm subscription' FAIL "there is no topic $topic"
  assert_regex "$output" "where that changes nothing: $BY_HAND"
  production
  deploy check.mts production
  assert_finding 'alert email' FAIL 'the alarms of production notify no one'
  deploy check.mts production before
  refute_regex "$output" 'alert email'
}

@test "finds a secret in any file of env/, and does not show it" {
  everything_there
  printf '# SLACK=https://hooks.slack.com/services/T0/B0/verysecret\n' >>"$PROJECT/env/.env.production"
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding 'secrets in env/' FAIL 'env/.env.production:[0-9]+ looks like a Slack webhook or token'
  refute_regex "$output$stderr" verysecret
}

@test "reports a service that was changed by hand, and the difference" {
  everything_there
  running "service.healthCheckGracePeriodSeconds = 5; service.networkConfiguration.awsvpcConfiguration.securityGroups = ['sg-9']"
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding 'service settings' FAIL 'healthCheckGracePeriodSeconds: 5 → 30'
  assert_finding 'stack in use' FAIL '.*securityGroups.0: sg-9 → sg-1'
  assert_equal "$(grep -c '\[FAIL\]' <<<"$output")" 2
  assert_regex "$output" './deploy/backend.mts staging --redeploy'
}

@test "after update-service by hand, reports the difference and nothing else" {
  everything_there
  when 'aws dynamodb query *' <<<"{\"Items\": [$(record r2 deployed 12 new), $(record r1 deployed 11 old)]}"
  when 'aws ecr describe-images *' <<<"{\"imageDetails\": [$(image old 1795000000 r1), $(image new 1795000001 latest r2)]}"
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding latest FAIL 'latest is sha256:new, but sha256:old runs'
  assert_finding ledger FAIL 'websocket-task-staging:11 runs, but the ledger says that websocket-task-staging:12'
  assert_equal "$(grep -c '\[FAIL\]' <<<"$output")" 2
}

@test "asks CloudFormation what was changed by hand only where that is asked for, and shows no secret" {
  everything_there
  # an answer of another time, of a resource that is not asked about
  local stack=LiveQuizEventStack-staging old='<PropertyDifferences><member><PropertyPath>/Origins</PropertyPath><ExpectedValue>{{resolve}}</ExpectedValue><ActualValue>verysecret</ActualValue></member></PropertyDifferences>'
  summary() { printf '<member><LogicalResourceId>%s</LogicalResourceId><ResourceType>AWS::%s</ResourceType></member>' "$@"; }
  drift() { printf '<member><LogicalResourceId>%s</LogicalResourceId><ResourceType>AWS::%s</ResourceType><StackResourceDriftStatus>%s</StackResourceDriftStatus>%s</member>' "$@"; }
  printf '<StackResourceSummaries>%s</StackResourceSummaries>' "$(summary LogGroup Logs::LogGroup Distribution CloudFront::Distribution)" >"$STATE/ListStackResources.$stack.xml"
  echo '<StackDriftDetectionId>d1</StackDriftDetectionId>' >"$STATE/DetectStackDrift.$stack.xml"
  echo '<DetectionStatus>DETECTION_COMPLETE</DetectionStatus>' >"$STATE/DescribeStackDriftDetectionStatus..xml"
  drifts() { printf '<StackResourceDrifts>%s</StackResourceDrifts>' "$(drift LogGroup Logs::LogGroup "$1" "${2-}" Distribution CloudFront::Distribution MODIFIED "$old")" >"$STATE/DescribeStackResourceDrifts.$stack.xml"; }

  drifts IN_SYNC
  deploy check.mts staging
  refute_regex "$output$(<"$STATE/calls")" 'drift|Drift'
  deploy check.mts staging drift
  assert_equal "$status" 0
  assert_finding 'stack drift' OK '1 resources are as the template says; not compared: .*AWS::CloudFront::Distribution'
  drifts MODIFIED '<PropertyDifferences><member><PropertyPath>/RetentionInDays</PropertyPath><ExpectedValue>30</ExpectedValue><ActualValue>1</ActualValue></member></PropertyDifferences>'
  deploy check.mts staging drift
  assert_equal "$status" 1
  assert_finding 'stack drift' FAIL 'LogGroup .*has RetentionInDays 1, the template says 30'
  assert_regex "$output" "aws cloudformation describe-stack-resource-drifts --stack-name $stack "
  refute_regex "$output" verysecret
  rm "$STATE/DetectStackDrift.$stack.xml"
  deploy check.mts staging drift
  assert_equal "$status" 0
  assert_finding 'stack drift' WARN 'not known: .*detect-stack-drift'
}

@test "reports a ledger that is gone, and the lock with it" {
  everything_there
  fails 'aws dynamodb *' 254 <<<'An error occurred (ResourceNotFoundException) when calling the Query operation'
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding 'deploy lock' FAIL 'the table live-quiz-staging-ledger is gone'
}

@test "reports a deregistered revision that runs, and how to register it again" {
  everything_there
  running "definition.status = 'INACTIVE'"
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding service FAIL 'websocket-task-staging:11 was deregistered'
  assert_equal "$(grep -c '\[FAIL\]' <<<"$output")" 1
  assert_regex "$output" './deploy/backend.mts staging --redeploy'
}

@test "after make scale there is no drift" {
  everything_there
  running 'service.desiredCount = 5; service.deployments[0].desiredCount = 5; service.deployments[0].runningCount = 5'
  deploy check.mts staging
  assert_equal "$status" 0
  assert_finding service OK '5/5 running'
}

@test "a setting that waits for the next deployment is no drift" {
  everything_there
  setting LOG_LEVEL debug
  deploy check.mts staging
  assert_equal "$status" 0
  assert_finding 'task definition' OK 'the next deployment changes .*LOG_LEVEL: info → debug'
  when 'aws dynamodb query *' <<<"{\"Items\": [$(record r1 deployed 10 old)]}"
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding 'task definition' FAIL '.*LOG_LEVEL: info → debug'
}

@test "compares nothing while someone deploys, and says who" {
  everything_there
  when 'aws ecr describe-images *' <<<"{\"imageDetails\": [$(image old 1795000000 r2), $(image new 1795000001 latest)]}"
  when 'aws dynamodb get-item *' <<<"$(answer lock)"
  deploy check.mts staging
  assert_equal "$status" 0
  assert_finding 'deploy lock' SKIP 'under way: bob on laptop'
  assert_finding latest SKIP 'not compared during a deployment'
}

@test "reports the lock of a dead deployment, and how to break it" {
  everything_there
  when 'aws dynamodb get-item *' <<<"$(answer lock SINCE=2025-11-23T10:00:00Z EXPIRY=2025-11-23T10:02:00Z)"
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding 'deploy lock' FAIL 'a deployment died and left its lock: bob'
  assert_regex "$output" './deploy/unlock.mts staging'
}

@test "reports a missing image of a kept release, and one that will expire" {
  everything_there
  when 'aws dynamodb query *' <<<"{\"Items\": [$(record r2 deployed 11 old), $(record r1 deployed 10 older), $(record r0 deployed 9 oldest), $(record rx failed 8 bad)]}"
  when 'aws ecr describe-images *' <<<"{\"imageDetails\": [$(image older 1794000000 r1), $(image old 1795000000 r2 latest)]}"
  when 'aws ecr get-lifecycle-policy *' <<<"$(lifecycle '"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 2')"
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding images FAIL 'the image of r0 \(sha256:oldest\) is gone; a lifecycle rule expires the image of r1 \(sha256:older\)'
  refute_regex "$output" rx
}

@test "reports a failed rollout, and missing tasks" {
  everything_there
  running "Object.assign(service.deployments[0], { rolloutState: 'FAILED', rolloutStateReason: 'circuit breaker' })"
  deploy check.mts staging
  assert_finding service FAIL 'the rollout failed: circuit breaker'
  running 'service.deployments[0].runningCount = 1'
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding service FAIL 'websocket-task-staging:11 1/2 running'
}

@test "reports an admin secret that is missing, or will be deleted" {
  everything_there
  fails 'aws secretsmanager describe-secret *' 254 <<<'An error occurred (ResourceNotFoundException) when calling the DescribeSecret operation'
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding 'admin secret' FAIL 'there is none: arn:aws:secretsmanager'
  assert_regex "$output" "where that changes nothing: $BY_HAND"
  when 'aws secretsmanager describe-secret *' <<<'{"Name": "live-quiz-staging-admin", "DeletedDate": 1795000000}'
  deploy check.mts staging
  assert_finding 'admin secret' FAIL 'live-quiz-staging-admin is about to be deleted'
}

@test "reports an application table that the tasks cannot read" {
  everything_there
  echo 503 >"$STATE/live-status"
  echo '{"error":{"code":"unavailable"}}' >"$STATE/live-counts"
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding 'application table' FAIL 'the tasks cannot read .*: /api/live answers 503'
  echo '<h1>503 Service Temporarily Unavailable</h1>' >"$STATE/live-counts"
  deploy check.mts staging
  assert_finding 'application table' FAIL 'no task says whether it can read .*: /api/live answers 503'
  assert_regex "$output" './deploy/logs.mts staging --no-follow'
}

@test "reports a table in use that is not protected, or not watched, and what to type" {
  local table=live-quiz-staging-application-restored-20261128T201500Z
  everything_there
  protected DISABLED ENABLED
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding 'application table' FAIL 'point-in-time recovery is off for live-quiz-staging'
  assert_regex "$output" 'aws dynamodb update-continuous-backups --table-name live-quiz-staging '
  protected ENABLED DISABLED
  deploy check.mts staging
  assert_finding 'application table' FAIL 'nothing expires in live-quiz-staging'
  assert_regex "$output" 'aws dynamodb update-time-to-live --table-name live-quiz-staging '
  protected ENABLED ENABLED
  running "definition.containerDefinitions[0].environment.find(({ name }) => name === 'APPLICATION_TABLE').value = '$table'"
  deploy check.mts staging
  assert_finding 'application table' FAIL "alarm and dashboard watch live-quiz-staging, and the tasks use $table"
  assert_regex "$output" './deploy/infrastructure.mts staging'
  watches "$table"
  deploy check.mts staging
  assert_equal "$status" 0
  assert_finding 'application table' OK "$table, restored"
}

@test "reports a load balancer that lets requests past the CDN" {
  everything_there
  touch "$STATE/open-load-balancer"
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding 'load balancer' FAIL "http://localhost:$PORT/api/live answers 200: requests get past the CDN"
  assert_regex "$output" "./deploy/infrastructure.mts staging; where that changes nothing: $BY_HAND"
}

@test "reports a load balancer that is not what the settings say, and asks a private one nothing" {
  everything_there
  private_load_balancer
  deploy check.mts staging
  assert_finding 'load balancer' OK 'has no public address'
  sed -i '/^LOAD_BALANCER=/d' "$PROJECT/env/.env.staging"
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding 'load balancer' FAIL 'LOAD_BALANCER=public, but staging was created with a private load balancer'
}

# own_domain: the settings and the stack have one, which is the endpoint, too
own_domain() {
  local arn=arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012
  printf 'SITE_DOMAIN=quiz.example.com\nSITE_CERTIFICATE_ARN=%s\n' "$arn" >>"$PROJECT/env/.env.staging"
  sed -i "s#<Outputs>#<Outputs><member><OutputKey>SiteDomainName</OutputKey><OutputValue>$1</OutputValue></member>#" \
    "$STATE/DescribeStacks.LiveQuizEventStack-staging.xml"
  when 'aws acm describe-certificate *' <<<'{"Certificate": {"Status": "ISSUED", "SubjectAlternativeNames": ["quiz.example.com"], "NotAfter": 4000000000}}'
}

@test "looks at the DNS and the certificate of the site's domain" {
  everything_there
  own_domain quiz.example.com
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding certificate OK 'issued for quiz.example.com'
  assert_finding 'site domain' FAIL 'http://quiz.example.com:'
  assert_regex "$output" "its DNS needs: quiz.example.com CNAME 127.0.0.1:$PORT"
  fails 'aws acm describe-certificate *' 254 <<<'An error occurred (ResourceNotFoundException) when calling the DescribeCertificate operation'
  deploy check.mts staging
  assert_finding certificate FAIL 'there is none: arn:aws:acm:us-east-1'
}

@test "reports a domain that the stack does not have yet" {
  everything_there
  own_domain other.example.com
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding 'site domain' FAIL 'the site has other.example.com, and SITE_DOMAIN says quiz.example.com'
}

@test "reports what runs and was not verified as that, with the command that verifies it" {
  everything_there
  local last
  last=$(record r1 'not verified' 11 old | sed 's/"id"/"verdict": {"S": "not verified"}, "command": {"S": "make deploy-staging"}, &/')
  when 'aws dynamodb query *' <<<"{\"Items\": [$last, $(record r2 deployed 10 old)]}"
  echo '<meta name="release" content="r1">' >"$STATE/index.html"
  deploy check.mts staging
  assert_finding ledger WARN 'release r1 runs, and was not verified: its run ended as "not verified"'
  assert_finding site WARN 'release r1 runs, and was not verified'
  assert_regex "$output" 'make deploy-staging verifies it'
}

@test "reports a site whose release is not the one in the ledger, or no site" {
  everything_there
  echo '<meta name="release" content="r1">' >"$STATE/index.html"
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding site FAIL '.* serves r1, but the ledger says that r2 was deployed last'
}

@test "reports what it cannot read, and the other findings too" {
  everything_there
  fails 'aws ecr *' 254 <<<'An error occurred (AccessDeniedException): not authorized to perform: ecr:DescribeImages'
  fails 'aws dynamodb query *' 255 <<<'Could not connect to the endpoint URL: "https://dynamodb.us-east-1.amazonaws.com/"'
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding latest FAIL 'aws ecr describe-images: .*AccessDenied'
  assert_finding ledger FAIL 'aws dynamodb query: Could not connect'
  assert_finding service OK '2/2 running'
  assert_finding 'admin secret' OK 'exists'
  refute_regex "$stderr" $'\n    at '
}

@test "refuses an environment that there is not, before any call" {
  local odd
  for odd in prod 'staging ' '$HOME' "'staging'" staging,local ''; do
    deploy check.mts "$odd"
    assert_refused 2 'unknown environment: ' 'development, staging, production, local'
  done
  deploy check.mts
  assert_refused 2 'no environment was given' 'development, staging, production, local'
  assert_equal "$(<"$STATE/calls")" ''
}

@test "before a deployment, an output that only a newer stack has is no fault" {
  everything_there
  sed -i 's/LedgerTableName/OlderName/' "$STATE/DescribeStacks.LiveQuizEventStack-staging.xml"
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding stack FAIL 'has no output LedgerTableName'
  deploy check.mts staging before
  assert_equal "$status" 0
  assert_finding stack SKIP 'the infrastructure stage adds it'
  run grep -x Live <<<"$output"
  assert_failure
  setting TASK_CPU many
  deploy check.mts staging before
  assert_equal "$status" 1
}

@test "before a deployment, what a cancelled run left behind is no fault" {
  everything_there
  when 'aws dynamodb query *' <<<"{\"Items\": [$(record r1 deployed 9 old)]}"
  deploy check.mts staging
  assert_equal "$status" 1
  assert_finding ledger FAIL 'websocket-task-staging:11 runs, but the ledger'
  deploy check.mts staging before
  assert_equal "$status" 0
}

@test "refuses a part that there is not" {
  deploy check.mts staging after
  assert_refused 2 'unknown part: after' 'give before, drift or none'
}
