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
  printf '<meta name="release" content=""><script src="/assets/index-a1.js"></script><link href="/assets/index-b2.css">' >index.html
  printf 'script' >assets/index-a1.js
  printf 'map' >assets/index-a1.js.map
  printf 'style' >assets/index-b2.css
  printf 'icon' >favicon.svg
}

SITE=.local/deployments/staging/site
RELEASE=TIMESTAMP-abc1234
copies() {
  local lines
  lines=$(grep -E '^aws s3 cp' "$STATE/calls" | grep -v ' -$') || return
  sed -E 's/[0-9]{8}T[0-9]{6}Z-abc/TIMESTAMP-abc/g' <<<"$lines"
}

@test "uploads assets first and documents last, invalidates, looks through the CDN" {
  everything_there
  deploy frontend.mts staging
  assert_equal "$status" 0
  assert_calls <<CALLS
git rev-parse --short=7 HEAD
git status --porcelain --untracked-files=normal
aws sts get-caller-identity
sdk cloudformation DescribeStacks LiveQuizEventStack-staging
npm run build --workspace frontend
aws s3api list-objects-v2 --bucket site-bucket --query 'Contents[].{Key:Key,ETag:ETag,Size:Size}'
aws s3 cp frontend/dist $BUCKET --no-progress --recursive --exclude '*' --include assets/index-a1.js --content-type 'text/javascript; charset=utf-8' --cache-control $YEAR
aws s3 cp frontend/dist $BUCKET --no-progress --recursive --exclude '*' --include assets/index-b2.css --content-type 'text/css; charset=utf-8' --cache-control $YEAR
aws s3 cp $SITE $BUCKET/releases/$RELEASE --no-progress --recursive --exclude '*' --include favicon.svg --content-type 'image/svg+xml; charset=utf-8' --cache-control no-cache
aws s3 cp $SITE $BUCKET/releases/$RELEASE --no-progress --recursive --exclude '*' --include index.html --content-type 'text/html; charset=utf-8' --cache-control no-cache
aws s3 cp $SITE/manifest.json $BUCKET/releases/$RELEASE/manifest.json --no-progress --content-type application/json --cache-control no-cache
aws s3 cp $BUCKET/releases/$RELEASE $BUCKET --no-progress --recursive --exclude '*' --include favicon.svg
aws s3 cp $BUCKET/releases/$RELEASE $BUCKET --no-progress --recursive --exclude '*' --include index.html
sdk cloudfront POST /2020-05-31/distribution/E1EXAMPLE/invalidation
sdk cloudfront GET /2020-05-31/distribution/E1EXAMPLE/invalidation/I1
CALLS
  assert_equal "$output" ''
  assert_regex "$stderr" "aws cloudfront create-invalidation --distribution-id E1EXAMPLE --paths '/\*'"
  assert_regex "$stderr" 'page .* is release [0-9TZ]{16}-abc1234, no-cache'
}

@test "writes the release into the document that travels, not into the build" {
  everything_there
  deploy frontend.mts staging
  assert_equal "$status" 0
  assert_regex "$(<"$PROJECT/.local/deployments/staging/site/index.html")" '<meta name="release" content="[0-9TZ]{16}-abc1234">'
  assert_regex "$(<"$PROJECT/frontend/dist/index.html")" '<meta name="release" content="">'
}

@test "uploads source maps in development only, and never as immutable" {
  everything_there
  sed -i 's/^AWS_ACCOUNT_ID=.*/AWS_ACCOUNT_ID=123456789012/' "$PROJECT/env/.env.development"
  sed 's/-staging/-development/g' "$STATE/DescribeStacks.LiveQuizEventStack-staging.xml" >"$STATE/DescribeStacks.LiveQuizEventStack-development.xml"
  fails 'aws s3 cp s3://*' 1 <<<'enough seen'
  deploy frontend.mts development
  run copies
  assert_line "aws s3 cp .local/deployments/development/site $BUCKET/releases/$RELEASE --no-progress --recursive --exclude '*' --include assets/index-a1.js.map --content-type 'application/json; charset=utf-8' --cache-control no-cache"
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
  assert_output "aws s3 cp $SITE $BUCKET/releases/$RELEASE --no-progress --recursive --exclude '*' --include favicon.svg --content-type 'image/svg+xml; charset=utf-8' --cache-control no-cache
aws s3 cp $SITE $BUCKET/releases/$RELEASE --no-progress --recursive --exclude '*' --include index.html --content-type 'text/html; charset=utf-8' --cache-control no-cache
aws s3 cp $SITE/manifest.json $BUCKET/releases/$RELEASE/manifest.json --no-progress --content-type application/json --cache-control no-cache
aws s3 cp $BUCKET/releases/$RELEASE $BUCKET --no-progress --recursive --exclude '*' --include favicon.svg
aws s3 cp $BUCKET/releases/$RELEASE $BUCKET --no-progress --recursive --exclude '*' --include index.html"
}

