#!/usr/bin/env bats
# The frontend stage, command line by command line.
load helper

BUCKET=s3://site-bucket
YEAR="'public, max-age=31536000, immutable'"

# a built site; what the bucket lists is given in each test
everything_there() {
  stack UPDATE_COMPLETE
  built
  when 'aws s3api list-objects-v2 *' <<<null
}

built() {
  mkdir -p "$PROJECT/frontend/dist/assets"
  cd "$PROJECT/frontend/dist" || return
  printf '<meta name="release" content=""><script src="/assets/index-a1b2c3d4.js"></script><link href="/assets/index-b2c3d4e5.css">' >index.html
  printf 'script' >assets/index-a1b2c3d4.js
  printf 'map' >assets/index-a1b2c3d4.js.map
  printf 'style' >assets/index-b2c3d4e5.css
  printf 'icon' >favicon.svg
}

UPLOAD=.local/deployments/staging/runs/RUN/upload
RELEASE=TIMESTAMP-abc1234
# the transfers, without those that only read; those that run side by side are in the order of their names
copies() {
  local lines
  lines=$(worked | grep -E '^aws s3 cp' | grep -v ' -$') || return
  sort <(grep -vE "$ORDERED" <<<"$lines")
  grep -E "$ORDERED" <<<"$lines"
}
ORDERED="upload/manifest.json |aws s3 cp $BUCKET/releases/[^ ]* $BUCKET "

@test "uploads assets first and documents last, invalidates, looks through the CDN" {
  everything_there
  deploy frontend.mts staging
  assert_equal "$status" 0
  assert_regex "$stderr" "aws cloudfront create-invalidation --distribution-id E1EXAMPLE --paths '/\*'"
  assert_regex "$stderr" 'page .* is release [0-9TZ]{16}-abc1234, no-cache'
  run copies
  assert_output "aws s3 cp $UPLOAD/asset-text-css $BUCKET --recursive --no-progress --content-type 'text/css; charset=utf-8' --cache-control $YEAR
aws s3 cp $UPLOAD/asset-text-javascript $BUCKET --recursive --no-progress --content-type 'text/javascript; charset=utf-8' --cache-control $YEAR
aws s3 cp $UPLOAD/entry-text-html $BUCKET/releases/$RELEASE --recursive --no-progress --content-type 'text/html; charset=utf-8' --cache-control no-cache
aws s3 cp $UPLOAD/other-image-svg+xml $BUCKET/releases/$RELEASE --recursive --no-progress --content-type 'image/svg+xml; charset=utf-8' --cache-control no-cache
aws s3 cp $UPLOAD/manifest.json $BUCKET/releases/$RELEASE.json --no-progress --content-type application/json --cache-control no-cache
aws s3 cp $BUCKET/releases/$RELEASE $BUCKET --recursive --no-progress --exclude '*' --include favicon.svg
aws s3 cp $BUCKET/releases/$RELEASE $BUCKET --recursive --no-progress --exclude '*' --include index.html"
  run worked
  assert_equal "${#lines[@]}" 15
  assert_equal "${lines[4]}" 'npm run build --workspace frontend -- --outDir ../.local/deployments/staging/runs/RUN/site --emptyOutDir'
  assert_equal "${lines[5]}" "aws s3api list-objects-v2 --bucket site-bucket --query 'Contents[].{Key:Key,ETag:ETag,Size:Size,LastModified:LastModified}'"
  assert_equal "${lines[10]}" "aws s3 cp $UPLOAD/manifest.json $BUCKET/releases/$RELEASE.json --no-progress --content-type application/json --cache-control no-cache"
  assert_equal "${lines[13]}" 'sdk cloudfront POST /2020-05-31/distribution/E1EXAMPLE/invalidation'
  assert_equal "${lines[14]}" 'sdk cloudfront GET /2020-05-31/distribution/E1EXAMPLE/invalidation/I1'
}

@test "writes the release into the document that travels, not into the build" {
  everything_there
  deploy frontend.mts staging
  assert_equal "$status" 0
  assert_regex "$(cat "$PROJECT"/.local/deployments/staging/runs/*/upload/entry-text-html/index.html)" '<meta name="release" content="[0-9TZ]{16}-abc1234">'
  assert_regex "$(<"$PROJECT/frontend/dist/index.html")" '<meta name="release" content="">'
}

