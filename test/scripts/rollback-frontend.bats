#!/usr/bin/env bats
# make rollback-frontend: what it refuses before it changes anything.
load helper

LIVE=20261102T000000Z-0000002
OLD=20261101T000000Z-0000001

everything_there() {
  stack UPDATE_COMPLETE
  printf '<meta name="release" content="%s">' "$LIVE" >"$STATE/index.html"
  when 'aws s3api list-objects-v2 *' <<OBJECTS
[{"Key": "assets/a-12345678.js", "ETag": "\"1\"", "Size": 6, "LastModified": "2026-11-01"},
 {"Key": "index.html", "ETag": "\"2\"", "Size": 9, "LastModified": "2026-11-01"},
 {"Key": "releases/$OLD/index.html", "ETag": "\"3\"", "Size": 9, "LastModified": "2026-11-01"},
 {"Key": "releases/$OLD.json", "ETag": "\"4\"", "Size": 9, "LastModified": "2026-11-01"}]
OBJECTS
  when "aws s3 cp s3://site-bucket/releases/$OLD.json -" <<MANIFEST
{"release": "$OLD", "files": [
  {"key": "assets/a-12345678.js", "turn": "asset", "md5": "1", "size": 6, "contentType": "text/javascript", "cacheControl": "no-cache"},
  {"key": "index.html", "turn": "entry", "md5": "3", "size": 9, "contentType": "text/html", "cacheControl": "no-cache"}]}
MANIFEST
}

# record RELEASE STATUS: a run that rolled the site back to it, as the ledger answers it
record() {
  printf '{"id": {"S": "20261103T000000Z-0000003"}, "rollbackOf": {"S": "x"}, "verdict": {"S": "%s"}, "components": {"M": {"frontend": {"M": {"status": {"S": "%s"}, "seconds": {"N": "1"}, "release": {"S": "%s"}}}}}}' "$2" "$2" "$1"
}

refute_swap() {
  run grep -E '^aws s3 cp .* s3:|dynamodb put|cloudfront POST' "$STATE/calls"
  assert_failure
}

@test "a dry run shows the swap and changes nothing" {
  everything_there
  deploy rollback-frontend.mts staging "$OLD" --dry-run
  assert_equal "$status" 0
  assert_regex "$stderr" "aws s3 cp s3://site-bucket/releases/$OLD s3://site-bucket --recursive --no-progress --exclude '\*' --include index.html"
  refute_swap
}

@test "swaps nothing where someone else has published since it was planned" {
  everything_there
  during 'aws dynamodb put-item *"lock"*' 'printf "<meta name=\"release\" content=\"20261103T000000Z-0000003\">" >"$STATE/index.html"'
  deploy rollback-frontend.mts staging "$OLD"
  assert_equal "$status" 4
  assert_regex "$stderr" "error: superseded: the site is now release 20261103T000000Z-0000003, not $LIVE; nothing was changed"
  run grep -E '^aws s3 cp .* s3:|cloudfront POST' "$STATE/calls"
  assert_failure
}

@test "refuses what is not the id of a release" {
  local odd
  for odd in 12 .. "$OLD/../x" "$OLD'" 'a b'; do
    deploy rollback-frontend.mts staging "$odd"
    assert_equal "$status" 2
    assert_regex "$stderr" 'error: .* is not a release id'
  done
  assert_calls </dev/null
}

@test "refuses the live release, an unknown one and one that lost an asset" {
  everything_there
  when "aws s3 cp s3://site-bucket/releases/$LIVE.json -" <<<"{\"release\": \"$LIVE\", \"files\": []}"
  when 'aws dynamodb query *' <<<"{\"Items\": [$(record "$LIVE" deployed)]}"
  deploy rollback-frontend.mts staging "$LIVE"
  assert_equal "$status" 1
  assert_regex "$stderr" "error: release $LIVE of the site is already live"
  assert_regex "$stderr" "remedy: choose one of $OLD"
  fails 'aws s3 cp s3://site-bucket/releases/20261103T000000Z-0000003.json -' 1 <<<'fatal error: An error occurred (404) when calling the HeadObject operation: Not Found'
  deploy rollback-frontend.mts staging 20261103T000000Z-0000003
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: the bucket has no complete release'
  when 'aws s3api list-objects-v2 *' <<<"[{\"Key\": \"releases/$OLD/index.html\", \"ETag\": \"3\", \"Size\": 9}]"
  deploy rollback-frontend.mts staging "$OLD"
  assert_equal "$status" 1
  assert_regex "$stderr" 'the bucket has no assets/a-12345678.js'
  assert_regex "$stderr" 'remedy: ./deploy/frontend.mts staging'
  refute_swap
}