@test "gives Vite the environment's settings, odd values too, and removes them" {
  everything_there
  # shellcheck disable=SC2016 # the dollar is the odd value
  setting VITE_APP_NAME '"Ana'\''s $quiz, \"live\""'
  ENVIRONMENT=(VITE_API_URL=/stray)
  during 'npm run build *' 'cp frontend/.env.production "$STATE/seen"; env >"$STATE/env"'
  deploy frontend.mts staging
  assert_equal "$status" 0
  run node -e '
    const { parse } = require(process.argv[1] + "/node_modules/dotenv")
    console.log(JSON.stringify(parse(require("fs").readFileSync(process.argv[2]))))' "$ROOT" "$STATE/seen"
  assert_output --partial '"VITE_API_URL":"/api","VITE_WS_URL":"/ws"'
  assert_output --partial 'quiz, '
  refute_regex "$(<"$STATE/env")" VITE_
  [[ ! -e $PROJECT/frontend/.env.production ]]
}

@test "refuses a stray environment file that Vite would read" {
  everything_there
  echo VITE_API_URL=http://localhost >"$PROJECT/frontend/.env.local"
  deploy frontend.mts staging
  assert_refused 1 'frontend/.env.local would get into the build' 'mv frontend/.env.local'
}

@test "refuses a file whose type has no content type" {
  everything_there
  touch "$PROJECT/frontend/dist/notes.docx"
  deploy frontend.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: the site has notes.docx, but no content type is known for .docx'
  run copies
  assert_failure
}

@test "leaves the documents alone when an asset does not arrive" {
  everything_there
  fails 'aws s3 cp *index-b2.css*' 1 <<<'upload failed'
  deploy frontend.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'upload failed'
  refute_regex "$(<"$STATE/calls")" 'index.html'
  refute_regex "$(<"$STATE/calls")" 'cloudfront'
}

@test "stops when the build fails, and takes the settings away" {
  everything_there
  fails 'npm run build *' 1 <<<'error TS2322'
  deploy frontend.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: npm run build exited with 1'
  assert_equal "$(worked | tail -1)" 'npm run build --workspace frontend'
  [[ ! -e $PROJECT/frontend/.env.production ]]
}

@test "takes the settings away on Ctrl-C" {
  everything_there
  interrupted 'npm run build *'
  deploy frontend.mts staging
  assert_equal "$status" 130
  [[ ! -e $PROJECT/frontend/.env.production ]]
}

@test "is not content with a live site that answers assets without a year of caching" {
  everything_there
  echo no-cache >"$STATE/asset-cache-control"
  deploy frontend.mts staging
  assert_equal "$status" 1
  assert_regex "$stderr" 'error: .*/assets/index-a1.js answers Cache-Control no-cache, not public, max-age=31536000, immutable'
  assert_regex "$stderr" 'remedy: curl -i http'
}

@test "swaps the previous documents back in when the live site is not as promised" {
  everything_there
  live 20261101T000000Z-0000000
  printf 'new icon' >"$PROJECT/frontend/dist/favicon.svg"
  echo no-cache >"$STATE/asset-cache-control"
  deploy frontend.mts staging
  assert_equal "$status" 3
  assert_regex "$stderr" 'error: rolled back: release .*-abc1234 of the site: .* 20261101T000000Z-0000000 is live again'
  run copies
  assert_equal "${lines[-1]}" "aws s3 cp $BUCKET/releases/20261101T000000Z-0000000 $BUCKET --no-progress --recursive --exclude '*' --include index.html"
}

@test "a dry run shows what would travel, and changes nothing" {
  everything_there
  deploy frontend.mts staging --dry-run
  assert_equal "$status" 0
  assert_regex "$stderr" "aws s3 cp s3://site-bucket/releases/.* s3://site-bucket .* --include index.html"
  run grep -E '^aws s3 cp|cloudfront' "$STATE/calls"
  assert_failure
}
