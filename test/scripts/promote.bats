#!/usr/bin/env bats
# make promote, command line by command line: what development runs, to staging.
load helper

HOST=123456789012.dkr.ecr.us-east-1.amazonaws.com
FROM=$HOST/live-quiz-backend-development
TO=$HOST/live-quiz-backend-staging
FAMILY=arn:aws:ecs:us-east-1:123456789012:task-definition/websocket-task
PROVEN=$FAMILY-development:7
OLD=$FAMILY-staging:11
NEW=$FAMILY-staging:12
IMAGE=20261102T000000Z-aaaaaaa
SITE=20261103T000000Z-bbbbbbb
LIVE=20261101T000000Z-ccccccc
LOGIN=.local/deployments/staging/runs/RUN/registry/auth.json
MANIFESTS='application/vnd.docker.distribution.manifest.v2+json application/vnd.oci.image.manifest.v1+json'

# service TASK_DEFINITION [ROLLOUT_STATE]
service() { answer service REVISION="$1" STATE="${2-COMPLETED}"; }

# task ENVIRONMENT NUMBER IMAGE RELEASE
task() { answer task-definition FAMILY="websocket-task-$1" NUMBER="$2" IMAGE="$3" RELEASE="$4"; }

# record ID [STATUS [DIGEST [SITE]]]: of development's ledger
record() {
  local component='{"M": {"status": {"S": "%s"}, "seconds": {"N": "1"}, "digest": {"S": "%s"}, "taskDefinition": {"S": "%s"}, "release": {"S": "%s"}}}' backend frontend
  # shellcheck disable=SC2059 # the formats are above
  backend=$(printf "$component" "${2-deployed}" "${3-sha256:proven}" "$PROVEN" "$IMAGE")
  # shellcheck disable=SC2059
  frontend=$(printf "$component" "${2-deployed}" '' '' "${4-$SITE}")
  printf '{"id": {"S": "%s"}, "sha": {"S": "bbbbbbb000000000"}, "dirty": {"BOOL": false}, "startedAt": {"S": "2026-11-03T00:00:00Z"}, "verdict": {"S": "%s"}, "components": {"M": {"backend": %s, "frontend": %s}}}' \
    "$1" "${2-deployed}" "$backend" "$frontend"
}

ledger() {
  local IFS=,
  when 'aws dynamodb query --table-name live-quiz-development-ledger *' <<<"{\"Items\": [$*]}"
}

# file NAME CONTENT: of a built site
file() { printf '%s' "$2" >"$PROJECT/frontend/dist/$1"; }

sites() {
  mkdir -p "$PROJECT/frontend/dist/assets"
  file assets/index-a1b2c3d4.js script
  file index.html '<meta name="release" content="">old'
  live "$LIVE"
  cp "$STATE/objects.json" "$STATE/objects-of-site.json"
  file assets/index-b2c3d4e5.js 'other script'
  file assets/index-b2c3d4e5.js.map map
  file favicon.svg icon
  file index.html '<meta name="release" content="">new'
  live "$SITE" source-bucket source
  # what the CDN serves once the release is swapped in
  cp "$STATE/source/index.html" "$PROJECT/frontend/dist"
}

# development runs what was proven there; staging runs release 11, and the next one comes up
everything_there() {
  stack UPDATE_COMPLETE
  stack UPDATE_COMPLETE LiveQuizEventStack-development source-bucket "$SOURCE_PORT"
  sites
  when 'skopeo copy --help' <<<'  --preserve-digests   Preserve digests of images and lists'
  ledger "$(record "$SITE")"
  when 'aws dynamodb query --table-name live-quiz-staging-ledger *' <<<'{"Items": []}'
  when 'aws dynamodb get-item *' </dev/null
  when 'aws ecs describe-services --cluster live-quiz-cluster-development *' <<<"$(service "$PROVEN")"
  when 'aws ecs describe-services --cluster live-quiz-cluster-staging *' <<<"$(service "$NEW")"
  # when it is planned, and still when the lock is held
  first 'aws ecs describe-services --cluster live-quiz-cluster-staging *' <<<"$(service "$OLD")"
  first 'aws ecs describe-services --cluster live-quiz-cluster-staging *' <<<"$(service "$OLD")"
  when "aws ecs describe-task-definition --task-definition $PROVEN" <<<"$(task development 7 "$FROM@sha256:proven" "$IMAGE")"
  when "aws ecs describe-task-definition --task-definition $OLD" <<<"$(task staging 11 "$TO@sha256:old" "$LIVE")"
  when 'aws ecr batch-get-image *' <<<'{"images": [{"imageId": {"imageDigest": "sha256:proven"}, "imageManifest": "{}"}]}'
  first 'aws ecr batch-get-image --repository-name live-quiz-backend-staging *' <<<'{"images": []}'
  when 'aws ecr describe-repositories *' <<<"{\"repositories\": [{\"repositoryUri\": \"$TO\"}]}"
  when 'aws ecr get-login-password' <<<hunter2
  when 'aws ecs register-task-definition *' <<<"{\"taskDefinition\": {\"taskDefinitionArn\": \"$NEW\"}}"
  when 'aws ecs list-tasks *' <<<'{"taskArns": ["arn:aws:ecs:us-east-1:123456789012:task/a"]}'
  when 'aws ecs describe-tasks *' <<<"{\"tasks\": [{\"taskArn\": \"task/a\", \"taskDefinitionArn\": \"$NEW\", \"containers\": [{\"imageDigest\": \"sha256:proven\"}]}]}"
  when 'aws logs get-log-events *' <<<'{"events": []}'
  when 'aws elbv2 describe-target-health *' \
    <<<'{"TargetHealthDescriptions": [{"Target": {"Id": "10.0.0.1"}, "TargetHealth": {"State": "healthy"}}]}'
  fails 'aws ssm get-parameter *' 254 <<<'An error occurred (ParameterNotFound)'
  when 'git rev-parse HEAD' <<<abc1234000000000
}

