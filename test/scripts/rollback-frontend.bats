#!/usr/bin/env bats
# make rollback-frontend: what it refuses before it changes anything.
load helper

LIVE=20261102T000000Z-0000002
OLD=20261101T000000Z-0000001

everything_there() {
  stack UPDATE_COMPLETE
  printf '<meta name="release" content="%s">' "$LIVE" >"$STATE/index.html"
  when 'aws s3api list-objects-v2 *' <<OBJECTS
[{"Key": "assets/a-1.js", "ETag": "\"1\"", "Size": 6},
 {"Key": "index.html", "ETag": "\"2\"", "Size": 9},
 {"Key": "releases/$OLD/index.html", "ETag": "\"3\"", "Size": 9},
 {"Key": "releases/$OLD/manifest.json", "ETag": "\"4\"", "Size": 9}]
OBJECTS
  when "aws s3 cp s3://site-bucket/releases/$OLD/manifest.json -" <<MANIFEST
{"release": "$OLD", "files": [
  {"key": "assets/a-1.js", "turn": "asset", "md5": "1", "size": 6, "contentType": "text/javascript", "cacheControl": "no-cache"},
  {"key": "index.html", "turn": "entry", "md5": "3", "size": 9, "contentType": "text/html", "cacheControl": "no-cache"}]}
MANIFEST
}

refute_swap() {
  run grep -E '^aws s3 cp .* s3:|dynamodb put|cloudfront POST' "$STATE/calls"
  assert_failure
}

@test "a dry run shows the swap and changes nothing" {
  everything_there
  deploy rollback-frontend.mts staging "$OLD" --dry-run
  assert_equal "$status" 0
  assert_regex "$stderr" "aws s3 cp s3://site-bucket/releases/$OLD s3://site-bucket --no-progress --recursive --exclude '\*' --include index.html"
  refute_swap
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
  when "aws s3 cp s3://site-bucket/releases/$LIVE/manifest.json -" <<<"{\"release\": \"$LIVE\", \"files\": []}"
  deploy rollback-frontend.mts staging "$LIVE"
  assert_equal "$status" 1
  assert_regex "$stderr" "error: release $LIVE of the site is already live"
  assert_regex "$stderr" "remedy: choose one of $OLD"
  fails 'aws s3 cp s3://site-bucket/releases/20261103T000000Z-0000003/manifest.json -' 1 <<<'fatal error: An error occurred (404) when calling the HeadObject operation: Not Found'
  deploy rollback-frontend.mts staging 20261103T000000Z-0000003
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: the bucket has no complete release'
  when 'aws s3api list-objects-v2 *' <<<"[{\"Key\": \"releases/$OLD/index.html\", \"ETag\": \"3\", \"Size\": 9}]"
  deploy rollback-frontend.mts staging "$OLD"
  assert_equal "$status" 1
  assert_regex "$stderr" 'the bucket has no assets/a-1.js'
  refute_swap
}