@test "uploads source maps in development only, and never as immutable" {
  everything_there
  sed -i 's/^AWS_ACCOUNT_ID=.*/AWS_ACCOUNT_ID=123456789012/' "$PROJECT/env/.env.development"
  sed 's/-staging/-development/g' "$STATE/DescribeStacks.LiveQuizEventStack-staging.xml" >"$STATE/DescribeStacks.LiveQuizEventStack-development.xml"
  fails 'aws s3 cp s3://*' 1 <<<'enough seen'
  deploy frontend.mts development
  run copies
  assert_line "aws s3 cp .local/deployments/development/runs/RUN/upload/other-application-json $BUCKET/releases/$RELEASE --recursive --no-progress --content-type 'application/json; charset=utf-8' --cache-control no-cache"
}

@test "uploads and invalidates nothing, and says so, when the bucket has the build" {
  everything_there
  live 20261101T000000Z-0000000
  deploy frontend.mts staging
  assert_equal "$status" 0
  assert_regex "$stderr" 'unchanged: the bucket has these files'
  assert_regex "$stderr" 'page .* is release 20261101T000000Z-0000000'
  run grep -E '^aws s3 cp .* s3:|cloudfront' "$STATE/calls"
  assert_failure
}

@test "uploads only what changed, and the document that names the release" {
  everything_there
  live 20261101T000000Z-0000000
  printf 'new icon' >"$PROJECT/frontend/dist/favicon.svg"
  deploy frontend.mts staging
  assert_equal "$status" 0
  run copies
  assert_output "aws s3 cp $UPLOAD/entry-text-html $BUCKET/releases/$RELEASE --recursive --no-progress --content-type 'text/html; charset=utf-8' --cache-control no-cache
aws s3 cp $UPLOAD/other-image-svg+xml $BUCKET/releases/$RELEASE --recursive --no-progress --content-type 'image/svg+xml; charset=utf-8' --cache-control no-cache
aws s3 cp $UPLOAD/manifest.json $BUCKET/releases/$RELEASE.json --no-progress --content-type application/json --cache-control no-cache
aws s3 cp $BUCKET/releases/$RELEASE $BUCKET --recursive --no-progress --exclude '*' --include favicon.svg
aws s3 cp $BUCKET/releases/$RELEASE $BUCKET --recursive --no-progress --exclude '*' --include index.html"
}

@test "takes unchanged files from the live release, inside the bucket" {
  everything_there
  live 20261101T000000Z-0000000
  printf 'User-agent: *' >"$PROJECT/frontend/dist/robots.txt"
  deploy frontend.mts staging
  assert_equal "$status" 0
  run copies
  assert_line "aws s3 cp $BUCKET/releases/TIMESTAMP-0000000 $BUCKET/releases/$RELEASE --recursive --no-progress --exclude '*' --include favicon.svg"
  refute_line --partial svg+xml
  assert_line "aws s3 cp $BUCKET/releases/$RELEASE $BUCKET --recursive --no-progress --exclude '*' --include robots.txt"
}

@test "publishes again what someone else has uploaded since, whatever the bytes" {
  everything_there
  live 20261101T000000Z-0000000
  sed -i '/"favicon.svg"/s/2026-11-01/2026-11-02/' "$STATE/objects.json"
  when 'aws s3api list-objects-v2 *' <"$STATE/objects.json"
  deploy frontend.mts staging
  assert_equal "$status" 0
  run copies
  assert_line "aws s3 cp $BUCKET/releases/$RELEASE $BUCKET --recursive --no-progress --exclude '*' --include favicon.svg"
}

@test "publishes again what answers with other headers than it was published with" {
  everything_there
  live 20261101T000000Z-0000000
  # the live site is in live/ until something is swapped in
  sed -i 's/"turn":"asset"/"turn":"spoilt"/; s/immutable/private/' "$STATE/live/manifest.json"
  deploy frontend.mts staging
  assert_equal "$status" 0
  assert_regex "$stderr" 'warning: .*/assets/index-a1b2c3d4.js answers Cache-Control public, max-age=31536000, private, not .* it is published again'
  run copies
  assert_line --partial "aws s3 cp $UPLOAD/asset-text-javascript $BUCKET "
}

