#!/usr/bin/env bats
# What every script checks before it changes anything: environment, settings, credentials, account, region, confirmation.
load helper

@test "refuses to start without an environment, and lists them" {
  deploy all.mts
  assert_refused 2 'no environment was given' 'development, staging, production, local'
}

@test "refuses an unknown environment, and lists the known ones" {
  deploy backend.mts prod
  assert_refused 2 'unknown environment: prod' 'development, staging, production, local'
}

@test "refuses an unknown flag" {
  deploy frontend.mts staging --jes
  assert_refused 2 "unknown option '--jes'" '--help, --dry-run, --force, --yes'
}

@test "refuses a flag before it starts a local AWS" {
  deploy local.mts --jes
  assert_refused 2 "unknown option '--jes'" '--help, --redeploy, --dry-run, --force, --wait-idle, --yes'
}

@test "refuses a second environment" {
  deploy frontend.mts staging production
  assert_refused 2 'unexpected argument: production' '--help'
}

@test "shows its manual without looking at anything" {
  deploy backend.mts --help
  assert_equal "$status" 0
  assert_regex "$output" '^Deploys the backend of an environment'
  assert_regex "$output" '--redeploy'
  assert_calls </dev/null
}

@test "refuses a missing settings file" {
  rm "$PROJECT/env/.env.staging"
  deploy infrastructure.mts staging
  assert_refused 2 'env/.env.staging is missing' 'cp env/.env.example env/.env.staging'
}

@test "refuses a malformed line" {
  echo 'TASK COUNT 3' >>"$PROJECT/env/.env.staging"
  deploy infrastructure.mts staging
  assert_refused 2 'env/.env.staging:[0-9]+ is not KEY=value: TASK COUNT 3' 'fix or remove'
}

@test "refuses an unknown key" {
  setting TASK_CUONT 3
  deploy infrastructure.mts staging
  assert_refused 2 'unknown key: TASK_CUONT' 'docs/DEPLOYMENT_CONFIG.md lists the keys'
}

@test "refuses a value of another form" {
  setting TASK_COUNT 1e10
  deploy infrastructure.mts staging
  assert_refused 2 'TASK_COUNT is "1e10"' 'it must be 0 to 99'
}

@test "refuses a settings file that is a directory, and a value that dotenv would cut" {
  setting VITE_APP_NAME 'C#-Quiz'
  deploy frontend.mts staging
  assert_refused 2 'env/.env.staging:[0-9]+ can be read in two ways: VITE_APP_NAME=C#-Quiz' 'put the whole value in quotes'
  rm "$PROJECT/env/.env.staging" && mkdir "$PROJECT/env/.env.staging"
  deploy infrastructure.mts staging
  assert_refused 2 'env/.env.staging is not a file' 'git restore'
}

@test "refuses a task that Fargate does not have before anything is asked" {
  setting TASK_MEMORY_MIB 4608
  deploy backend.mts staging
  assert_refused 2 'no task of 512 CPU units with 4608 MiB' '1024 to 4096'
  assert_calls </dev/null
}

@test "refuses flags that contradict each other, and a NOTE that is not a line of text" {
  deploy all.mts staging --force --wait-idle
  assert_refused 2 '--force and --wait-idle contradict each other' 'give one'
  ENVIRONMENT=(NOTE=$'launch\x1b[2J')
  deploy all.mts staging
  assert_refused 2 'NOTE is not a line of text' 'unset NOTE'
}

@test "refuses two identities before anything is asked" {
  ENVIRONMENT=(AWS_PROFILE=other)
  deploy frontend.mts staging
  assert_refused 1 'AWS_PROFILE \(other\) and AWS_ACCESS_KEY_ID are both set' 'unset AWS_PROFILE'
  assert_calls </dev/null
}

# unkeyed SCRIPT ARGUMENTS…: `deploy` without keys in the shell, with the profile `ana`
unkeyed() { ENVIRONMENT=(AWS_ACCESS_KEY_ID='' AWS_SECRET_ACCESS_KEY='' AWS_PROFILE=ana) && deploy "$@"; }

@test "takes the credentials of aws for the SDK and for cdk, asked for once" {
  stack UPDATE_COMPLETE
  when 'aws configure export-credentials *' <<<'{"Version": 1, "AccessKeyId": "ASIA", "SecretAccessKey": "secret", "Expiration": "2999-01-01T00:00:00Z"}'
  when 'aws ecs describe-services *' <<<'{"services": []}'
  when 'cdk diff *' <<<'Number of stacks with differences: 0'
  during 'cdk diff *' 'printf "%s\n" "$AWS_PROFILE" >"$STATE/profile"; cat "$AWS_CONFIG_FILE" >>"$STATE/profile"'
  unkeyed diff.mts staging infrastructure
  assert_equal "$status" 0
  unkeyed urls.mts staging
  assert_equal "$status" 0
  assert_equal "$(grep -c 'aws configure export-credentials --format process' "$STATE/calls")" 2
  assert_regex "$(<"$STATE/profile")" '^aws.*credential_process = env AWS_PROFILE=ana .* aws configure export-credentials'
  refute_regex "$(cat "$PROJECT"/.local/deployments/staging/logs/* "$STATE/profile")$stderr" secret
}

