#!/usr/bin/env bats
# Whether an environment answers.
load helper

everything_there() {
  stack UPDATE_COMPLETE
  echo task-release >"$STATE/release"
  echo '<meta name="release" content="site-release"><div id="root"></div>' >"$STATE/index.html"
}

@test "asks backend, page and WebSocket, directly and through the CDN" {
  everything_there
  deploy health.mts staging
  assert_equal "$status" 0
  run sed -E 's/ +[0-9]+ ms//; s/ +/ /g' <<<"$output"
  assert_output "backend OK http://localhost:$PORT/health release task-release
backend through CDN OK http://127.0.0.1:$PORT/health release task-release
data OK http://127.0.0.1:$PORT/api/live the table answers
frontend OK http://127.0.0.1:$PORT/ release site-release
WebSocket OK ws://localhost:$PORT opens
WebSocket through CDN OK ws://127.0.0.1:$PORT/ws opens"
  refute_changes
}

@test "asks through the CDN only where the load balancer is private" {
  everything_there
  private_load_balancer
  deploy health.mts staging
  assert_equal "$status" 0
  run sed -E 's/ +[0-9]+ ms//; s/ +/ /g' <<<"$output"
  assert_output "backend through CDN OK http://127.0.0.1:$PORT/health release task-release
data OK http://127.0.0.1:$PORT/api/live the table answers
frontend OK http://127.0.0.1:$PORT/ release site-release
WebSocket through CDN OK ws://127.0.0.1:$PORT/ws opens"
}

@test "exits 1 when one check fails, and shows the others all the same" {
  everything_there
  echo 'It works!' >"$STATE/index.html"
  deploy health.mts staging
  assert_equal "$status" 1
  assert_regex "$output" 'frontend +FAIL .* not with our page'
  assert_equal "$(grep -c ' OK ' <<<"$output")" 5
}

@test "exits 1 when the backend answers and its table does not" {
  everything_there
  echo 503 >"$STATE/live-status"
  deploy health.mts staging
  assert_equal "$status" 1
  assert_regex "$output" 'data +FAIL .* answers 503'
  assert_equal "$(grep -c ' OK ' <<<"$output")" 5
}

# failing: the names of what failed, as the rows of "Site down" in docs/RUNBOOK.md have them
failing() { sed -nE 's/ +FAIL .*//p' <<<"$output"; }

@test "shows that the CDN does not reach the load balancer" {
  everything_there
  touch "$STATE/no-way"
  deploy health.mts staging
  assert_equal "$status" 1
  assert_equal "$(failing)" 'backend through CDN
data
WebSocket through CDN'
}

@test "shows that the CDN, or the site's own name, does not answer" {
  everything_there
  sed -i "s/127.0.0.1:$PORT/127.0.0.1:1/" "$STATE/DescribeStacks.LiveQuizEventStack-staging.xml"
  deploy health.mts staging
  assert_equal "$status" 1
  assert_equal "$(failing)" 'backend through CDN
data
frontend
WebSocket through CDN'
}

@test "exits 1 with the cause when nothing answers" {
  everything_there
  sed -i -E "s/(127.0.0.1|localhost):$PORT/\1:1/g" "$STATE/DescribeStacks.LiveQuizEventStack-staging.xml"
  deploy health.mts staging
  assert_equal "$status" 1
  assert_equal "$(grep -c ' FAIL ' <<<"$output")" 6
  refute_regex "$stderr" $'\n    at '
}

@test "is data with --json, with the same exit code" {
  everything_there
  echo 'It works!' >"$STATE/index.html"
  deploy health.mts staging --json
  assert_equal "$status" 1
  assert_equal "$(node -p 'const d = JSON.parse(process.argv[1]); d.ok + " " + d.checks.filter((c) => !c.ok).map((c) => c.name) + " " + d.checks.every((c) => Number.isInteger(c.milliseconds))' "$output")" 'false frontend true'
}