@test "gives Vite the environment's settings, odd values too, and removes them" {
  everything_there
  # shellcheck disable=SC2016 # the dollar is the odd value
  setting VITE_APP_NAME "'Ana "'$quiz, "live"'"'"
  ENVIRONMENT=(VITE_API_URL=/stray)
  during 'npm run build *' 'cp "frontend/$SETTINGS_DIR/.env.production" "$STATE/seen"; env >"$STATE/env"'
  deploy frontend.mts staging
  assert_equal "$status" 0
  run node -e '
    const { parse } = require(process.argv[1] + "/node_modules/dotenv")
    console.log(JSON.stringify(parse(require("fs").readFileSync(process.argv[2]))))' "$ROOT" "$STATE/seen"
  assert_output --partial '"VITE_API_URL":"/api","VITE_WS_URL":"/ws"'
  assert_output --partial 'quiz, '
  refute_regex "$(<"$STATE/env")" VITE_
  refute_settings
}

# no settings are left in a directory of a run
refute_settings() {
  run find "$PROJECT/.local/deployments" -path '*/settings/.env*'
  assert_output ''
}

@test "two environments at once, from one checkout, publish a build of their own each" {
  everything_there
  sed -i 's/^AWS_ACCOUNT_ID=.*/AWS_ACCOUNT_ID=123456789012/' "$PROJECT/env/.env.development"
  sed 's/-staging/-development/g' "$STATE/DescribeStacks.LiveQuizEventStack-staging.xml" >"$STATE/DescribeStacks.LiveQuizEventStack-development.xml"
  # each has its settings in it, and no build reads them or ends before the other has come so far
  during 'npm run build *' '
    wait_for_both() {
      tries=0
      : >"$STATE/$1.$$"
      until [ $# = 3 ]; do
        [ $((tries += 1)) -lt 600 ] || exit 1
        sleep 0.1
        set -- "$1" "$STATE/$1".*
      done
    }
    wait_for_both begun
    cat "frontend/$SETTINGS_DIR/.env.production" >>"${built%% *}/assets/index-a1b2c3d4.js"
    wait_for_both built'
  echo 'VITE_APP_NAME="Dev Quiz"' >>"$PROJECT/env/.env.development"
  setting VITE_APP_NAME '"Staging Quiz"'
  fails 'aws s3 cp s3://site-bucket/releases/* s3://site-bucket *' 1 <<<'enough seen'
  clean "${QUICKLY[@]}" "$PROJECT/deploy/frontend.mts" development </dev/null >/dev/null 2>&1 &
  deploy frontend.mts staging
  wait $! || :
  local environment
  for environment in development staging; do
    run cat "$PROJECT/.local/deployments/$environment"/runs/*/upload/asset-text-javascript/assets/index-a1b2c3d4.js
    assert_equal "$(grep -c VITE_APP_NAME <<<"$output")" 1
    grep -qi "${environment:0:3}[a-z]* quiz" <<<"$output"
  done
}

@test "refuses a site that cannot be published, before it uploads anything" {
  everything_there
  mkdir "$PROJECT/frontend/dist/api"
  touch "$PROJECT/frontend/dist/api/openapi.json"
  deploy frontend.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: the site has api/openapi.json, but the backend answers below api/'
  run grep list-objects "$STATE/calls"
  assert_failure
}

@test "leaves the documents alone when an asset does not arrive" {
  everything_there
  fails 'aws s3 cp *asset-text-css*' 1 <<<'upload failed'
  deploy frontend.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'upload failed'
  refute_regex "$(<"$STATE/calls")" 'manifest.json|aws s3 cp s3:|cloudfront'
}

@test "stops when the build fails, and takes the settings away" {
  everything_there
  fails 'npm run build *' 1 <<<'error TS2322'
  deploy frontend.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: npm run build exited with 1'
  assert_regex "$(worked | tail -1)" '^npm run build --workspace frontend '
  refute_settings
}

@test "takes the settings away on Ctrl-C" {
  everything_there
  interrupted 'npm run build *'
  deploy frontend.mts staging
  assert_equal "$status" 130
  refute_settings
}

@test "is not content with a live site that answers assets without a year of caching" {
  everything_there
  echo no-cache >"$STATE/asset-cache-control"
  deploy frontend.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: .*/assets/index-(a1b2c3d4\.js|b2c3d4e5\.css) answers Cache-Control no-cache, not public, max-age=31536000, immutable'
  assert_regex "$stderr" 'remedy: curl -i http'
}

@test "swaps the previous documents back in when the live site is not as promised" {
  everything_there
  live 20261101T000000Z-0000000
  printf 'new' >"$PROJECT/frontend/dist/assets/index-c3d4e5f6.js"
  echo no-cache >"$STATE/asset-cache-control"
  deploy frontend.mts staging
  assert_equal "$status" 3
  assert_regex "$stderr" 'error: rolled back: release .*-abc1234 of the site: .* 20261101T000000Z-0000000 is live again'
  run copies
  assert_equal "${lines[-1]}" "aws s3 cp $BUCKET/releases/TIMESTAMP-0000000 $BUCKET --recursive --no-progress --exclude '*' --include index.html"
}

@test "swaps nothing back in when its lock was broken meanwhile, and says what verification saw" {
  everything_there
  live 20261101T000000Z-0000000
  printf 'new' >"$PROJECT/frontend/dist/assets/index-c3d4e5f6.js"
  echo no-cache >"$STATE/asset-cache-control"
  fails 'aws dynamodb update-item *' 254 <<<'An error occurred (ConditionalCheckFailedException) when calling the UpdateItem operation'
  for _ in 1 2; do first 'aws dynamodb update-item *' </dev/null; done
  deploy frontend.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: .* answers Cache-Control no-cache.*error: the deploy lock of staging was broken'
  refute_regex "$(<"$STATE/calls")" "s3 cp $BUCKET/releases/20261101T000000Z-0000000 $BUCKET "
}

@test "says why it wanted to go back when it cannot" {
  everything_there
  live 20261101T000000Z-0000000
  printf 'new' >"$PROJECT/frontend/dist/assets/index-c3d4e5f6.js"
  echo no-cache >"$STATE/asset-cache-control"
  fails "aws s3 cp $BUCKET/releases/20261101T000000Z-0000000 $BUCKET *" 1 <<<'SlowDown'
  deploy frontend.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: release .*-abc1234 of the site: .* answers Cache-Control no-cache, .*; and 20261101T000000Z-0000000 could not be restored: aws s3 cp .* exited with 1'
  assert_regex "$stderr" 'remedy: ./deploy/rollback-frontend.mts staging 20261101T000000Z-0000000'
}

@test "leaves a new site live that nobody could look at, and says that it is not verified" {
  everything_there
  live 20261101T000000Z-0000000
  printf 'new icon' >"$PROJECT/frontend/dist/favicon.svg"
  echo 503 >"$STATE/asset-status"
  deploy frontend.mts staging
  assert_equal "$status" 6
  assert_regex "$stderr" 'error: not verified: release .*-abc1234 of the site is live, but .*/assets/index-[a-z0-9]*.(js|css) answers 503'
  assert_regex "$stderr" 'remedy: ./deploy/health.mts staging; when it answers, re-run the same command'
  refute_regex "$(copies)" "$BUCKET/releases/TIMESTAMP-0000000 $BUCKET "
  assert_regex "$(<"$(ls "$PROJECT"/.local/deployments/staging/releases/*)")" '"frontend":.*"not verified"'
}

@test "verifies the site even when CloudFront creates no invalidation" {
  everything_there
  echo AccessDenied >"$STATE/invalidation-error"
  deploy frontend.mts staging
  assert_equal "$status" 0
  assert_regex "$stderr" "warning: there is no invalidation: aws cloudfront create-invalidation: .*; to create it: aws cloudfront create-invalidation --distribution-id E1EXAMPLE --paths '/\\*'"
  assert_regex "$stderr" 'page .* is release [0-9TZ]{16}-abc1234, no-cache'
}

@test "says what is live when the copy over the live files stops half-way" {
  everything_there
  live 20261101T000000Z-0000000
  printf 'new icon' >"$PROJECT/frontend/dist/favicon.svg"
  fails "aws s3 cp $BUCKET/releases/*-abc1234 $BUCKET *" 1 <<<'SlowDown'
  rm -r "$STATE/live" && cp -r "$PROJECT/frontend/dist" "$STATE/live"
  printf '<meta name="release" content="20261101T000000Z-0000000">' >"$STATE/index.html"
  deploy frontend.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: release .*-abc1234 of the site is not completely live, and the page is release '
  assert_regex "$stderr" 'remedy: see its output above, fix that, then re-run the same command'
}

@test "a dry run shows what would travel, and changes nothing" {
  everything_there
  deploy frontend.mts staging --dry-run
  assert_equal "$status" 0
  assert_regex "$stderr" "aws s3 cp s3://site-bucket/releases/.* s3://site-bucket .* --include index.html"
  run grep -E '^aws s3 cp|cloudfront' "$STATE/calls"
  assert_failure
}
