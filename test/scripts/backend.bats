#!/usr/bin/env bats
# The backend stage, command line by command line.
load helper

URI=123456789012.dkr.ecr.us-east-1.amazonaws.com/live-quiz-backend-staging
OLD=arn:aws:ecs:us-east-1:123456789012:task-definition/websocket-task-staging:11
MANIFESTS='application/vnd.docker.distribution.manifest.v2+json application/vnd.oci.image.manifest.v1+json'
NEW=arn:aws:ecs:us-east-1:123456789012:task-definition/websocket-task-staging:12

# everything is there; release 11 runs, and the next one comes up
everything_there() {
  stack UPDATE_COMPLETE
  when 'aws ecr describe-repositories *' <<<"{\"repositories\": [{\"repositoryUri\": \"$URI\"}]}"
  when 'aws ecr get-login-password' <<<hunter2
  when 'aws ecr batch-get-image *imageTag=*' <<<'{"images": [{"imageId": {"imageDigest": "sha256:new"}, "imageManifest": "{}"}]}'
  when 'aws ecr batch-get-image *imageTag=latest imageDigest=sha256:new *' <<<'{"images": [{"imageId": {"imageDigest": "sha256:new", "imageTag": "latest"}, "imageManifest": "{}"}]}'
  when 'aws ecr batch-get-image *imageDigest=sha256:old *' <<<'{"images": [{"imageId": {"imageDigest": "sha256:old"}, "imageManifest": "{\"config\": {\"digest\": \"sha256:old-image\"}}"}]}'
  when 'docker image inspect *' <<<'[{"Id": "sha256:new-image", "RepoDigests": []}]'
  when "aws ecs describe-task-definition --task-definition $OLD" \
    <<<"{\"taskDefinition\": {\"containerDefinitions\": [{\"image\": \"$URI@sha256:old\", \"environment\": [{\"name\": \"RELEASE_ID\", \"value\": \"old\"}]}]}}"
  when 'aws ecs register-task-definition *' <<<"{\"taskDefinition\": {\"taskDefinitionArn\": \"$NEW\"}}"
  when 'aws ecs describe-services *' <<<"$(service "$NEW" COMPLETED)"
  first 'aws ecs describe-services *' <<<"$(service "$OLD" COMPLETED)"
  when 'aws ecs list-tasks *' <<<'{"taskArns": ["arn:aws:ecs:us-east-1:123456789012:task/a"]}'
  when 'aws ecs describe-tasks *' <<<"{\"tasks\": [{\"taskArn\": \"task/a\", \"taskDefinitionArn\": \"$NEW\", \"containers\": [{\"imageDigest\": \"sha256:new\"}]}]}"
  when 'aws logs get-log-events *' <<<'{"events": []}'
  when 'aws elbv2 describe-target-health *' \
    <<<'{"TargetHealthDescriptions": [{"Target": {"Id": "10.0.0.1"}, "TargetHealth": {"State": "healthy"}}]}'
}

# service TASK_DEFINITION ROLLOUT_STATE [DESIRED_COUNT]
service() { answer service REVISION="$1" STATE="$2" DESIRED="${3-2}" RUNNING="${3-2}" REASON='tasks failed to start'; }

registered() {
  node -p 'const d = JSON.parse(require("fs").readFileSync(0)); const c = d.containerDefinitions[0]; [d.family, d.cpu, d.memory, d.runtimePlatform.cpuArchitecture, c.image, ...c.environment.map((e) => e.name + "=" + e.value), c.secrets[0].name].join("\n")' \
    <"$PROJECT/.local/deployments/staging/task-definition.json"
}

@test "deploys nothing without the ledger's table, where the stack is: no one else would see the lock" {
  everything_there
  fails 'aws dynamodb *' 254 <<<'An error occurred (ResourceNotFoundException) when calling the PutItem operation'
  deploy backend.mts staging
  assert_refused 1 'the table live-quiz-staging-ledger is gone, and with it the deploy lock' 'docs/DISASTER_RECOVERY.md, "The ledger"'
}

@test "keeps the last 200 images of the repository" {
  everything_there
  deploy backend.mts staging
  run node -p 'JSON.stringify(JSON.parse(require("fs").readFileSync(0)))' <"$PROJECT/.local/deployments/staging/lifecycle-policy.json"
  assert_output '{"rules":[{"rulePriority":1,"description":"keep the last 200 images","selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":200},"action":{"type":"expire"}}]}'
}

@test "names no way back to a revision that was deregistered while it ran, and is being deleted" {
  everything_there
  when "aws ecs describe-task-definition --task-definition $OLD" \
    <<<"{\"taskDefinition\": {\"status\": \"DELETE_IN_PROGRESS\", \"containerDefinitions\": [{\"image\": \"$URI@sha256:old\", \"environment\": []}]}}"
  deploy backend.mts staging
  assert_equal "$status" 0
  assert_regex "$stderr" 'undo with: ./deploy/revisions.mts staging to choose a revision; websocket-task-staging:11 was deregistered'
}