# The lines that change something, in order; those of the ledger run at the same time.
changes() {
  local lines
  lines=$(grep -E '^(aws (ecr (create|put|get-login)-|ecs (register|update|create)-|s3 cp .* s3:)|skopeo (login|copy --auth)|sdk cloudfront POST|docker|npm|cdk)' "$STATE/calls" | sed -E 's#/runs/[0-9]+/#/runs/RUN/#') || return
  # the two rules of the repository, and assets and documents of the source, run side by side
  lines=$(head -n 2 <<<"$lines" | sort && tail -n +3 <<<"$lines")
  grep -vE "$FOLLOWING" <<<"$lines" | grep -v '^aws s3 cp s3://source-bucket'
  grep '^aws s3 cp s3://source-bucket' <<<"$lines" | sort
  grep -E "$FOLLOWING" <<<"$lines"
  return 0
}
FOLLOWING='^aws s3 cp (\.local|s3://site-bucket)|^sdk cloudfront'


ledger_changes() { sed -nE 's/^aws dynamodb (put|delete)-item.*(lock|releases).*/\1 \2/p' "$STATE/calls"; }

@test "copies image and site, lets the service run the one, then swaps the other in" {
  everything_there
  deploy promote.mts development staging
  assert_equal "$status" 0
  assert_equal "$output" ''
  assert_regex "$stderr" "image      sha256:proven, release $IMAGE, instead of sha256:old
.*site       release $SITE, instead of $LIVE; 3 of 4 files are copied"
  assert_regex "$stderr" "health .* reports $IMAGE"
  assert_regex "$stderr" "page .* is release $SITE"
  assert_regex "$stderr" 'undo with: ./deploy/rollback.mts staging 11'
  assert_regex "$stderr" "undo with: ./deploy/rollback-frontend.mts staging $LIVE"
  run changes
  assert_output "aws ecr put-image-tag-mutability --repository-name live-quiz-backend-staging --cli-input-json file://.local/deployments/staging/tag-mutability.json --query repositoryName
aws ecr put-lifecycle-policy --repository-name live-quiz-backend-staging --lifecycle-policy-text file://.local/deployments/staging/lifecycle-policy.json --query repositoryName
aws ecr get-login-password
skopeo login --authfile $LOGIN --username AWS --password-stdin $HOST
skopeo copy --authfile $LOGIN --preserve-digests docker://$FROM@sha256:proven docker://$TO:$IMAGE
aws ecs register-task-definition --cli-input-json file://.local/deployments/staging/task-definition.json
aws ecs update-service --service websocket-service --task-definition $NEW --force-new-deployment --cli-input-json file://.local/deployments/staging/service.json --query service.serviceArn
aws ecr put-image --cli-input-json file://.local/deployments/staging/latest.json --query image.imageId
aws s3 cp s3://source-bucket s3://site-bucket --recursive --no-progress --exclude '*' --include assets/index-b2c3d4e5.js
aws s3 cp s3://source-bucket/releases/$SITE s3://site-bucket/releases/$SITE --recursive --no-progress --exclude '*' --include favicon.svg --include index.html
aws s3 cp s3://source-bucket/releases/sbom/$IMAGE.json s3://site-bucket/releases/sbom/$IMAGE.json --no-progress
aws s3 cp .local/deployments/staging/runs/RUN/upload/manifest.json s3://site-bucket/releases/$SITE.json --no-progress --content-type application/json --cache-control no-cache
aws s3 cp s3://site-bucket/releases/$SITE s3://site-bucket --recursive --no-progress --exclude '*' --include favicon.svg
aws s3 cp s3://site-bucket/releases/$SITE s3://site-bucket --recursive --no-progress --exclude '*' --include index.html
sdk cloudfront POST /2020-05-31/distribution/E1EXAMPLE/invalidation"
  run ledger_changes
  assert_line --index 0 'put lock'
  assert_line --index 1 'put releases'
  assert_line 'delete lock'
}

