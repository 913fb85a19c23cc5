#!/usr/bin/env bats
# The check: a tree of OK, NG and SKIP that changes nothing.
load ../helper

everything_there() {
  stack UPDATE_COMPLETE
  printf '<Stacks><member><StackName>CDKToolkit</StackName><StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-11-01T00:00:00Z</CreationTime></member></Stacks>' \
    >"$STATE/DescribeStacks.CDKToolkit.xml"
  when 'aws --version' <<<'aws-cli/2.17.0 Python/3.11.9 Linux/6.1'
  when 'git --version' <<<'git version 2.39.5'
  ln -s "$ROOT/test/shims/record" "$STATE/bin/cdk"
  when 'cdk --version' <<<'2.1148.1 (build 4f3efd4)'
}

@test "finds everything good, and changes nothing" {
  everything_there
  deploy check.mts staging
  assert_equal "$status" 0
  assert_equal "$(grep -cE '\[(NG|SKIP)\]' <<<"$output")" 0
  assert_regex "$output" 'account +\[OK\] 123456789012'
  assert_regex "$output" 'stack +\[OK\] LiveQuizEventStack-staging is in UPDATE_COMPLETE'
  refute_changes
}

@test "answers data on request, and nothing else on stdout" {
  everything_there
  deploy check.mts staging --json
  assert_equal "$status" 0
  assert_equal "$(node -p 'const r = JSON.parse(require("fs").readFileSync(0)); [r.environment, r.ok, r.Tools[0].name].join()' <<<"$output")" staging,true,node
}

@test "names everything that is bad, each with its remedy, and exits 1" {
  everything_there
  fails 'docker version *' 1 <<<'Cannot connect to the Docker daemon'
  when 'cdk --version' <<<'3.0.0 (build 4f3efd4)'
  when 'aws sts get-caller-identity' <<<'{"Account": "999999999999", "Arn": "arn:aws:iam::999999999999:user/eve"}'
  stack UPDATE_ROLLBACK_FAILED
  deploy check.mts staging
  assert_equal "$status" 1
  assert_regex "$output" 'Docker engine +\[NG\] no Docker engine answers: Cannot connect'
  assert_regex "$output" 'cdk on the PATH +\[NG\] .* 3\.0\.0'
  assert_regex "$output" 'npm install --global aws-cdk@2\.1148\.1'
  assert_regex "$output" 'account +\[NG\] these credentials are of account 999999999999'
  assert_regex "$output" 'aws cloudformation continue-update-rollback'
}

@test "skips what is not there yet, with the reason" {
  everything_there
  rm "$STATE"/DescribeStacks.*.xml
  fails 'aws ssm get-parameter *' 254 <<<'An error occurred (ParameterNotFound)'
  setting AWS_ACCOUNT_ID ''
  deploy check.mts staging
  assert_equal "$status" 0
  assert_regex "$output" 'account +\[SKIP\] 123456789012; the first deployment asks'
  assert_regex "$output" 'bootstrap +\[SKIP\] not yet'
  assert_regex "$output" 'stack +\[SKIP\] LiveQuizEventStack-staging is not deployed yet'
}

@test "asks nothing of AWS without credentials" {
  everything_there
  fails 'aws sts *' 253 <<<'Unable to locate credentials'
  deploy check.mts staging
  assert_equal "$status" 1
  assert_regex "$output" 'credentials +\[NG\] .*Unable to locate credentials'
  assert_regex "$output" 'stack +\[SKIP\] not asked'
  refute_regex "$(<"$STATE/calls")" 'sdk'
}

@test "tells a malformed setting" {
  everything_there
  setting TASK_COUNT many
  deploy check.mts staging
  assert_equal "$status" 1
  assert_regex "$output" 'env/.env.staging +\[NG\] .*TASK_COUNT is "many"'
}
