#!/usr/bin/env bats
# The backend stage, command line by command line.
load ../helper

URI=123456789012.dkr.ecr.us-east-1.amazonaws.com/live-quiz-backend-staging
OLD=arn:aws:ecs:us-east-1:123456789012:task-definition/websocket-task-staging:11
NEW=arn:aws:ecs:us-east-1:123456789012:task-definition/websocket-task-staging:12

# everything is there; release 11 runs, and the next one comes up
everything_there() {
  stack UPDATE_COMPLETE
  when 'aws ecr describe-repositories *' <<<"{\"repositories\": [{\"repositoryUri\": \"$URI\"}]}"
  when 'aws ecr get-login-password' <<<hunter2
  when 'aws ecr describe-images *' <<<'{"imageDetails": [{"imageDigest": "sha256:new"}]}'
  when 'aws ecr batch-get-image *' <<<'{"images": [{"imageManifest": "{\"config\": {\"digest\": \"sha256:old-image\"}}"}]}'
  when 'docker image inspect *' <<<'[{"Id": "sha256:new-image", "RepoDigests": []}]'
  when "aws ecs describe-task-definition --task-definition $OLD" \
    <<<"{\"taskDefinition\": {\"containerDefinitions\": [{\"image\": \"$URI@sha256:old\", \"environment\": [{\"name\": \"RELEASE_ID\", \"value\": \"old\"}]}]}}"
  when 'aws ecs register-task-definition *' <<<"{\"taskDefinition\": {\"taskDefinitionArn\": \"$NEW\"}}"
  when 'aws ecs describe-services *' <<<"$(service "$NEW" COMPLETED)"
  first 'aws ecs describe-services *' <<<"$(service "$OLD" COMPLETED)"
  when 'aws ecs list-tasks *' <<<'{"taskArns": ["arn:aws:ecs:us-east-1:123456789012:task/a"]}'
  when 'aws ecs describe-tasks *' <<<"{\"tasks\": [{\"taskDefinitionArn\": \"$NEW\", \"containers\": [{\"imageDigest\": \"sha256:new\"}]}]}"
  when 'aws elbv2 describe-target-health *' \
    <<<'{"TargetHealthDescriptions": [{"Target": {"Id": "10.0.0.1"}, "TargetHealth": {"State": "healthy"}}]}'
}

# service TASK_DEFINITION ROLLOUT_STATE [DESIRED_COUNT]
service() {
  printf '{"services": [{"status": "ACTIVE", "taskDefinition": "%s", "desiredCount": %d, "events": [], "deployments": [{"id": "d", "status": "PRIMARY", "taskDefinition": "%s", "desiredCount": %d, "runningCount": %d, "pendingCount": 0, "rolloutState": "%s", "rolloutStateReason": "tasks failed to start"}]}]}' \
    "$1" "${3-2}" "$1" "${3-2}" "${3-2}" "$2"
}

registered() {
  node -p 'const d = JSON.parse(require("fs").readFileSync(0)); const c = d.containerDefinitions[0]; [d.family, d.cpu, d.memory, d.runtimePlatform.cpuArchitecture, c.image, ...c.environment.map((e) => e.name + "=" + e.value), c.secrets[0].name].join("\n")' \
    <"$PROJECT/.local/deployments/staging/task-definition.json"
}

@test "deploys a changed image: build, login, push, register, update, prove" {
  everything_there
  deploy backend.mts staging
  assert_equal "$status" 0
  assert_calls <<CALLS
git rev-parse --short=7 HEAD
git status --porcelain --untracked-files=normal
aws sts get-caller-identity
docker version --format '{{.Server.Version}} {{.Server.Arch}}'
sdk cloudformation DescribeStacks LiveQuizEventStack-staging
aws ecr describe-repositories --repository-names live-quiz-backend-staging
docker buildx version
docker build --platform linux/amd64 --tag live-quiz-backend-staging:latest backend/
docker image inspect live-quiz-backend-staging:latest
aws ecs describe-services --cluster live-quiz-cluster-staging --services websocket-service
aws ecs describe-task-definition --task-definition $OLD
aws ecr put-lifecycle-policy --repository-name live-quiz-backend-staging --lifecycle-policy-text '{"rules":[{"rulePriority":1,"description":"keep the last 200 images","selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":200},"action":{"type":"expire"}}]}' --query repositoryName
aws ecr get-login-password
docker login --username AWS --password-stdin 123456789012.dkr.ecr.us-east-1.amazonaws.com
docker tag sha256:new-image $URI:TIMESTAMP-abc1234
docker push $URI:TIMESTAMP-abc1234
docker tag sha256:new-image $URI:latest
docker push $URI:latest
aws ecr describe-images --repository-name live-quiz-backend-staging --image-ids imageTag=TIMESTAMP-abc1234
aws ecs register-task-definition --cli-input-json file://.local/deployments/staging/task-definition.json
aws ecs update-service --service websocket-service --task-definition $NEW --force-new-deployment --cli-input-json file://.local/deployments/staging/service.json --query service.serviceArn
aws ecs describe-services --cluster live-quiz-cluster-staging --services websocket-service
aws elbv2 describe-target-health --target-group-arn arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/live-quiz-staging-tasks/1
aws ecs list-tasks --cluster live-quiz-cluster-staging --service-name websocket-service --desired-status RUNNING
aws ecs describe-tasks --cluster live-quiz-cluster-staging --tasks arn:aws:ecs:us-east-1:123456789012:task/a
CALLS
  assert_equal "$output" ''
  assert_regex "$stderr" 'deployed: websocket-task-staging:12'
  assert_regex "$stderr" 'health .* reports [0-9TZ]{16}-abc1234'
  assert_regex "$stderr" 'undo with: ./deploy/rollback.mts staging 11'
}