@test "deploys a changed image: build, login, push, register, update, prove" {
  everything_there
  deploy backend.mts staging
  assert_equal "$status" 0
  assert_equal "$output" ''
  assert_regex "$stderr" 'deployed: websocket-task-staging:12'
  assert_regex "$stderr" 'health .* reports [0-9TZ]{16}-abc1234'
  assert_regex "$stderr" 'undo with: ./deploy/rollback.mts staging 11'
  run grep -E '^(docker (build|tag|push)|aws (ecr put-image |ecs (register|update)))' <(worked)
  assert_output "docker build --help
docker build --force-rm --pull --build-arg NODE_IMAGE=node:20-alpine --platform linux/amd64 --iidfile .local/deployments/staging/runs/RUN/image/id --tag live-quiz-backend-staging:latest .local/deployments/staging/runs/RUN/backend
docker tag sha256:new-image $URI:TIMESTAMP-abc1234
docker tag sha256:new-image $URI:latest
docker push $URI:TIMESTAMP-abc1234
aws ecr put-image --cli-input-json file://.local/deployments/staging/latest.json --query image.imageId
aws ecs register-task-definition --cli-input-json file://.local/deployments/staging/task-definition.json
aws ecs update-service --service websocket-service --task-definition $NEW --force-new-deployment --cli-input-json file://.local/deployments/staging/service.json --query service.serviceArn"
  # some of it is asked side by side
  assert_equal "$(worked | sort)" "$(sort <<CALLS
git rev-parse --short=7 HEAD
git status --porcelain -z --untracked-files=normal --ignored=matching
aws sts get-caller-identity
docker version --format '{{.Server.Version}} {{.Server.Arch}}'
sdk cloudformation DescribeStacks LiveQuizEventStack-staging
aws ecr describe-repositories --repository-names live-quiz-backend-staging
aws ecr get-login-password
docker login --username AWS --password-stdin 123456789012.dkr.ecr.us-east-1.amazonaws.com
git ls-files -z --cached --others --exclude-standard backend
docker build --help
docker pull --quiet --platform linux/amd64 node:20-alpine
docker build --force-rm --pull --build-arg NODE_IMAGE=node:20-alpine --platform linux/amd64 --iidfile .local/deployments/staging/runs/RUN/image/id --tag live-quiz-backend-staging:latest .local/deployments/staging/runs/RUN/backend
docker image inspect sha256:built
aws ecs describe-services --cluster live-quiz-cluster-staging --services websocket-service
aws ecs describe-task-definition --task-definition $OLD
docker tag sha256:new-image $URI:TIMESTAMP-abc1234
docker tag sha256:new-image $URI:latest
aws ecr put-lifecycle-policy --repository-name live-quiz-backend-staging --lifecycle-policy-text file://.local/deployments/staging/lifecycle-policy.json --query repositoryName
aws ecr put-image-tag-mutability --repository-name live-quiz-backend-staging --cli-input-json file://.local/deployments/staging/tag-mutability.json --query repositoryName
docker push $URI:TIMESTAMP-abc1234
npm sbom --sbom-format spdx --package-lock-only --omit dev --omit optional
aws s3 cp .local/deployments/staging/runs/RUN/sbom/sbom.json s3://site-bucket/releases/sbom/TIMESTAMP-abc1234.json --no-progress --content-type application/spdx+json
aws ecr batch-get-image --repository-name live-quiz-backend-staging --image-ids imageTag=TIMESTAMP-abc1234 --accepted-media-types $MANIFESTS
aws ecr put-image --cli-input-json file://.local/deployments/staging/latest.json --query image.imageId
aws ecs register-task-definition --cli-input-json file://.local/deployments/staging/task-definition.json
aws ecs update-service --service websocket-service --task-definition $NEW --force-new-deployment --cli-input-json file://.local/deployments/staging/service.json --query service.serviceArn
aws ecs describe-services --cluster live-quiz-cluster-staging --services websocket-service
aws elbv2 describe-target-health --target-group-arn arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/live-quiz-staging-tasks/1
aws ecs list-tasks --cluster live-quiz-cluster-staging --service-name websocket-service --desired-status RUNNING
aws ecs describe-tasks --cluster live-quiz-cluster-staging --tasks arn:aws:ecs:us-east-1:123456789012:task/a
CALLS
  )"
}