@test "says that an MFA code is missing, and the line that asks for it" {
  fails 'aws *' 255 <<<'Enter MFA code for arn:aws:iam::123456789012:mfa/ana: '
  unkeyed status.mts staging
  assert_refused 1 'your profile needs an MFA code' 'aws sts get-caller-identity asks for the code once'
}

@test "blames the clock for a signature that has expired" {
  fails 'aws sts *' 254 <<<'An error occurred (SignatureDoesNotMatch) when calling the GetCallerIdentity operation: Signature expired: 20261128T100000Z is now earlier than 20261128T104500Z'
  deploy status.mts staging
  assert_refused 1 'its clock is wrong' 'date -u shows the clock'
}

@test "only looks without a commit, and refuses to deploy with what helps" {
  stack UPDATE_COMPLETE
  fails 'git *' 128 <<<'fatal: not a git repository (or any of the parent directories): .git'
  deploy urls.mts staging
  assert_equal "$status" 0
  deploy backend.mts staging
  assert_refused 1 'this is not a git checkout' 'git clone'
  fails 'git *' 128 <<<"fatal: detected dubious ownership in repository at '/x'"
  deploy frontend.mts staging
  assert_refused 1 'belongs to another user' 'git config --global --add safe.directory'
  fails 'git *' 128 <<<'fatal: Needed a single revision'
  deploy infrastructure.mts staging
  assert_refused 1 'no commit' 'git add --all && git commit'
}

@test "refuses to start without credentials" {
  fails 'aws sts *' 253 <<<'Unable to locate credentials. You can configure credentials by running "aws configure".'
  deploy backend.mts staging
  assert_refused 1 'aws sts get-caller-identity: Unable to locate credentials' 'aws configure'
}

@test "refuses expired credentials" {
  fails 'aws sts *' 254 <<<'An error occurred (ExpiredToken) when calling the GetCallerIdentity operation: The security token included in the request is expired'
  deploy backend.mts staging
  assert_refused 1 'expired' 'aws sso login'
}

@test "says so when aws is not installed" {
  rm "$STATE/bin/aws"
  deploy backend.mts staging
  assert_refused 1 'aws is not on the PATH' 'make check'
}

@test "refuses another account than the environment's" {
  when 'aws sts get-caller-identity' <<<'{"Account": "999999999999", "Arn": "arn:aws:iam::999999999999:user/eve"}'
  deploy all.mts staging
  assert_refused 1 'credentials are for account 999999999999, but staging belongs to 123456789012' 'AWS_PROFILE=<a profile of 123456789012>'
}

@test "refuses to guess the account without a terminal, also with --yes" {
  setting AWS_ACCOUNT_ID ''
  deploy all.mts staging --yes
  assert_refused 1 'env/.env.staging does not say which account' 'AWS_ACCOUNT_ID=123456789012'
  assert_equal "$(grep AWS_ACCOUNT_ID= "$PROJECT/env/.env.staging")" 'AWS_ACCOUNT_ID='
}

@test "refuses a region in the shell that is not the environment's" {
  ENVIRONMENT=(AWS_REGION=eu-west-1)
  deploy all.mts staging
  assert_refused 1 'AWS_REGION is eu-west-1 in your shell, but staging is in us-east-1' 'unset AWS_REGION'
}

@test "refuses the environment local anywhere but on this machine's AWS" {
  deploy all.mts local
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: the local AWS is not running'
  assert_regex "$stderr" 'remedy: make local-up'
  refute_changes
}

@test "on the local AWS expects its account, whatever the file says" {
  ENVIRONMENT=(AWS_ENDPOINT_URL="http://127.0.0.1:$PORT")
  deploy backend.mts staging
  assert_refused 1 'credentials are for account 123456789012, but staging belongs to 000000000000' 'make local-shell'
}

@test "does not ask to confirm production where there is no terminal" {
  production
  deploy backend.mts production
  assert_refused 2 'production asks for confirmation' 'the same line with --yes'
}

@test "phrases the remedy for npm and for make" {
  production
  ENVIRONMENT=(npm_lifecycle_event=deploy:prod npm_lifecycle_script='./deploy/all.mts production')
  deploy all.mts production
  assert_refused 2 'production asks' 'npm run deploy:prod -- --yes'
  ENVIRONMENT=(MAKELEVEL=1)
  deploy all.mts production
  assert_refused 2 'production asks' 'ARGS=--yes'
}

@test "notices a flag that npm kept for itself" {
  ENVIRONMENT=(npm_lifecycle_event=deploy:prod npm_lifecycle_script='./deploy/all.mts production' npm_config_yes=true)
  deploy all.mts production
  assert_refused 2 'npm kept --yes for itself' 'npm run deploy:prod -- --yes'
  ENVIRONMENT=(npm_lifecycle_event=deploy:prod npm_lifecycle_script='./deploy/all.mts production' npm_config_dry_run=true)
  deploy all.mts production --yes
  assert_refused 2 'npm kept --dry-run for itself' 'npm run deploy:prod -- --yes --dry-run'
}

@test "shows account, region and who before anything else" {
  deploy backend.mts staging
  assert_regex "$stderr" 'staging: account 123456789012, us-east-1, as arn:aws:iam::123456789012:user/ana'
}