@test "asks for everything before it changes anything" {
  everything_there
  deploy promote.mts development staging --dry-run
  assert_equal "$status" 0
  printf '%s\n' "$stderr" >"$STATE/story"
  ledger_changes >"$STATE/ledger"
  [[ ! -s $STATE/ledger ]]
  # of what was not done
  refute_regex "$stderr" 'undo with'
  run sort "$STATE/calls"
  assert_output "aws dynamodb get-item --table-name live-quiz-development-ledger --key '{\"pk\":{\"S\":\"lock\"},\"sk\":{\"S\":\"deployment\"}}' --consistent-read
aws dynamodb query --table-name live-quiz-development-ledger --key-condition-expression 'pk = :pk' --expression-attribute-values '{\":pk\":{\"S\":\"release\"}}' --no-scan-index-forward --consistent-read
aws dynamodb query --table-name live-quiz-staging-ledger --key-condition-expression 'pk = :pk' --expression-attribute-values '{\":pk\":{\"S\":\"release\"}}' --no-scan-index-forward --consistent-read
aws ecr batch-get-image --repository-name live-quiz-backend-development --image-ids imageDigest=sha256:proven --accepted-media-types $MANIFESTS
aws ecr batch-get-image --repository-name live-quiz-backend-staging --image-ids imageDigest=sha256:proven --accepted-media-types $MANIFESTS
aws ecr describe-repositories --repository-names live-quiz-backend-staging
aws ecs describe-services --cluster live-quiz-cluster-development --services websocket-service
aws ecs describe-services --cluster live-quiz-cluster-staging --services websocket-service
aws ecs describe-task-definition --task-definition $PROVEN
aws ecs describe-task-definition --task-definition $OLD
aws s3 cp s3://site-bucket/releases/$LIVE.json -
aws s3 cp s3://source-bucket/releases/$SITE.json -
aws s3api list-objects-v2 --bucket site-bucket --query 'Contents[].{Key:Key,ETag:ETag,Size:Size,LastModified:LastModified}'
aws s3api list-objects-v2 --bucket source-bucket --query 'Contents[].{Key:Key,ETag:ETag,Size:Size,LastModified:LastModified}'
aws sts get-caller-identity
git rev-parse --short=7 HEAD
git status --porcelain -z --untracked-files=normal --ignored=matching
sdk cloudformation DescribeStacks LiveQuizEventStack-development
sdk cloudformation DescribeStacks LiveQuizEventStack-staging
skopeo copy --help"
  # shows what it would do, in order
  run sed -nE 's/^(assets \| |others \| )?\$ (aws (ecr|ecs|s3)|skopeo)( [a-z-]+).*/\2\4/p' "$STATE/story"
  assert_output 'aws ecr put-lifecycle-policy
aws ecr put-image-tag-mutability
aws ecr get-login-password
skopeo copy
aws s3 cp
aws ecs register-task-definition
aws ecs update-service
aws s3 cp
aws s3 cp
aws s3 cp
aws s3 cp
aws s3 cp'
}

@test "hands the registry's password to skopeo through stdin, and shows it nowhere" {
  everything_there
  # as skopeo would
  during 'skopeo login *' 'cd .local/deployments/staging/runs/*/registry && cat "$STATE/password" >auth.json && stat --format=%a ../../../.. >"$STATE/mode"'
  ln -sf "$(command -v stat)" "$STATE/bin/stat"
  during 'aws ecs update-service *' 'echo .local/deployments/staging/runs/*/registry/* >"$STATE/left"'
  deploy promote.mts development staging
  assert_equal "$status" 0
  assert_equal "$(<"$STATE/left")" '.local/deployments/staging/runs/*/registry/*'
  assert_equal "$(<"$STATE/password")" hunter2
  assert_equal "$(<"$STATE/mode")" 700
  run grep -r hunter2 "$STATE/calls" "$PROJECT/.local"
  assert_failure
  refute_regex "$stderr" hunter2
}

@test "registers the target's settings with the source's image and release" {
  everything_there
  setting HEARTBEAT_SECONDS 20
  deploy promote.mts development staging
  assert_equal "$status" 0
  run node -p 'const d = JSON.parse(require("fs").readFileSync(0)); const c = d.containerDefinitions[0]; [d.family, d.cpu, d.taskRoleArn, c.image, ...c.environment.map((e) => e.name + "=" + e.value)].join("\n")' \
    <"$PROJECT/.local/deployments/staging/task-definition.json"
  assert_output "websocket-task-staging
512
arn:aws:iam::123456789012:role/live-quiz-staging-task
$TO@sha256:proven
LOG_LEVEL=info
HEARTBEAT_SECONDS=20
MAX_PLAYERS=5000
RETENTION_DAYS=30
PORT=3000
APPLICATION_TABLE=live-quiz-staging
AWS_REGION=us-east-1
RELEASE_ID=$IMAGE
ALLOWED_ORIGINS=http://127.0.0.1:$PORT
TARGET_GROUP_ARN=arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/live-quiz-staging-tasks/1
DRAIN_SECONDS=30
STOP_SECONDS=30"
}