@test "holds the lock around every change, and records the release" {
  everything_there
  ENVIRONMENT=(NOTE='faster "answers"')
  deploy backend.mts staging
  assert_alone_and_recorded '^docker (build|push) ' '^aws ecs (register|update)-'
  run node -p 'const { Item: r } = JSON.parse(require("fs").readFileSync(0)); [r.verdict.S, r.note.S, r.by.S, r.components.M.backend.M.status.S, r.components.M.backend.M.digest.S, r.components.M.backend.M.taskDefinition.S].join("\n")' \
    <"$PROJECT"/.local/deployments/staging/releases/*.json
  assert_output "deployed
faster \"answers\"
ana
deployed
sha256:new
$NEW"
}

@test "records a failure with its verdict and reason, and lets go of the lock" {
  everything_there
  fails 'docker push *' 7 <<<'denied: no'
  deploy backend.mts staging
  assert_equal "$status" 1
  local RECORDED=2 # it failed before the change
  assert_alone_and_recorded '^docker push '
  run node -p 'const { Item: r } = JSON.parse(require("fs").readFileSync(0)); [r.verdict.S, r.components.M.backend.M.status.S, r.reason.S].join("\n")' \
    <"$PROJECT"/.local/deployments/staging/releases/*.json
  assert_output --regexp '^failed
failed
docker push .* exited with 7'
}

@test "refuses, and changes nothing, while someone else deploys" {
  everything_there
  fails 'aws dynamodb put-item *lock*' 254 <<<'An error occurred (ConditionalCheckFailedException) when calling the PutItem operation'
  when 'aws dynamodb get-item *' <<<"$(answer lock BY=ben)"
  deploy backend.mts staging
  assert_refused 1 'staging is already being deployed, by ben on laptop \(process 7\), make deploy-staging since' './deploy/unlock.mts staging; that stops a live run'
}

@test "a dry run builds, shows what would follow, and changes nothing" {
  everything_there
  deploy backend.mts staging --dry-run
  assert_equal "$status" 0
  assert_regex "$stderr" "docker push $URI:[0-9TZ]{16}-abc1234
.*aws ecr put-image --cli-input-json file://.local/deployments/staging/dry-run/latest.json .*
.*aws ecs register-task-definition --cli-input-json file://.local/deployments/staging/dry-run/task-definition.json
.*aws ecs update-service --service websocket-service --task-definition websocket-task-staging --force-new-deployment"
  run grep -E '^(aws .* (create|put|register|update|delete)-|docker (push|tag|login))' "$STATE/calls"
  assert_failure
}

@test "leaves a live quiz alone, unless a flag says otherwise" {
  everything_there
  echo '{"quizzes": 1, "players": 40}' >"$STATE/live-counts"
  deploy backend.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: 1 quiz is live, 40 players are connected on staging'
  assert_regex "$stderr" 'remedy: .*--wait-idle; or continue: .*--force'
  run grep -E '^docker push|^aws ecs (register|update)' "$STATE/calls"
  assert_failure
  first 'aws ecs describe-services *' <<<"$(service "$OLD" COMPLETED)"
  deploy backend.mts staging --force
  assert_equal "$status" 0
  assert_regex "$stderr" 'warning: --force: 1 quiz is live'
}

@test "production needs a clean tree at a commit of its branch, and --yes without a terminal" {
  everything_there
  production
  fails 'docker build *--tag *' 1 <<<'far enough'
  deploy backend.mts production
  assert_refused 2 'production asks for confirmation, and there is no terminal' '--yes'
  fails 'git merge-base --is-ancestor HEAD refs/remotes/origin/main' 1 </dev/null
  deploy backend.mts production --yes
  assert_refused 1 'commit abc1234 is not on origin/main \(PRODUCTION_BRANCH\)' 'git push origin main'
  echo PRODUCTION_BRANCH=release >>"$PROJECT/env/.env.production"
  fails 'git merge-base --is-ancestor HEAD refs/remotes/origin/release' 1 </dev/null
  deploy backend.mts production --yes
  assert_refused 1 'commit abc1234 is not on origin/release ' 'merge it into release'
  # the account that the first deployment wrote there is none
  when 'git status *' <<<' M env/.env.production'
  when 'git diff *' <<<$'@@ -3 +3 @@\n-AWS_ACCOUNT_ID=\r\n+AWS_ACCOUNT_ID=123456789012\r'
  deploy backend.mts production --yes
  assert_refused 1 'commit abc1234 is not on origin/release ' 'merge it into release'
  when 'git status *' <<<' M lib/service/service.mts'
  deploy backend.mts production --yes
  assert_refused 1 'the working tree has uncommitted changes' '--force'
  deploy backend.mts production --yes --force
  assert_regex "$stderr" 'warning: the working tree has uncommitted changes'
  assert_regex "$stderr" 'warning: staging never ran commit abc1234'
  assert_regex "$stderr" 'error: docker build exited with 1'
}

@test "in CI a clean working tree at a commit of its branch counts as confirmed, and no other" {
  everything_there
  production
  fails 'docker build *--tag *' 1 <<<'far enough'
  ENVIRONMENT=(CI=true)
  deploy backend.mts production
  assert_regex "$stderr" 'confirmed: CI, and a clean working tree at a commit of origin/main'
  assert_regex "$stderr" 'error: docker build exited with 1'
  : >"$STATE/calls"
  when 'git status *' <<<' M lib/service/service.mts'
  deploy backend.mts production
  assert_refused 1 'the working tree has uncommitted changes' '--force'
}

@test "deploys without the list of its packages where that cannot be made or kept, and says so" {
  everything_there
  fails 'npm sbom *' 1 <<<'npm error no lock file'
  deploy backend.mts staging
  assert_equal "$status" 0
  assert_regex "$stderr" 'warning: this release has no list of its packages \(SBOM\): npm sbom: npm error no lock file'
  everything_there
  when 'npm sbom *' <<<'{"spdxVersion": "SPDX-2.3"}'
  fails 'aws s3 cp *' 1 <<<'AccessDenied'
  deploy backend.mts staging
  assert_equal "$status" 0
  assert_regex "$stderr" 'warning: this release has no list of its packages'
}

@test "builds on the base image that is here where its registry does not answer" {
  everything_there
  setting NODE_IMAGE node:24-alpine
  fails 'docker pull *' 1 <<<'Error response from daemon: no route to host'
  deploy backend.mts staging
  assert_equal "$status" 0
  assert_regex "$stderr" 'warning: builds on the node:24-alpine that is here, since it cannot be pulled: .*no route to host'
  assert_regex "$(<"$STATE/calls")" 'docker build --force-rm --build-arg NODE_IMAGE=node:24-alpine '
}

@test "hands the registry's password to docker through stdin, and shows it nowhere" {
  everything_there
  deploy backend.mts staging
  assert_equal "$status" 0
  assert_equal "$(<"$STATE/password")" hunter2
  run grep -r hunter2 "$STATE/calls" "$PROJECT/.local"
  assert_failure
  refute_regex "$stderr" hunter2
}

@test "pins the image by digest, and registers every setting of the environment" {
  everything_there
  setting HEARTBEAT_SECONDS 20
  deploy backend.mts staging
  assert_equal "$status" 0
  run registered
  assert_output --regexp "^websocket-task-staging
512
1024
X86_64
$URI@sha256:new
LOG_LEVEL=info
HEARTBEAT_SECONDS=20
MAX_PLAYERS=5000
RETENTION_DAYS=30
PORT=3000
APPLICATION_TABLE=live-quiz-staging
AWS_REGION=us-east-1
RELEASE_ID=[0-9TZ]{16}-abc1234
ALLOWED_ORIGINS=http://127.0.0.1:$PORT
TARGET_GROUP_ARN=arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/live-quiz-staging-tasks/1
DRAIN_SECONDS=30
STOP_SECONDS=30
ADMIN_SECRET\$"
}

@test "passes network, load balancer and circuit breaker with each update" {
  everything_there
  deploy backend.mts staging
  assert_equal "$status" 0
  run node -p 'const s = JSON.parse(require("fs").readFileSync(0)); JSON.stringify([s.networkConfiguration.awsvpcConfiguration.subnets, s.networkConfiguration.awsvpcConfiguration.securityGroups, s.loadBalancers[0].containerPort, s.deploymentConfiguration.deploymentCircuitBreaker, s.availabilityZoneRebalancing])' \
    <"$PROJECT/.local/deployments/staging/service.json"
  assert_output '[["subnet-1","subnet-2"],["sg-1"],3000,{"enable":true,"rollback":true},"DISABLED"]'
}

@test "leaves out a setting that an old aws does not know, with each update and the first time" {
  everything_there
  local unknown='Unknown parameter in input: "availabilityZoneRebalancing", must be one of: cluster, service'
  fails_first 'aws ecs update-service *' 252 <<<"$unknown"
  deploy backend.mts staging
  assert_equal "$status" 0
  assert_equal "$(grep -c update-service "$STATE/calls")" 2
  refute_regex "$(<"$PROJECT/.local/deployments/staging/service.json")" 'availabilityZone'
  forget 'aws ecs describe-services *'
  first 'aws ecs describe-services *' <<<'{"services": []}'
  fails_first 'aws ecs create-service *' 252 <<<"$unknown"
  deploy backend.mts staging
  assert_equal "$status" 0
  assert_equal "$(grep -c create-service "$STATE/calls")" 2
}

@test "creates the repository and the service the first time, with TASK_COUNT tasks" {
  everything_there
  fails 'aws ecr describe-repositories *' 254 <<<'An error occurred (RepositoryNotFoundException) when calling the DescribeRepositories operation'
  when 'aws ecr create-repository *' <<<"{\"repository\": {\"repositoryUri\": \"$URI\"}}"
  forget
  first 'aws ecs describe-services *' <<<'{"services": [], "failures": [{"reason": "MISSING"}]}'
  deploy backend.mts staging
  assert_equal "$status" 0
  run grep -E '^aws ec.* (create|update)-' "$STATE/calls"
  assert_output "aws ecr create-repository --repository-name live-quiz-backend-staging --image-scanning-configuration scanOnPush=true --tags Key=application,Value=live-quiz Key=environment,Value=staging
aws ecs create-service --service-name websocket-service --task-definition $NEW --desired-count 2 --launch-type FARGATE --tags key=application,value=live-quiz key=environment,value=staging --cli-input-json file://.local/deployments/staging/service.json --query service.serviceArn"
}

@test "knows its own work again when the answer to a call was lost" {
  everything_there
  fails 'aws dynamodb put-item *lock*' 254 <<<'An error occurred (ConditionalCheckFailedException) when calling the PutItem operation'
  # what it has just written
  during 'aws dynamodb get-item *' 'while read -r l; do case $l in *put-item*\"lock\"*) l=${l#*json ?}; printf %s "${l%?}"; break; esac; done <"$STATE/calls"'
  fails_first 'aws ecr describe-repositories *' 254 <<<'An error occurred (RepositoryNotFoundException) when calling the DescribeRepositories operation'
  fails 'aws ecr create-repository *' 254 <<<'An error occurred (RepositoryAlreadyExistsException) when calling the CreateRepository operation'
  fails 'aws ecr put-image *' 254 <<<'An error occurred (ImageAlreadyExistsException) when calling the PutImage operation'
  forget 'aws ecs describe-services *'
  first 'aws ecs describe-services *' <<<'{"services": []}'
  fails 'aws ecs create-service *' 254 <<<'An error occurred (InvalidParameterException) when calling the CreateService operation: Creation of service was not idempotent.'
  deploy backend.mts staging
  assert_equal "$status" 0
  refute_regex "$(<"$STATE/calls")" 'update-service'
}

@test "updates the service that someone else has created in the meantime" {
  everything_there
  forget 'aws ecs describe-services *'
  first 'aws ecs describe-services *' <<<'{"services": []}'
  first 'aws ecs describe-services *' <<<"$(service "$OLD" IN_PROGRESS)"
  fails 'aws ecs create-service *' 254 <<<'An error occurred (InvalidParameterException) when calling the CreateService operation: Creation of service was not idempotent.'
  deploy backend.mts staging
  assert_equal "$status" 0
  assert_regex "$(<"$STATE/calls")" "update-service .*--task-definition $NEW "
}

@test "waits for the role that ECS makes with the first service of an account" {
  everything_there
  ENVIRONMENT=(AWS_ENDPOINT_URL="http://127.0.0.1:$PORT")
  when 'aws sts get-caller-identity' <<<'{"Account": "000000000000", "Arn": "arn:aws:iam::000000000000:root"}'
  forget 'aws ecs describe-services *'
  first 'aws ecs describe-services *' <<<'{"services": []}'
  fails_first 'aws ecs create-service *' 254 <<<'An error occurred (InvalidParameterException) when calling the CreateService operation: Unable to assume the service linked role. Please verify that the ECS service linked role exists.'
  deploy backend.mts staging
  assert_equal "$status" 0
  assert_regex "$stderr" 'the service-linked role of ECS is not ready yet: trying again'
  assert_equal "$(grep -c create-service "$STATE/calls")" 2
}

@test "leaves latest where it is in a repository with immutable tags" {
  everything_there
  fails 'aws ecr put-image *' 254 <<<"An error occurred (ImageTagAlreadyExistsException) when calling the PutImage operation: The image tag 'latest' already exists"
  deploy backend.mts staging
  assert_equal "$status" 0
  assert_regex "$stderr" 'the tags of live-quiz-backend-staging are immutable: latest stays where it is'
}

@test "says so and changes nothing when image and settings are live already" {
  everything_there
  deploy backend.mts staging
  when "aws ecs describe-task-definition --task-definition $NEW" <<<"$(as_described "$PROJECT/.local/deployments/staging/task-definition.json")"
  when 'docker image inspect *' <<<"[{\"Id\": \"sha256:new-image\", \"RepoDigests\": [\"$URI@sha256:new\"]}]"
  : >"$STATE/calls"
  deploy backend.mts staging
  assert_equal "$status" 0
  assert_regex "$stderr" 'unchanged: websocket-task-staging:12'
  run grep -E '(push|tag sha|register|update-service|put-)' <(worked)
  assert_failure

  # a run that stopped after its push has left latest on an image that never ran
  when 'aws ecr batch-get-image *imageTag=latest imageDigest=sha256:new *' <<<'{"images": [{"imageId": {"imageDigest": "sha256:new"}, "imageManifest": "{}"}]}'
  : >"$STATE/calls"
  deploy backend.mts staging
  assert_regex "$stderr" 'unchanged: websocket-task-staging:12'
  run grep -E '(push|tag sha|register|update-service|put-)' <(worked)
  assert_output 'aws ecr put-image --cli-input-json file://.local/deployments/staging/latest.json --query image.imageId'

  # beside the verification; neither is left under way
  interrupted 'aws ecr batch-get-image *imageTag=latest imageDigest=sha256:new *'
  deploy backend.mts staging
  assert_equal "$status" 130
  refute_regex "$stderr" $'\n    at '
  when 'aws ecr batch-get-image *imageTag=latest imageDigest=sha256:new *' <<<'{"images": [{"imageId": {"imageDigest": "sha256:new", "imageTag": "latest"}, "imageManifest": "{}"}]}'

  # --redeploy forces, and a setting that changed is a change
  deploy backend.mts staging --redeploy
  run grep -c 'aws ecs update-service' "$STATE/calls"
  assert_output 1
  when "aws ecs describe-task-definition --task-definition $NEW" <<<"$(as_described "$PROJECT/.local/deployments/staging/task-definition.json")"
  setting LOG_LEVEL debug
  deploy backend.mts staging
  run grep -c 'aws ecs update-service' "$STATE/calls"
  assert_output 2
}

@test "builds what git knows of the backend, with the task's settings and nothing of a person's own" {
  everything_there
  setting HEARTBEAT_SECONDS 20
  echo MINE=1 >"$PROJECT/backend/.env"
  echo MINE=1 >"$PROJECT/backend/ignored"
  echo FROM scratch >"$PROJECT/backend/Dockerfile"
  chmod 600 "$PROJECT/backend/Dockerfile"
  during 'docker build *--tag *' 'cp -a .local/deployments/staging/runs/*/backend "$STATE/seen"'
  deploy backend.mts staging
  assert_equal "$status" 0
  assert_equal "$(ls -A "$STATE/seen")" $'.env\nDockerfile'
  # another umask is no other image
  assert_equal "$(stat -c %a "$STATE/seen/Dockerfile")" 644
  assert_equal "$(grep -v '^#' "$STATE/seen/.env")" "LOG_LEVEL='info'
HEARTBEAT_SECONDS='20'
MAX_PLAYERS='5000'
RETENTION_DAYS='30'"
  assert_equal "$(<"$PROJECT/backend/.env")" MINE=1
}