@test "hands the registry's password from aws to docker through stdin, and shows it nowhere" {
  everything_there
  deploy backend.mts staging
  assert_equal "$(<"$STATE/password")" hunter2
  run grep -r hunter2 "$STATE/calls" "$PROJECT/.local"
  assert_failure
  refute_regex "$stderr" hunter2
}

@test "registers a task definition that is pinned by digest and has every value of the environment" {
  everything_there
  setting HEARTBEAT_SECONDS 20
  deploy backend.mts staging
  run registered
  assert_output --regexp "^websocket-task-staging
512
1024
X86_64
$URI@sha256:new
LOG_LEVEL=info
HEARTBEAT_SECONDS=20
PORT=3000
APPLICATION_TABLE=live-quiz-staging
AWS_REGION=us-east-1
RELEASE_ID=[0-9TZ]{16}-abc1234
ALLOWED_ORIGINS=http://127.0.0.1:$PORT
ADMIN_SECRET\$"
}

@test "passes network, load balancer and circuit breaker anew with each update" {
  everything_there
  deploy backend.mts staging
  run node -p 'const s = JSON.parse(require("fs").readFileSync(0)); JSON.stringify([s.networkConfiguration.awsvpcConfiguration.subnets, s.networkConfiguration.awsvpcConfiguration.securityGroups, s.loadBalancers[0].containerPort, s.deploymentConfiguration.deploymentCircuitBreaker])' \
    <"$PROJECT/.local/deployments/staging/service.json"
  assert_output '[["subnet-1","subnet-2"],["sg-1"],3000,{"enable":true,"rollback":true}]'
}

@test "creates the repository and the service the first time, with the configured number of tasks" {
  everything_there
  fails 'aws ecr describe-repositories *' 254 <<<'An error occurred (RepositoryNotFoundException) when calling the DescribeRepositories operation'
  when 'aws ecr create-repository *' <<<"{\"repository\": {\"repositoryUri\": \"$URI\"}}"
  rm -r "$STATE"/stubs/0*
  first 'aws ecs describe-services *' <<<'{"services": [], "failures": [{"reason": "MISSING"}]}'
  deploy backend.mts staging
  assert_equal "$status" 0
  run grep -E '(create|update)-' "$STATE/calls"
  assert_output "aws ecr create-repository --repository-name live-quiz-backend-staging --image-scanning-configuration scanOnPush=true
aws ecs create-service --service-name websocket-service --task-definition $NEW --desired-count 2 --launch-type FARGATE --cli-input-json file://.local/deployments/staging/service.json --query service.serviceArn"
}

@test "says so and changes nothing when image and settings are what runs" {
  everything_there
  deploy backend.mts staging
  when "aws ecs describe-task-definition --task-definition $NEW" <<<"{\"taskDefinition\": $(<"$PROJECT/.local/deployments/staging/task-definition.json")}"
  when 'docker image inspect *' <<<"[{\"Id\": \"sha256:new-image\", \"RepoDigests\": [\"$URI@sha256:new\"]}]"
  : >"$STATE/calls"
  deploy backend.mts staging
  assert_equal "$status" 0
  assert_regex "$stderr" 'unchanged: websocket-task-staging:12'
  run grep -E '(push|login|tag sha|register|update-service|put-)' "$STATE/calls"
  assert_failure

  # --redeploy forces, and a setting that changed is a change
  deploy backend.mts staging --redeploy
  run grep -c 'aws ecs update-service' "$STATE/calls"
  assert_output 1
  when "aws ecs describe-task-definition --task-definition $NEW" <<<"{\"taskDefinition\": $(<"$PROJECT/.local/deployments/staging/task-definition.json")}"
  setting LOG_LEVEL debug
  deploy backend.mts staging
  run grep -c 'aws ecs update-service' "$STATE/calls"
  assert_output 2
}

