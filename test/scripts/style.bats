#!/usr/bin/env bats
# Constructs that have caused bugs, kept out of the scripts.
load helper

setup_file() { :; }
teardown_file() { :; }
setup() { cd "$ROOT" || return; }
teardown() { :; }

# assert_at_most LINES FILE…
assert_at_most() {
  run awk -v most="$1" 'FNR == most + 1 { print FILENAME }' "${@:2}"
  assert_equal "$output" ''
}

# refute_found WHERE… -- PATTERN
refute_found() {
  local places=()
  while [[ $1 != -- ]]; do
    places+=("$1")
    shift
  done
  run grep -nE "$2" "${places[@]}"
  assert_equal "$output" ''
}

@test "one module knows zx" {
  run grep -lE "from 'zx|import\('zx" -r deploy lib --include=*.mts
  assert_output lib/script/shell.mts
}

@test "no output of a command is read with zx's json() or text(): stderr is in it" {
  refute_found lib/script/shell.mts deploy/*.mts -- '\.(json|text|lines|buffer|blob)\(\)'
}

@test "no cd(): it leaks into everything that runs at the same time" {
  refute_found deploy/*.mts lib/*/*.mts -- '(^|[^.[:alnum:]])cd\('
}

@test "no argument is quoted inside a command: it is one argument already" {
  refute_found deploy/*.mts lib/*/*.mts -- '(run|read|probe)(\([^)]*\))?(<[^`]*>)?`[^`]*["'"'"']\$\{'
}

@test "only lib/script/main.mts ends the process" {
  run grep -lE '^[^`]*process\.exit\(' deploy/*.mts lib/*/*.mts
  assert_output lib/script/main.mts
}

@test "no # in a function of the Makefile: before make 4.3 it begins a comment there" {
  refute_found Makefile -- '^[^	#]*\$\([^#]*[^\]#'
}

@test "no script in deploy/ is longer than a runbook" {
  assert_at_most 115 deploy/*.mts
}

@test "no helper in lib/ is longer than can be kept in mind" {
  assert_at_most 200 lib/*/*.mts
}

@test "every script is executable, and starts from anywhere" {
  local script
  for script in deploy/*.mts; do
    [[ -x $script ]]
    assert_equal "$(head -1 "$script")" "#!/usr/bin/env -S sh -c 'exec \"\$(dirname \"\$(readlink -f \"\$0\")\")/../lib/script/start\" \"\$0\" \"\$@\"'"
  done
}

@test "every script has a manual with its usage" {
  local script
  for script in deploy/*.mts; do
    run sed -n '2,/\*\//p' "$script"
    assert_output --regexp "(\./$script|npm run)"
  done
}

@test "a secret that is asked for stays out of the log" {
  run grep -rhoE '^.*`aws (secretsmanager get-secret-value|[^`]* --with-decryption)' deploy lib
  assert_equal "${#lines[@]}" 2
  assert_equal "$(grep -c '({ secret: true })`' <<<"$output")" 2
}

@test "no default exports, no classes, no barrels" {
  refute_found deploy/*.mts lib/*/*.mts -- '^export (default|\*)'
  run grep -lE '^(export )?class ' deploy/*.mts lib/*/*.mts
  assert_output lib/script/failure.mts
}