@test "logs in and pushes with a Docker configuration of its own, and leaves no login" {
  everything_there
  mkdir -p "$STATE/home/.docker/contexts"
  echo '{"credsStore": "none", "auths": {"a": {}}, "currentContext": "b"}' >"$STATE/home/.docker/config.json"
  during 'docker login *' 'cat "$DOCKER_CONFIG/config.json" >"$STATE/config"; readlink "$DOCKER_CONFIG/contexts" >>"$STATE/config"'
  during 'docker push *' 'printf %s "$DOCKER_CONFIG" >"$STATE/pushing"'
  deploy backend.mts staging
  assert_equal "$status" 0
  run cat "$STATE/config"
  assert_output "{\"auths\":{\"${URI%%/*}\":{}},\"currentContext\":\"b\"}
$STATE/home/.docker/contexts"
  assert_regex "$(<"$STATE/pushing")" '/runs/[0-9]+/docker/registry$'
  [[ ! -e $(<"$STATE/pushing") ]]
}

@test "asks the builder that will build for its flags" {
  everything_there
  when 'docker build --help' <<<'      --provenance string   Shorthand for "--attest=type=provenance"'
  ENVIRONMENT=(BUILDX_BUILDER=container DOCKER_BUILDKIT=1)
  during 'docker build *--tag *' 'echo "${BUILDX_BUILDER-} ${DOCKER_BUILDKIT-}" >"$STATE/seen"'
  deploy backend.mts staging
  assert_equal "$status" 0
  run grep -c '^docker build --load --provenance=false --sbom=false --pull ' "$STATE/calls"
  assert_output 1
  assert_equal "$(<"$STATE/seen")" ' '
}