@test "records what was promoted, from where, under the commit it was built from" {
  everything_there
  deploy promote.mts development staging
  assert_equal "$status" 0
  local record=("$PROJECT/.local/deployments/staging/releases/"*.json)
  assert_regex "${record[0]}" '/[0-9TZ]{16}-bbbbbbb\.json$'
  run cat "${record[0]}"
  assert_output --partial '"sha":{"S":"bbbbbbb000000000"},"dirty":{"BOOL":false}'
  assert_output --partial '"command":{"S":"./deploy/promote.mts development staging"}'
  assert_output --partial "\"promotedFrom\":{\"M\":{\"environment\":{\"S\":\"development\"},\"release\":{\"S\":\"$SITE\"}}}"
  assert_output --partial '"digest":{"S":"sha256:proven"}'
  assert_output --partial "\"release\":{\"S\":\"$IMAGE\"}"
  assert_output --partial "\"release\":{\"S\":\"$SITE\"}"
  assert_output --partial '"verdict":{"S":"deployed"}'
}

@test "leaves source maps behind where they are not public" {
  everything_there
  deploy promote.mts development staging
  assert_equal "$status" 0
  run grep '\.map' "$STATE/calls" "$PROJECT"/.local/deployments/staging/runs/*/upload/manifest.json
  assert_output ''
}

@test "does nothing and says so when the target runs it, proven" {
  everything_there
  deploy promote.mts development staging
  local record=("$PROJECT/.local/deployments/staging/releases/"*.json)
  when 'aws dynamodb query --table-name live-quiz-staging-ledger *' \
    <<<"{\"Items\": [$(node -p 'JSON.stringify(JSON.parse(require("fs").readFileSync(0)).Item)' <"${record[0]}")]}"
  when "aws ecs describe-task-definition --task-definition $NEW" <<<"$(as_described "$PROJECT/.local/deployments/staging/task-definition.json")"
  cp "$PROJECT"/.local/deployments/staging/runs/*/upload/manifest.json "$STATE/released.json"
  node -p 'JSON.stringify(JSON.parse(require("fs").readFileSync(0)).files.map(({ key, md5, size }) => ({ Key: key, ETag: md5, Size: size, LastModified: "2026-11-03" })))' <"$STATE/released.json" >"$STATE/stored.json"
  when 'aws s3api list-objects-v2 --bucket site-bucket *' <"$STATE/stored.json"
  when "aws s3 cp s3://site-bucket/releases/$SITE.json -" <"$STATE/released.json"
  # the swap that the CDN goes by has to stay known
  changes | grep 's3 cp s3://site-bucket/releases' >"$STATE/swaps"
  cp "$STATE/swaps" "$STATE/calls"
  deploy promote.mts development staging
  assert_equal "$status" 0
  assert_regex "$stderr" 'unchanged: staging runs what development runs; nothing is promoted'
  run grep -vE 'get-|query|list-|describe-|batch-get|sdk cloudformation|^git|--help| -$' "$STATE/calls"
  assert_output "$(<"$STATE/swaps")"

  # not known as proven: what a run that ended early left behind is proven now and named latest, and nothing else is changed
  when 'aws dynamodb query --table-name live-quiz-staging-ledger *' <<<'{"Items": []}'
  cp "$STATE/swaps" "$STATE/calls"
  deploy promote.mts development staging
  assert_equal "$status" 0
  assert_regex "$stderr" 'unchanged: websocket-task-staging:12 has this image and these settings'
  assert_regex "$stderr" "unchanged: release $SITE of the site is live"
  run changes
  assert_output "aws ecr put-image --cli-input-json file://.local/deployments/staging/latest.json --query image.imageId
$(<"$STATE/swaps")"
  run ledger_changes
  assert_line --index 0 'put lock'

  # a document that is not as it was published is put back, and no undo names the release that is live
  when 'aws s3api list-objects-v2 --bucket site-bucket *' \
    <<<"$(sed 's/"Key":"favicon.svg","ETag":"[^"]*"/"Key":"favicon.svg","ETag":"other"/' "$STATE/stored.json")"
  deploy promote.mts development staging
  assert_equal "$status" 0
  assert_regex "$stderr" "site       release $SITE, instead of $SITE"
  refute_regex "$stderr" 'undo with'
}

@test "follows the invalidation before it verifies a site with an asset that is put again" {
  everything_there
  # the CDN may have it with other headers
  sed -i 's#^\[#[{"Key": "assets/index-b2c3d4e5.js", "ETag": "1", "Size": 1, "LastModified": "2026-11-02"},#' "$STATE/objects-of-site.json"
  when 'aws s3api list-objects-v2 --bucket site-bucket *' <"$STATE/objects-of-site.json"
  deploy promote.mts development staging
  assert_equal "$status" 0
  assert_regex "$stderr" 'Follow the invalidation.*Verify the site through the CDN'
  refute_regex "$stderr" 'Verify the site through the CDN.*Follow the invalidation'
}

@test "does not copy an image that is there already" {
  everything_there
  # the only answer that says otherwise
  forget 'aws ecr batch-get-image --repository-name live-quiz-backend-staging *'
  deploy promote.mts development staging
  assert_equal "$status" 0
  assert_regex "$stderr" 'live-quiz-backend-staging already has the image'
  run grep -E 'skopeo (login|copy --auth)' "$STATE/calls"
  assert_failure
}

@test "creates the repository and the service the first time" {
  everything_there
  fails 'aws ecr describe-repositories *' 254 <<<'An error occurred (RepositoryNotFoundException) when calling the DescribeRepositories operation'
  when 'aws ecr create-repository *' <<<"{\"repository\": {\"repositoryUri\": \"$TO\"}}"
  forget
  first 'aws ecs describe-services --cluster live-quiz-cluster-staging *' <<<'{"services": []}'
  when 'aws s3api list-objects-v2 --bucket site-bucket *' <<<null
  deploy promote.mts development staging --dry-run
  assert_equal "$status" 0
  assert_regex "$stderr" 'aws ecr create-repository.*aws ecs create-service'
  first 'aws ecs describe-services --cluster live-quiz-cluster-staging *' <<<'{"services": []}'
  first 'aws ecs describe-services --cluster live-quiz-cluster-staging *' <<<'{"services": []}'
  deploy promote.mts development staging
  assert_equal "$status" 0
  refute_regex "$stderr" 'undo with: ./deploy/rollback.mts'
  # what a repository keeps and whose tags move are set side by side, in either order
  run grep -oE '^aws ec[rs] (create|put)-[a-z-]+' "$STATE/calls"
  assert_equal "$(sed -n '2,3p' <<<"$output" | sort)" 'aws ecr put-image-tag-mutability
aws ecr put-lifecycle-policy'
  assert_equal "$(sed '2,3d' <<<"$output")" 'aws ecr create-repository
aws ecs create-service
aws ecr put-image'
}

# refuses FACT REMEDY [LINE…]: nothing is changed
refuses() {
  everything_there
  "${@:3}"
  deploy promote.mts development staging
  assert_refused 1 "$1" "$2"
}

@test "refuses without skopeo" {
  refuses 'skopeo, which copies images, is not on the PATH' 'apt-get install skopeo' rm "$STATE/bin/skopeo"
}

@test "refuses a skopeo that cannot keep digests" {
  everything_there
  when 'skopeo copy --help' <<<'--dest-tls-verify'
  deploy promote.mts development staging
  assert_refused 1 'too old to keep the digest' 'apt-get install skopeo'
}

@test "refuses what was never proven" {
  refuses 'the ledger of development has no verified backend' './deploy/all.mts development' ledger
}

@test "refuses a backend whose deployment was not proven" {
  refuses 'has no verified backend' './deploy/all.mts development' ledger "$(record "$SITE" 'still running')"
}

@test "refuses a backend that was changed by hand since then" {
  everything_there
  when 'aws ecs describe-services --cluster live-quiz-cluster-development *' <<<"$(service "${PROVEN/%7/8}")"
  when "aws ecs describe-task-definition --task-definition ${PROVEN/%7/8}" <<<"$(task development 8 "$FROM@sha256:other" x)"
  deploy promote.mts development staging
  assert_refused 1 'development runs websocket-task-development:8 \(sha256:other\), but the last verified one there is websocket-task-development:7 \(sha256:proven\)' './deploy/all.mts development'
}

@test "refuses while a rollout is under way, and when nothing runs" {
  everything_there
  when 'aws ecs describe-services --cluster live-quiz-cluster-development *' <<<"$(service "$PROVEN" IN_PROGRESS)"
  deploy promote.mts development staging
  assert_refused 1 'development does not run its backend: a rollout is under way' './deploy/all.mts development'
  when 'aws ecs describe-services --cluster live-quiz-cluster-development *' <<<'{"services": []}'
  deploy promote.mts development staging
  assert_refused 1 'development has no service websocket-service' './deploy/all.mts development'
}

@test "refuses a site that is not the proven one, and one that is not whole" {
  everything_there
  ledger "$(record "$SITE" deployed sha256:proven 20261104T000000Z-ddddddd)"
  deploy promote.mts development staging
  assert_refused 1 "the site of development is release $SITE, but the last verified one there is 20261104T000000Z-ddddddd" './deploy/all.mts development'
  ledger "$(record "$SITE")"
  when 'aws s3api list-objects-v2 --bucket source-bucket *' <<<"[{\"Key\": \"releases/$SITE.json\", \"ETag\": \"1\", \"Size\": 1}]"
  deploy promote.mts development staging
  assert_refused 1 "the bucket of development does not have all files of release $SITE" './deploy/all.mts development'
}

@test "refuses an image that its repository lost" {
  everything_there
  when 'aws ecr batch-get-image --repository-name live-quiz-backend-development *' <<<'{"images": []}'
  deploy promote.mts development staging
  assert_refused 1 'the image of development is not in live-quiz-backend-development' './deploy/all.mts development'
}

@test "refuses while the source is being deployed; an expired lock does not count" {
  everything_there
  lock() {
    when 'aws dynamodb get-item --table-name live-quiz-development-ledger *' \
      <<<"{\"Item\": {\"holder\": {\"S\": \"h\"}, \"by\": {\"S\": \"bob\"}, \"host\": {\"S\": \"laptop\"}, \"pid\": {\"N\": \"7\"}, \"command\": {\"S\": \"make deploy-dev\"}, \"release\": {\"S\": \"r\"}, \"since\": {\"S\": \"2026-11-23T10:15:02Z\"}, \"expiry\": {\"S\": \"$1\"}}}"
  }
  lock 2999-01-01T00:00:00Z
  deploy promote.mts development staging
  assert_refused 1 'development is being deployed, by bob on laptop' './deploy/releases.mts development'
  lock 2026-01-01T00:00:00Z
  deploy promote.mts development staging
  assert_equal "$status" 0
}

@test "says so when the source's last release is not what it runs" {
  everything_there
  ledger "$(record 20261105T000000Z-eeeeeee 'rolled back')" "$(record "$SITE")"
  deploy promote.mts development staging
  assert_equal "$status" 0
  assert_regex "$stderr" 'warning: the last release of development, 20261105T000000Z-eeeeeee, ended as rolled back; the previous one is promoted'
}

@test "refuses while someone deploys the target" {
  everything_there
  fails 'aws dynamodb put-item *' 254 <<<'An error occurred (ConditionalCheckFailedException)'
  when 'aws dynamodb get-item --table-name live-quiz-staging-ledger *' \
    <<<"$(answer lock SINCE=2026-11-23T10:15:02Z)"
  deploy promote.mts development staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: staging is already being deployed, by bob on laptop'
  run grep -E 'skopeo (login|copy --auth)|s3 cp s3:.* s3:|update-service' "$STATE/calls"
  assert_failure
}

@test "refuses a site of other settings, another region, another account" {
  everything_there
  setting VITE_APP_NAME "'Quiz \$1, \"odd\"'"
  deploy promote.mts development staging
  assert_refused 1 'VITE_APP_NAME is "Live Quiz" in env/.env.development and "Quiz \$1, \\"odd\\"" in env/.env.staging' './deploy/all.mts staging'
  setting VITE_APP_NAME 'Live Quiz'
  setting AWS_REGION eu-west-1
  deploy promote.mts development staging
  assert_refused 1 'development is in account 123456789012, us-east-1, and staging in 123456789012, eu-west-1' './deploy/all.mts staging'
  setting AWS_REGION us-east-1
  sed -i 's/^AWS_ACCOUNT_ID=.*/AWS_ACCOUNT_ID=210987654321/' "$PROJECT/env/.env.development"
  deploy promote.mts development staging
  assert_refused 1 'development is in account 210987654321' './deploy/all.mts staging'
}

@test "refuses what are no two environments, before it asks anything" {
  local odd
  deploy promote.mts
  assert_refused 2 'no environment was given' 'give one of'
  deploy promote.mts staging
  assert_refused 2 'no environment to promote to was given' './deploy/promote.mts staging production'
  for odd in Production 'prod' ' staging' '' '$1' 1e10; do
    deploy promote.mts staging "$odd"
    assert_refused 2 'unknown environment: ' 'give one of'
  done
  deploy promote.mts staging staging
  assert_refused 2 'staging cannot be promoted to itself' 'give two environments'
  deploy promote.mts staging production local
  assert_refused 2 '"local" is not a release id' 'give the id of a release'
  deploy promote.mts local production
  assert_refused 2 'local is on the AWS of this machine, and production on a real one' 'make local-shell'
  deploy promote.mts staging local
  assert_refused 2 'local is on the AWS of this machine' 'make local-shell'
  assert_calls </dev/null
}

@test "refuses a target, and a source, whose stack is not there" {
  everything_there
  rm "$STATE/DescribeStacks.LiveQuizEventStack-staging.xml"
  deploy promote.mts development staging
  assert_refused 1 'the stack LiveQuizEventStack-staging is not deployed yet' './deploy/infrastructure.mts staging'
  rm "$STATE/DescribeStacks.LiveQuizEventStack-development.xml"
  deploy promote.mts development staging
  assert_refused 1 'the stack LiveQuizEventStack-development is not deployed yet' './deploy/infrastructure.mts development'
}

# stack_of SHA DIRTY [COMMIT]: a release that deployed the stack only, from that commit or, on the way back, of another
stack_of() {
  local commit=''
  [[ -z ${3-} ]] || commit=", \"commit\": {\"S\": \"$3\"}"
  printf '{"id": {"S": "20261031T000000Z-ddddddd"}, "sha": {"S": "%s"}, "dirty": {"BOOL": %s}, "startedAt": {"S": "2026-10-31T00:00:00Z"}, "verdict": {"S": "deployed"}, "components": {"M": {"infrastructure": {"M": {"status": {"S": "deployed"}, "seconds": {"N": "1"}%s}}}}}' \
    "$1" "$2" "$commit"
}

@test "warns when the two stacks are of different code" {
  everything_there
  ledger "$(record "$SITE")" "$(stack_of eeeeeee000000000 true)"
  when 'aws dynamodb query --table-name live-quiz-staging-ledger *' <<<"{\"Items\": [$(stack_of abc1234000000000 false fffffff000000000)]}"
  fails 'git diff --quiet fffffff000000000 eeeeeee000000000 -- *' 1 </dev/null
  deploy promote.mts development staging --dry-run
  assert_equal "$status" 0
  assert_regex "$stderr" 'warning: the stack of staging is of commit fffffff, that of development of eeeeeee, and they differ'
  ledger "$(record "$SITE")" "$(stack_of fffffff000000000 false)"
  deploy promote.mts development staging --dry-run
  refute_regex "$stderr" 'warning: the stack of staging'
}

@test "says that a shallow clone does not know whether the two stacks differ" {
  everything_there
  ledger "$(record "$SITE")" "$(stack_of eeeeeee000000000 true)"
  when 'aws dynamodb query --table-name live-quiz-staging-ledger *' <<<"{\"Items\": [$(stack_of abc1234000000000 false fffffff000000000)]}"
  fails 'git diff --quiet fffffff000000000 eeeeeee000000000 -- *' 128 <<<'fatal: bad object fffffff000000000'
  deploy promote.mts development staging --dry-run
  assert_equal "$status" 0
  assert_regex "$stderr" 'of eeeeeee, and this clone does not have both: whether they differ is not known'
}

@test "promotes nothing when the source runs another release than the one that was meant" {
  everything_there
  deploy promote.mts development staging 20261101T000000Z-aaaaaaa
  assert_refused 1 "development now runs release $SITE, not 20261101T000000Z-aaaaaaa" './deploy/promote.mts development staging'
  deploy promote.mts development staging "$SITE" --dry-run
  assert_equal "$status" 0
}

# to_production TREE: everything is there, to promote to production from a tree with these changes
to_production() {
  production
  everything_there
  when 'aws ecs describe-services --cluster live-quiz-cluster *' <<<'{"services": []}'
  when 'aws dynamodb query --table-name live-quiz-ledger *' <<<'{"Items": []}'
  when 'git status *' <<<"$1"
}

@test "asks for production's name, and says what staging has not seen" {
  to_production ''
  deploy promote.mts development production
  assert_regex "$stderr" 'warning: staging never ran commit bbbbbbb'
  assert_refused 2 'production asks for confirmation' '--yes'
}

@test "to production, refuses an image with critical findings, but for --force" {
  to_production ''
  when 'aws ecr describe-image-scan-findings --repository-name live-quiz-backend-development *' \
    <<<'{"imageScanStatus": {"status": "COMPLETE"}, "imageScanFindings": {"findingSeverityCounts": {"CRITICAL": 2}}}'
  deploy promote.mts development production --yes
  assert_refused 1 '2 critical findings in the image sha256:' '--force'
  deploy promote.mts development production --force
  assert_regex "$stderr" 'warning: 2 critical findings'
  assert_refused 2 'production asks for confirmation' '--yes'
  when 'aws ecr describe-image-scan-findings --repository-name live-quiz-backend-development *' \
    <<<'{"imageScanStatus": {"status": "FAILED", "description": "UnsupportedImageError"}}'
  deploy promote.mts development production
  assert_regex "$stderr" 'warning: the image has no scan result: FAILED: UnsupportedImageError'
}

@test "to production, refuses a tree with changes and a release built from one" {
  to_production ' M env/.env.production'
  deploy promote.mts development production --yes
  assert_refused 1 'the working tree has uncommitted changes' '--force'
  when 'git status *' </dev/null
  ledger "$(record "$SITE" | sed 's/false/true/')"
  deploy promote.mts development production --yes
  assert_refused 1 "release $SITE of development was built from uncommitted changes" '--force'
  ledger "$(record "$SITE")"
  fails 'git merge-base --is-ancestor bbbbbbb* refs/remotes/origin/main' 1 </dev/null
  deploy promote.mts development production --yes
  assert_refused 1 "commit bbbbbbb of release $SITE, which development runs, is not on origin/main" 'merge it into main'
}

@test "refuses while a quiz is live, and continues with --force" {
  everything_there
  printf '{"quizzes": 1, "players": 30}' >"$STATE/live-counts"
  deploy promote.mts development staging
  assert_refused 1 '1 quiz is live, 30 players are connected on staging' '--wait-idle'
  first 'aws ecs describe-services --cluster live-quiz-cluster-staging *' <<<"$(service "$OLD")"
  deploy promote.mts development staging --force
  assert_equal "$status" 0
}

# stops_at PATTERN: fails there, before anything after it
stops_at() {
  everything_there
  fails "$1" 7 <<<'denied: no'
  deploy promote.mts development staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'denied: no'
  assert_regex "$stderr" 'error: '
  refute_regex "$stderr" $'\n    at '
  # the lock is let go, and the failure recorded
  run tail -1 <(changes | grep -v /sbom/)
  # assets and documents arrive side by side
  # shellcheck disable=SC2053 # a glob is what it is
  [[ $output == $1 || "$1 $output" == *source-bucket*source-bucket* ]]
  assert_equal "$(grep -c 'dynamodb delete-item' "$STATE/calls")" 1
  assert_regex "$(cat "$PROJECT/.local/deployments/staging/releases/"*.json)" '"verdict":\{"S":"failed"\}'
  assert_equal "$(find "$PROJECT/.local" -name auth.json)" ''
}

@test "stops when the login fails" { stops_at 'skopeo login *'; }

@test "stops when the copy of the image fails" { stops_at 'skopeo copy --authfile *'; }

@test "stops when a registration fails" { stops_at 'aws ecs register-task-definition *'; }

@test "stops when the update fails" { stops_at 'aws ecs update-service *'; }

@test "stops when assets do not arrive: no document is swapped in" { stops_at 'aws s3 cp s3://source-bucket s3://site-bucket *'; }

@test "stops when documents do not arrive: the release is not complete" { stops_at 'aws s3 cp s3://source-bucket/releases/* s3://site-bucket/*'; }

@test "stops when the copy has another digest: nothing is deployed" {
  everything_there
  when 'aws ecr batch-get-image *imageTag=*' <<<'{"images": [{"imageId": {"imageDigest": "sha256:else"}, "imageManifest": "{}"}]}'
  deploy promote.mts development staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: the copy in live-quiz-backend-staging is sha256:else, not sha256:proven; nothing was deployed'
  run grep -E 'register-task|update-service|s3 cp s3:.* s3:' "$STATE/calls"
  assert_failure
}

# overtaken FACT: it ends as superseded, before it copies anything
overtaken() {
  deploy promote.mts development staging
  assert_equal "$status" 4
  assert_regex "$stderr" "error: superseded: $1; nothing was changed"
  run grep -E 'skopeo (login|copy --auth)|s3 cp s3:.* s3:|register-task|update-service' "$STATE/calls"
  assert_failure
}

@test "promotes nothing where someone else has deployed the target since it was planned" {
  everything_there
  forget 'aws ecs describe-services --cluster live-quiz-cluster-staging *'
  overtaken 'the service now runs websocket-task-staging:12, not websocket-task-staging:11'
}

@test "promotes nothing where someone else has published the target's site since it was planned" {
  everything_there
  during 'aws dynamodb put-item *"lock"*' 'printf "<meta name=\"release\" content=\"20261104T000000Z-ddddddd\">" >"$STATE/live/index.html"'
  overtaken "the site is now release 20261104T000000Z-ddddddd, not $LIVE"
}

@test "promotes nothing where the source is no longer what was looked at" {
  everything_there
  when 'aws dynamodb query --table-name live-quiz-development-ledger *' <<<'{"Items": []}'
  mv "$STUB" "$STATE/later"
  during 'aws dynamodb put-item *"lock"*' 'mv "$STATE/later" "$STATE/stubs/000"'
  deploy promote.mts development staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: the ledger of development has no verified backend'
  refute_regex "$(<"$STATE/calls")" 'ecs (register|update)-|skopeo copy --authfile'
}

@test "publishes nothing when the backend does not come up" {
  everything_there
  when 'aws ecs describe-services --cluster live-quiz-cluster-staging *' <<<"$(service "$NEW" FAILED)"
  deploy promote.mts development staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: failed: websocket-task-staging:12'
  # the list of its packages lies beside the releases, and is not public
  run grep -E 's3 cp s3:.* s3:' <(grep -v /sbom/ "$STATE/calls")
  assert_failure
}

@test "takes the login away and exits 130 on Ctrl-C in the copy" {
  everything_there
  during 'skopeo login *' 'cd .local/deployments/staging/runs/*/registry && echo secret >auth.json'
  interrupted 'skopeo copy --authfile *'
  deploy promote.mts development staging
  assert_equal "$status" 130
  assert_equal "$(find "$PROJECT/.local" -name auth.json)" ''
  run grep -E 'register-task|update-service' "$STATE/calls"
  assert_failure
}

@test "is complete, and recorded as deployed, when Ctrl-C stops following the invalidation" {
  everything_there
  touch "$STATE/interrupted-following"
  deploy promote.mts development staging
  assert_equal "$status" 130
  assert_regex "$stderr" "recorded: deployed.*staging runs release .*warning: stopped by Ctrl-C.*remedy: everything else is done; ./deploy/invalidation.mts staging follows the invalidation"
}