@test "verifies the live release that the last rollback brought and could not verify" {
  everything_there
  mkdir -p "$PROJECT/frontend/dist/assets"
  printf '<meta name="release" content="">' >"$PROJECT/frontend/dist/index.html"
  live "$OLD"
  when 'aws dynamodb query *' <<<"{\"Items\": [$(record "$OLD" 'not verified')]}"
  deploy rollback-frontend.mts staging
  assert_equal "$status" 0
  assert_regex "$stderr" "page .* is release $OLD"
  # it would name what is live
  refute_regex "$stderr" 'undo with'
  run grep -E '^aws s3 cp .* s3:' "$STATE/calls"
  assert_failure
}

@test "continues a rollback that stopped half-way, although the page names its release already" {
  everything_there
  mkdir -p "$PROJECT/frontend/dist/assets"
  printf '<meta name="release" content="">' >"$PROJECT/frontend/dist/index.html"
  printf 'icon' >"$PROJECT/frontend/dist/favicon.svg"
  live "$OLD"
  sed -i '/"Key":"favicon.svg"/s/"ETag":"[^,]*"/"ETag":"newer"/' "$STATE/objects.json"
  when 'aws s3api list-objects-v2 *' <"$STATE/objects.json"
  deploy rollback-frontend.mts staging "$OLD"
  assert_equal "$status" 0
  run grep -E '^aws s3 cp s3:.* s3:' "$STATE/calls"
  assert_output "aws s3 cp s3://site-bucket/releases/$OLD s3://site-bucket --recursive --no-progress --exclude '*' --include favicon.svg
aws s3 cp s3://site-bucket/releases/$OLD s3://site-bucket --recursive --no-progress --exclude '*' --include index.html"
}

# old_serves: what is served is LIVE until OLD is swapped in
old_serves() {
  mkdir -p "$PROJECT/frontend/dist/assets"
  printf '<meta name="release" content="">' >"$PROJECT/frontend/dist/index.html"
  printf 'script' >"$PROJECT/frontend/dist/assets/index-a1b2c3d4.js"
  live "$OLD"
  sed -i '/"Key":"index.html"/s/"ETag":"[^,]*"/"ETag":"2"/' "$STATE/objects.json"
  when 'aws s3api list-objects-v2 *' <"$STATE/objects.json"
  when "aws s3 cp s3://site-bucket/releases/$LIVE.json -" < <(sed "s/$OLD/$LIVE/g" "$STATE/live/manifest.json")
  printf '<meta name="release" content="%s">' "$LIVE" >"$STATE/index.html"
  mv "$STATE/live" "$STATE/old"
  during "aws s3 cp s3://site-bucket/releases/$OLD s3://site-bucket *" 'mv "$STATE/old" "$STATE/live"'
}

@test "goes back to a release whose assets a later one has put again, with other headers" {
  everything_there
  old_serves
  when "aws s3 cp s3://site-bucket/releases/$OLD.json -" < <(sed 's#text/javascript#application/javascript#' "$STATE/old/manifest.json")
  deploy rollback-frontend.mts staging "$OLD"
  assert_equal "$status" 0
  assert_regex "$stderr" "release $OLD of the site is live"
}

@test "says how to undo it also when Ctrl-C stops the following of the invalidation" {
  everything_there
  old_serves
  touch "$STATE/interrupted-following"
  deploy rollback-frontend.mts staging "$OLD"
  assert_equal "$status" 130
  assert_regex "$stderr" "undo with: ./deploy/rollback-frontend.mts staging $LIVE.*warning: stopped by Ctrl-C.*remedy: everything else is done"
}