@test "follows the rollout, and prints each change once" {
  everything_there
  ENVIRONMENT=(AWS_ENDPOINT_URL="http://127.0.0.1:$PORT")
  when 'aws sts get-caller-identity' <<<'{"Account": "000000000000", "Arn": "arn:aws:iam::000000000000:root"}'
  first 'aws ecs describe-services *' <<<"$(service "$NEW" IN_PROGRESS 1)"
  first 'aws ecs describe-services *' <<<"$(service "$NEW" IN_PROGRESS 1)"
  deploy backend.mts staging
  assert_equal "$status" 0
  assert_equal "$(grep -c '1/1 running' <<<"$stderr")" 1
  assert_equal "$(grep -c '2/2 running' <<<"$stderr")" 1
}

# rolling_back: ECS gives the new revision up and goes back to release 11
rolling_back() {
  when 'aws ecs describe-services *' <<<"$(service "$OLD" COMPLETED)"
  first 'aws ecs describe-services *' <<<"$(service "$NEW" IN_PROGRESS)"
  when 'aws ecs list-service-deployments *' \
    <<<'{"serviceDeployments": [{"serviceDeploymentArn": "arn:a", "status": "ROLLBACK_SUCCESSFUL", "statusReason": "the circuit breaker threshold was exceeded", "createdAt": 1, "targetServiceRevisionArn": "r"}]}'
  when 'aws ecs describe-service-revisions *' <<<"{\"serviceRevisions\": [{\"serviceRevisionArn\": \"r\", \"taskDefinition\": \"$NEW\"}]}"
  when 'aws ecs describe-tasks *' \
    <<<"{\"tasks\": [{\"taskArn\": \"t/1a2b3c4d5e\", \"taskDefinitionArn\": \"$NEW\", \"stoppedReason\": \"Essential container in task exited\", \"containers\": [{\"exitCode\": 137, \"reason\": \"OutOfMemoryError\"}]}]}"
  when "aws ecs describe-task-definition --task-definition $NEW" \
    <<<"{\"taskDefinition\": {\"containerDefinitions\": [{\"image\": \"$URI@sha256:new\", \"environment\": [{\"name\": \"TOKEN\", \"value\": \"hunter2\"}]}]}}"
  when 'aws logs get-log-events *' <<<'{"events": [{"message": "listening\n"}, {"message": "with ADMIN_SECRET=hunter2\n"}, {"message": "heap is full\n"}]}'
}