@test "puts the task's settings into the build context, and takes them away again" {
  everything_there
  setting HEARTBEAT_SECONDS 20
  during 'docker build *' 'cp backend/.env "$STATE/seen"'
  deploy backend.mts staging
  assert_equal "$(grep -v '^#' "$STATE/seen")" "LOG_LEVEL='info'
HEARTBEAT_SECONDS='20'"
  [[ ! -e $PROJECT/backend/.env ]]
}

@test "refuses a backend/.env of somebody's own, and leaves it alone" {
  everything_there
  echo MINE=1 >"$PROJECT/backend/.env"
  deploy backend.mts staging
  assert_refused 1 'backend/.env is in the way' 'mv backend/.env backend/.env.mine'
  assert_equal "$(<"$PROJECT/backend/.env")" MINE=1
}

@test "follows the rollout, and tells each change once" {
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

@test "says why when the rollout fails, exits 1, and points latest back at the image that runs" {
  everything_there
  when 'aws ecs describe-services *' <<<"$(service "$NEW" FAILED)"
  when 'aws ecs describe-tasks *' \
    <<<"{\"tasks\": [{\"taskDefinitionArn\": \"$NEW\", \"stoppedReason\": \"Essential container in task exited\", \"containers\": [{\"exitCode\": 137, \"reason\": \"OutOfMemoryError\"}]}]}"
  deploy backend.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" '1 × Essential container in task exited \(OutOfMemoryError, exit code 137\)'
  assert_regex "$stderr" 'error: failed: websocket-task-staging:12: tasks failed to start'
  assert_regex "$stderr" 'remedy: aws logs tail /ecs/live-quiz-websocket-server-staging'
  run tail -2 "$STATE/calls"
  assert_output 'aws ecr batch-get-image --repository-name live-quiz-backend-staging --image-ids imageDigest=sha256:old --accepted-media-types application/vnd.docker.distribution.manifest.v2+json application/vnd.oci.image.manifest.v1+json
aws ecr put-image --cli-input-json file://.local/deployments/staging/latest.json --query image.imageId'
}

@test "verifies nothing, and says so, when the service wants no task" {
  everything_there
  when 'aws ecs describe-services *' <<<"$(service "$NEW" COMPLETED 0)"
  when 'aws ecs list-tasks *' <<<'{"taskArns": []}'
  deploy backend.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: failed: .* wants 0 tasks'
}

@test "is still running, not failed, when the time budget ends first" {
  everything_there
  setting ROLLOUT_TIMEOUT_SECONDS 1
  when 'aws ecs describe-services *' <<<"$(service "$NEW" IN_PROGRESS)"
  deploy backend.mts staging
  assert_equal "$status" 5
  assert_regex "$stderr" 'error: still running: '
  assert_regex "$stderr" 'remedy: go on watching with: aws ecs describe-services'
}

@test "fails when the tasks run another digest than the pushed one" {
  everything_there
  when 'aws ecs describe-tasks *' <<<"{\"tasks\": [{\"taskDefinitionArn\": \"$NEW\", \"containers\": [{\"imageDigest\": \"sha256:other\"}]}]}"
  deploy backend.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: the tasks run sha256:other, not the pushed sha256:new'
}

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
  [[ $(tail -1 "$STATE/calls") == $1 ]]
  [[ ! -e $PROJECT/backend/.env ]]
}

@test "stops when the build fails" { stops_at 'docker build *'; }

@test "stops when the login fails" { stops_at 'docker login *'; }

@test "stops when a push fails" { stops_at 'docker push *'; }

@test "stops when a registration fails" { stops_at 'aws ecs register-task-definition *'; }

@test "stops when the update fails" { stops_at 'aws ecs update-service *'; }

@test "cleans up and exits 130 on Ctrl-C in the build" {
  everything_there
  interrupted 'docker build *'
  deploy backend.mts staging
  assert_equal "$status" 130
  assert_regex "$stderr" 'error: stopped by Ctrl-C'
  [[ ! -e $PROJECT/backend/.env ]]
  assert_equal "$(tail -1 "$STATE/calls")" 'docker build --platform linux/amd64 --tag live-quiz-backend-staging:latest backend/'
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
}

@test "refuses a stack that lacks an output" {
  everything_there
  sed -i 's/TaskRoleArn/Something/' "$STATE/DescribeStacks.LiveQuizEventStack-staging.xml"
  deploy backend.mts staging
  assert_refused 1 'has no output TaskRoleArn' './deploy/infrastructure.mts staging'
}
