# shellcheck shell=bash
# Sourced by `drains`: runs the cases of --faults, the functions case_* of faults-*.sh, each on runtimes of its own.

skipped=0 failed_cases=() failures_before=0

fault_cases() { compgen -A function case_; } # their names, sorted

# The names that --only gave, each with or without "case_" before it.
chosen_cases() { # NAME,...
  local word
  for word in ${1//,/ }; do
    word=case_${word#case_}
    declare -F "$word" >/dev/null || die "there is no $word; see drains --faults --list"
    echo "$word"
  done
}

run_cases() { # CASE...
  local case
  for case in "$@"; do run_case "$case"; done
  [ ${#failed_cases[@]} = 0 ] || printf '\nfailed: %s\n' "${failed_cases[*]}"
}

run_case() {
  local began=$SECONDS
  failures_before=$failures
  "$1" || check "$1 ran to its end" false
  finish
  settle_sluice
  [ "$failures" = "$failures_before" ] || failed_cases+=("$1")
  printf '  %s\n' "$dim$1: $((SECONDS - began)) s$plain"
}

# The next case finds Sluice up, with the default flags.
settle_sluice() {
  if ! kill -0 "$sluice_pid" 2>/dev/null; then
    kill_sluice
    sluice_flags=()
    start_sluice
  elif [ ${#sluice_flags[@]} != 0 ]; then
    restart_sluice
  fi
}

skip_case() { # WHY: `skip_case ... ; return`
  skipped=$((skipped + 1))
  printf '  %s\n' "SKIPPED: $*"
}