@test "says why ECS rolled back, and points latest at the image that runs" {
  everything_there
  ENVIRONMENT=(AWS_ENDPOINT_URL="http://127.0.0.1:$PORT")
  when 'aws sts get-caller-identity' <<<'{"Account": "000000000000", "Arn": "arn:aws:iam::000000000000:root"}'
  rolling_back
  deploy backend.mts staging
  assert_equal "$status" 3
  assert_regex "$stderr" "tasks stopped
  1 × Essential container in task exited \\(OutOfMemoryError, exit code 137\\)
last lines of task 1a2b3c4d
  listening
  \\(not shown: this line looks like a secret by its name\\)
  heap is full
changed since websocket-task-staging:11
  image: sha256:old → sha256:new
  environment: TOKEN is new
hint
  out of memory"
  assert_regex "$stderr" 'error: rolled back: websocket-task-staging:12: the circuit breaker threshold was exceeded; the service runs websocket-task-staging:11'
  assert_regex "$stderr" 'remedy: ./deploy/logs.mts staging --no-follow'
  refute_regex "$stderr" hunter2
  run tail -2 <(worked)
  assert_output "aws ecr batch-get-image --repository-name live-quiz-backend-staging --image-ids imageTag=latest imageDigest=sha256:old --accepted-media-types $MANIFESTS
aws ecr put-image --cli-input-json file://.local/deployments/staging/latest.json --query image.imageId"
}

@test "writes why into the summary of the CI job" {
  everything_there
  ENVIRONMENT=(AWS_ENDPOINT_URL="http://127.0.0.1:$PORT" GITHUB_STEP_SUMMARY="$STATE/summary.md")
  when 'aws sts get-caller-identity' <<<'{"Account": "000000000000", "Arn": "arn:aws:iam::000000000000:root"}'
  rolling_back
  deploy backend.mts staging
  run cat "$STATE/summary.md"
  assert_line --index 0 '### staging: rolled back'
  assert_line --regexp '^\| backend \| rolled back \| .* `websocket-task-staging:12`'
  assert_line --partial 'error: rolled back: websocket-task-staging:12: the circuit breaker threshold was exceeded'
  assert_line '  heap is full'
}

@test "keeps its verdict when the reasons cannot be read" {
  everything_there
  ENVIRONMENT=(AWS_ENDPOINT_URL="http://127.0.0.1:$PORT")
  when 'aws sts get-caller-identity' <<<'{"Account": "000000000000", "Arn": "arn:aws:iam::000000000000:root"}'
  rolling_back
  fails 'aws ecs list-tasks *' 254 <<<'An error occurred (AccessDeniedException): no'
  first 'aws ecr put-image *' </dev/null
  fails 'aws ecr put-image *' 254 <<<'An error occurred (ServerException): no'
  deploy backend.mts staging
  assert_equal "$status" 3
  assert_regex "$stderr" 'could not be read: aws ecs list-tasks: .*AccessDenied'
  assert_regex "$stderr" 'warning: latest may name an image that does not run'
  assert_regex "$stderr" 'error: rolled back: .*; the service runs websocket-task-staging:11'
}

@test "fails when ECS has nothing to go back to" {
  everything_there
  when 'aws ecs describe-services *' <<<"$(service "$NEW" FAILED)"
  deploy backend.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: failed: websocket-task-staging:12: tasks failed to start'
  assert_equal "$(grep -c 'put-image ' "$STATE/calls")" 1
}

@test "is superseded by a newer deployment, and leaves it alone" {
  everything_there
  first 'aws ecs describe-services *' <<<"$(service "$NEW" IN_PROGRESS)"
  when 'aws ecs describe-services *' <<<"$(service "${NEW/%12/13}" IN_PROGRESS)"
  when "aws ecs describe-task-definition --task-definition ${NEW/%12/13}" \
    <<<"{\"taskDefinition\": {\"containerDefinitions\": [{\"image\": \"$URI@sha256:new\", \"environment\": []}]}}"
  deploy backend.mts staging
  assert_equal "$status" 4
  assert_regex "$stderr" 'error: superseded: websocket-task-staging:12: by websocket-task-staging:13'
  assert_equal "$(grep -c update-service "$STATE/calls")" 1
  assert_equal "$(grep -c 'put-image ' "$STATE/calls")" 1
}

@test "verifies nothing, and says so, when the service wants no task" {
  everything_there
  when 'aws ecs describe-services *' <<<"$(service "$NEW" COMPLETED 0)"
  when 'aws ecs list-tasks *' <<<'{"taskArns": []}'
  deploy backend.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: failed: .* the desired count is 0'
  assert_regex "$stderr" $'\nremedy: ./deploy/scale.mts staging 1\n'
}

@test "is still running, not failed, when the time budget ends first" {
  everything_there
  setting ROLLOUT_TIMEOUT_SECONDS 1
  when 'aws ecs describe-services *' <<<"$(service "$NEW" IN_PROGRESS)"
  deploy backend.mts staging
  assert_equal "$status" 5
  assert_regex "$stderr" 'warning: still running: '
  assert_regex "$stderr" 'remedy: continue to watch: ./deploy/watch.mts staging'
}

# the errors of a question that is not answered
THROTTLED='An error occurred (ThrottlingException) when calling the operation (reached max retries: 4): Rate exceeded'
EXPIRED='An error occurred (ExpiredTokenException) when calling the operation: The security token included in the request is expired'

