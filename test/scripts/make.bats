#!/usr/bin/env bats
# What make passes on: a variable is one argument, and the script decides what it is worth.
load helper

ODD=('1 2' "1'2" '1"2' '1;touch pwned' '$(touch pwned)' '`touch pwned`' '$HOME' '${HOME}' '$$' '1,2' '012' '1e10' '*' '1 --yes' '\')

# make_deploy TARGET VARIABLE=VALUE…: as `deploy`, by way of make
make_deploy() {
  cp "$ROOT/Makefile" "$PROJECT"
  ln -sf "$(command -v make)" "$(command -v sed)" "$(command -v touch)" "$STATE/bin"
  run --separate-stderr clean "${QUICKLY[@]}" make --silent --directory "$PROJECT" --assume-old=packages "$@" </dev/null
}

# refused FACT: the script refused what make passed on before any call, and no shell ran it
refused() {
  assert_equal "$status" 2
  assert_regex "$stderr" 'remedy: '
  grep -qF -- "error: $1" <<<"$stderr" || fail "not refused as: $1
$stderr"
  assert_equal "$(<"$STATE/calls")" ''
  [[ ! -e $PROJECT/pwned ]] || fail 'the shell ran it'
}

# arguments TARGET VARIABLE=VALUE: those of its script, each in brackets
arguments() {
  sed 's#\./deploy/[a-z-]*\.mts#@printf "<%s>"#' "$ROOT/Makefile" >"$STATE/Makefile"
  run env -i PATH="$PATH" make --silent --directory "$STATE" --assume-old=packages "$@"
}

@test "a value is one argument of the script, as it was typed" {
  local odd
  for odd in "${ODD[@]}"; do
    arguments scale "COUNT=$odd"
    assert_output "<$odd>"
  done
}

@test "so is each variable of each target" {
  local word target tried='' odd="\$(touch pwned) 'x' y"
  for word in $(grep -E '^[a-z-]+:|^\s\./deploy/' "$ROOT/Makefile" | grep -oE '^[a-z-]+:|[A-Z]+\)'); do
    [[ $word != *: ]] || target=${word%:}
    [[ $word == *')' && $word != 'ARGS)' ]] || continue
    arguments "$target" "${word%)}=$odd"
    assert_output --partial "<$odd>"
    tried+=" $target:${word%)}"
  done
  assert_regex "$tried" ' invalidation:ID .* releases:RELEASE '
}

@test "ENV reaches the script as it was typed, also when it is missing" {
  local odd
  for odd in 'staging local' "staging'" 'staging;touch pwned' '$(touch pwned)' '$ENV' 'staging ' '*'; do
    make_deploy check "ENV=$odd"
    refused "unknown environment: $odd"
  done
  make_deploy check
  refused 'no environment was given'
}

@test "a missing value is asked for as a variable" {
  make_deploy scale ENV=staging
  refused 'no number of tasks was given'
  assert_regex "$stderr" 'as in COUNT=2'
  make_deploy restore ENV=staging
  refused 'no moment to restore was given'
  assert_regex "$stderr" 'such as AT=20'
  make_deploy rollback ENV=staging REV=x
  refused '"x" is not a revision number'
  assert_regex "$stderr" 'make revisions ENV=… lists them'
}

@test "PART reaches the script as it was typed" {
  make_deploy diff ENV=staging 'PART=image; touch pwned'
  refused 'unknown part: image; touch pwned'
}

@test "a variable is no way in for a flag" {
  local variable target=rollback
  for variable in REV=--yes ENV=--help 'REV=-1 --force' COUNT=-1; do
    [[ $variable != COUNT* ]] || target=scale
    make_deploy $target ENV=staging "$variable"
    assert_equal "$variable $status" "$variable 2"
    assert_regex "$stderr" "${variable%%=*}=.* looks like a flag; pass flags in ARGS"
    assert_equal "$(<"$STATE/calls")" ''
  done
}

@test "a variable of the shell decides nothing" {
  QUICKLY+=(ENV=staging)
  make_deploy rollback REV=12
  assert_equal "$status" 2
  assert_regex "$stderr" 'ENV is exported in your shell; type it after make, as in: make rollback ENV=…'
  assert_equal "$(<"$STATE/calls")" ''
  make_deploy rollback ENV=local REV=x
  refused '"x" is not a revision number'
}

@test "flags in ARGS are separate words" {
  make_deploy logs ENV=staging ARGS='--since 1e10 --no-follow'
  refused '--since is "1e10"'
}
