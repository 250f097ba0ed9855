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

# What cases do and look at, besides look.sh.

annotate() { kubectl annotate --overwrite "alluxioruntime/$name" "sluice.dev/$1" >/dev/null; } # KEY=VALUE or KEY-

# Returns as soon as the drain's status begins with one of these, told by a watch: some last for less than a look.
await_state() { # SECONDS STATE...
  local limit=$1 states status=0
  shift
  states=$(IFS='|' && echo "$*")
  exec 5< <(exec setpriv --pdeathsig KILL timeout "$limit" "${as_admin[@]}" -N \
    "$KUBERNETES_SERVER$sets?watch=1&fieldSelector=metadata.name=$name-worker")
  grep -q -m 1 -E "drain-status\":\"($states) " <&5 || status=1
  kill $! 2>/dev/null || true
  exec 5<&-
  [ "$status" = 0 ] || say "none of $* within $limit s: $(drain_status)"
  return "$status"
}

blocked_by() { status_says "blocked: $1: "; } # REASON

stays() { # SECONDS COMMAND...: it is so all the time
  local end=$((SECONDS + $1))
  shift
  while [ $SECONDS -lt "$end" ]; do
    "$@" || return 1
    sleep 0.2
  done
}

# Where a drain ends: so many workers are wanted and there, and nothing of the drain is left.
ends_at() { # COUNT [SECONDS]
  wait_until "${2:-90}" present_is "$1" && wait_until 60 pods_are "$1" && wait_until 60 at_rest && present_is "$1"
}
pods_are() { # COUNT: no more pods, and all of them ready
  local set
  set=$(worker_set) || return 1
  [ "$(uids | wc -l)/$(jq '.status.readyReplicas // 0' <<<"$set")" = "$1/$1" ] ||
    { say "$(uids | wc -l) pods, ready: $(jq -c .status <<<"$set")"; return 1; }
}

kept() { # LISTING ORDINAL...: these workers hold what they held
  local now ordinal
  now=$(held_files)
  for ordinal in "${@:2}"; do
    same "$(files_of "$name-worker-$ordinal" "$1")" "$(files_of "$name-worker-$ordinal" "$now")" || return 1
  done
}
