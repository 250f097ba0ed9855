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

# Returns as soon as the drain is in one of these states, told by a watch: some last for less than a look.
await_state() { # SECONDS STATE...
  local limit=$1 states status=0
  shift
  states=$(IFS='|' && echo "$*")
  exec 5< <(exec setpriv --pdeathsig KILL timeout "$limit" "${as_admin[@]}" -N \
    "$KUBERNETES_SERVER$drains?watch=1&fieldSelector=metadata.name=$name")
  grep -q -m 1 -E "\"state\":\"($states)\"" <&5 || status=1
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
  local end=$((SECONDS + ${2:-150}))
  until ended_at "$1" >"$scratch/wait"; do
    [ $SECONDS -lt $end ] || { cat "$scratch/wait"; return 1; }
    sleep 0.4
  done
}
ended_at() { # COUNT: no more pods, and all of them ready
  local seen
  present_is "$1" && at_rest || return 1
  seen=$(pods | jq -c '[.items[] | {(.metadata.name): any(.status.conditions[]?; .type == "Ready" and .status == "True")}]') || return 1
  [ "$(jq -c '[length, (map(select(.[])) | length)]' <<<"$seen")" = "[$1,$1]" ] || { say "pods, and which are ready: $seen"; return 1; }
}

kept() { # LISTING ORDINAL...: these workers hold what they held
  local now ordinal
  now=$(held_files)
  for ordinal in "${@:2}"; do
    same "$(files_of "$name-worker-$ordinal" "$1")" "$(files_of "$name-worker-$ordinal" "$now")" || return 1
  done
}

# Faults of the stand-in for Alluxio, for as long as they are there: StandIns/alluxio/standin/faults.py has the list.
fault() { # WHO.WHAT [TEXT]
  local folder=$dir/alluxio/$name/faults
  printf '%s\n' "${2:-}" >"$folder/.new"
  mv "$folder/.new" "$folder/$1"
}
heal() { rm -f "$dir/alluxio/$name/faults/$1"; } # WHO.WHAT

# Whoever drains the same cluster is seen as the reconciler by the hold: so the count can be lowered without anybody asking.
as_reconciler() { kubectl --kubeconfig "$dir/sluice.kubeconfig" "$@"; }

# Files of 1000 bytes that one worker caches, and no other.
put_on() { # ORDINAL FOLDER FILE...
  local folder=$dir/ufs/$name/$2 file
  mkdir -p "$folder"
  for file in "${@:3}"; do head -c 1000 /dev/urandom >"$folder/$file"; done
  write_to "$1"
  check "worker $1 caches /$2" wait_until 60 alluxio run fs load "/$2"
  heal client.writes-to
}

# What is loaded or written goes to one worker, until `heal client.writes-to`.
write_to() { # ORDINAL
  # The API server may hear of a pod's address after Alluxio did.
  wait_until 30 has_address "$1" || say "$name-worker-$1 has no address"
  fault client.writes-to "$(address_of "$1")"
}
address_of() { kubectl get pod "$name-worker-$1" -o 'jsonpath={.status.podIP}'; } # ORDINAL
has_address() { [ -n "$(address_of "$1")" ]; }

# The blocks on a worker's disk, whoever says what about them.
disk_of() { # ORDINAL
  find "$dir/alluxio/$name/cache/$name-worker-$1" -type f 2>/dev/null | sort
}
holds() { # ORDINAL COUNT
  local seen
  seen=$(disk_of "$1" | wc -l)
  [ "$seen" = "$2" ] || { say "$seen blocks are on the disk of worker $1; $(drain_status)"; return 1; }
}
holds_some() { [ -n "$(disk_of "$1")" ] || { say "no block is on the disk of worker $1; $(drain_status)"; return 1; }; } # ORDINAL
told() { # TEXT: in an event of the runtime
  kubectl get events --field-selector "involvedObject.name=$name" -o 'jsonpath={range .items[*]}{.message}{"\n"}{end}' | grep -F -- "$1"
}