# status_in_record: of the backend
status_in_record() {
  node -p 'const { Item: r } = JSON.parse(require("fs").readFileSync(0)); [r.verdict.S, r.components.M.backend.M.status.S, r.components.M.backend.M.taskDefinition.S].join(", ")' \
    <"$PROJECT"/.local/deployments/staging/releases/*.json
}

@test "asks again where ECS does not answer during the rollout" {
  everything_there
  ENVIRONMENT=(AWS_ENDPOINT_URL="http://127.0.0.1:$PORT")
  when 'aws sts get-caller-identity' <<<'{"Account": "000000000000", "Arn": "arn:aws:iam::000000000000:root"}'
  first 'aws ecs describe-services *' <<<"$(service "$NEW" IN_PROGRESS)"
  fails_first 'aws ecs describe-services *' 254 <<<"$THROTTLED"
  fails_first 'aws ecs describe-services *' 255 <<<'Connection was closed before we received a valid response from endpoint URL'
  deploy backend.mts staging
  assert_equal "$status" 0
  assert_equal "$(grep -c 'warning: no answer, asking again: aws ecs describe-services' <<<"$stderr")" 1
}

@test "is still running when ECS does not answer until the time budget ends" {
  everything_there
  setting ROLLOUT_TIMEOUT_SECONDS 1
  fails 'aws ecs describe-services *' 254 <<<"$THROTTLED"
  deploy backend.mts staging
  assert_equal "$status" 5
  assert_regex "$stderr" 'warning: still running: websocket-task-staging:12: not decided after ROLLOUT_TIMEOUT_SECONDS=1, and AWS did not answer: aws ecs describe-services'
  assert_equal "$(status_in_record)" "still running, still running, $NEW"
}

@test "is still running when aws hangs, ten seconds after the time budget at most" {
  everything_there
  setting ROLLOUT_TIMEOUT_SECONDS 1
  first 'aws ecs describe-services *' <<<"$(service "$OLD" COMPLETED)"
  during 'aws ecs describe-services *' 'sleep 300'
  SECONDS=0
  deploy backend.mts staging
  assert_equal "$status" 5
  assert_regex "$stderr" 'not decided after ROLLOUT_TIMEOUT_SECONDS=1, and AWS did not answer: a question was not answered within 10 s'
  ((SECONDS < 60))
}

@test "ends at once when the credentials expire in the rollout, and leaves it alone" {
  everything_there
  fails 'aws ecs describe-services *' 254 <<<"$EXPIRED"
  deploy backend.mts staging
  assert_equal "$status" 5
  assert_regex "$stderr" 'warning: still running: .*ExpiredTokenException.*; ECS continues'
  assert_regex "$stderr" 'remedy: aws sso login, .*; then ./deploy/watch.mts staging follows it'
  assert_equal "$(grep -c update-service "$STATE/calls")" 1
  assert_equal "$(status_in_record)" "still running, still running, $NEW"
}

@test "is not verified, and left alone, when the credentials expire in the verification" {
  everything_there
  fails 'aws elbv2 describe-target-health *' 254 <<<"$EXPIRED"
  deploy backend.mts staging
  assert_equal "$status" 6
  assert_regex "$stderr" 'error: not verified: websocket-task-staging:12 runs and was left alone: aws elbv2 describe-target-health: .*ExpiredToken'
  assert_regex "$stderr" 'remedy: aws sso login, .*; then re-run the same command; it only verifies what runs'
  assert_equal "$(grep -c update-service "$STATE/calls")" 1
  assert_equal "$(status_in_record)" "not verified, not verified, $NEW"
}

@test "keeps its verdict when what follows it is not answered" {
  everything_there
  when 'aws ecs describe-services *' <<<"$(service "$NEW" FAILED)"
  fails 'aws ecs list-tasks *' 254 <<<"$EXPIRED"
  first 'aws ecs describe-services *' <<<"$(service "$NEW" FAILED)"
  fails_first 'aws ecs describe-services *' 254 <<<"$EXPIRED"
  deploy backend.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: failed: websocket-task-staging:12: tasks failed to start'
}

@test "says how to create the service again that someone else has deleted in the rollout" {
  everything_there
  first 'aws ecs describe-services *' <<<"$(service "$NEW" IN_PROGRESS)"
  when 'aws ecs describe-services *' <<<'{"services": []}'
  ENVIRONMENT=(AWS_ENDPOINT_URL="http://127.0.0.1:$PORT")
  when 'aws sts get-caller-identity' <<<'{"Account": "000000000000", "Arn": "arn:aws:iam::000000000000:root"}'
  deploy backend.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: failed: websocket-task-staging:12: the service websocket-service is gone'
  assert_regex "$stderr" $'\nremedy: create it again: ./deploy/backend.mts staging\n'
}

@test "undoes nothing when someone else scales the service to 0 during verification" {
  everything_there
  first 'aws ecs describe-services *' <<<"$(service "$NEW" COMPLETED)"
  when 'aws ecs describe-services *' <<<"$(service "$NEW" COMPLETED 0)"
  when 'aws ecs list-tasks *' <<<'{"taskArns": []}'
  deploy backend.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: failed: .* the desired count is 0'
  assert_regex "$stderr" $'\nremedy: ./deploy/scale.mts staging 1\n'
  assert_equal "$(grep -c update-service "$STATE/calls")" 1
}

# going_back STATE: the tasks run another image, and so the rollout of release 11 ends when the toolkit goes back to it
going_back() {
  when 'aws ecs describe-tasks *' <<<"{\"tasks\": [{\"taskArn\": \"t/1\", \"taskDefinitionArn\": \"$NEW\", \"containers\": [{\"imageDigest\": \"sha256:other\"}]}]}"
  when 'aws logs get-log-events *' <<<'{"events": []}'
  # as it is followed, and as it is looked at again after verification failed
  first 'aws ecs describe-services *' <<<"$(service "$NEW" COMPLETED)"
  first 'aws ecs describe-services *' <<<"$(service "$NEW" COMPLETED)"
  when 'aws ecs describe-services *' <<<"$(service "$OLD" "$1")"
}

@test "goes back to what ran before when verification fails, and is rolled back" {
  everything_there
  going_back COMPLETED
  deploy backend.mts staging
  assert_equal "$status" 3
  assert_regex "$stderr" 'verification failed: the tasks run sha256:other, not the pushed sha256:new; rolling back to websocket-task-staging:11'
  assert_regex "$stderr" 'error: rolled back: websocket-task-staging:12: verification failed'
  run grep -oE 'update-service .*--task-definition [^ ]+|put-image ' "$STATE/calls"
  assert_output "put-image 
update-service --service websocket-service --task-definition $NEW
update-service --service websocket-service --task-definition $OLD
put-image "
}

# lock_lost AFTER: someone breaks the lock once it was renewed so often
lock_lost() {
  fails 'aws dynamodb update-item *' 254 <<<'An error occurred (ConditionalCheckFailedException) when calling the UpdateItem operation'
  for ((n = 0; n < $1; n++)); do first 'aws dynamodb update-item *' </dev/null; done
}

@test "does not go back when its lock was broken meanwhile, and says what verification saw" {
  everything_there
  going_back COMPLETED
  lock_lost 2
  deploy backend.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'verification failed: the tasks run sha256:other, not the pushed sha256:new.*error: the deploy lock of staging was broken'
  assert_equal "$(grep -c update-service "$STATE/calls")" 1
}

@test "fails when verification fails, and what ran before does not come up again" {
  everything_there
  going_back FAILED
  deploy backend.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: failed: .*; rolling back to websocket-task-staging:11: failed: tasks failed to start'
  assert_equal "$(status_in_record)" "failed, failed, $NEW"
}

@test "fails when verification fails and there is nothing to go back to" {
  everything_there
  first 'aws ecs describe-services *' <<<'{"services": []}'
  forget 'aws ecs describe-services *'
  when 'aws ecs describe-tasks *' <<<"{\"tasks\": [{\"taskArn\": \"t/1\", \"taskDefinitionArn\": \"$NEW\", \"containers\": [{\"imageDigest\": \"sha256:other\"}]}]}"
  when 'aws logs get-log-events *' <<<'{"events": []}'
  deploy backend.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: failed: websocket-task-staging:12: verification failed: the tasks run sha256:other'
  run grep update-service "$STATE/calls"
  assert_failure
}

# changed: without what is asked at the same time
changed() { worked | grep -vE ' (describe|put-lifecycle|put-image-tag)-|^npm sbom |/sbom/'; }

# stops_at PATTERN: nothing runs after that command failed, and the copied settings are gone
stops_at() {
  everything_there
  fails "$1" 7 <<<'denied: no'
  deploy backend.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'denied: no'
  assert_regex "$stderr" 'error: '
  refute_regex "$stderr" $'\n    at '
  # shellcheck disable=SC2053 # a glob is what it is
  [[ $(changed | tail -1) == $1 ]]
}

@test "stops when the build fails" { stops_at 'docker build *--tag *'; }

@test "stops when the login fails" { stops_at 'docker login *'; }

@test "stops when a push fails" { stops_at 'docker push *'; }

@test "stops when a registration fails" { stops_at 'aws ecs register-task-definition *'; }

@test "stops when the update fails" { stops_at 'aws ecs update-service *'; }

@test "cleans up and exits 130 on Ctrl-C in the build" {
  everything_there
  interrupted 'docker build *--tag *'
  deploy backend.mts staging
  assert_equal "$status" 130
  assert_regex "$stderr" 'warning: stopped by Ctrl-C'
  assert_equal "$(changed | tail -1)" 'docker build --force-rm --pull --build-arg NODE_IMAGE=node:20-alpine --platform linux/amd64 --iidfile .local/deployments/staging/runs/RUN/image/id --tag live-quiz-backend-staging:latest .local/deployments/staging/runs/RUN/backend'
}

@test "says on Ctrl-C that ECS continues the rollout, and how to roll it back" {
  everything_there
  interrupted 'aws ecs describe-services *'
  deploy backend.mts staging
  assert_equal "$status" 130
  assert_regex "$stderr" 'ECS continues with websocket-task-staging:[0-9]+: ./deploy/watch.mts staging follows it, ./deploy/rollback.mts staging [0-9]+ undoes it'
}

@test "names no way back on Ctrl-C in the rollout of what ran already" {
  everything_there
  when 'aws ecs register-task-definition *' <<<"{\"taskDefinition\": {\"taskDefinitionArn\": \"$OLD\"}}"
  forget
  first 'aws ecs describe-services *' <<<"$(service "$OLD" IN_PROGRESS)"
  interrupted 'aws ecs describe-services *'
  deploy backend.mts staging --redeploy
  assert_equal "$status" 130
  assert_regex "$stderr" 'ECS continues with websocket-task-staging:[0-9]+: ./deploy/watch.mts staging follows it'
  refute_regex "$stderr" 'undoes it'
}

@test "refuses without a Docker engine" {
  everything_there
  fails 'docker version *' 1 <<<'Cannot connect to the Docker daemon at unix:///var/run/docker.sock'
  deploy backend.mts staging
  assert_refused 1 'no Docker engine answers' 'start Docker'
}

@test "refuses while the stack is not deployed yet" {
  deploy backend.mts staging
  assert_refused 1 'the stack LiveQuizEventStack-staging is not deployed yet' './deploy/infrastructure.mts staging'
  stack ROLLBACK_COMPLETE
  deploy backend.mts staging
  assert_refused 1 'LiveQuizEventStack-staging is not deployed yet \(ROLLBACK_COMPLETE\)' './deploy/infrastructure.mts staging'
}

@test "refuses a stack that lacks an output" {
  everything_there
  sed -i 's/TaskRoleArn/Something/' "$STATE/DescribeStacks.LiveQuizEventStack-staging.xml"
  deploy backend.mts staging
  assert_refused 1 'has no output TaskRoleArn' './deploy/infrastructure.mts staging'
}
