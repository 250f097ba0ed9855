# shellcheck shell=bash
# shellcheck disable=SC2154 # of world.sh
# Sourced by `nodes`: Fluid 0.5 and 0.6, which takes a worker's labels away as soon as a lower count is written.

era_b() {
  restart_sluice
  wanted 3
  start_fluid B
  check "Fluid counts 3 workers" wait_until 60 counts_are 3
  check "3 workers run" wait_until 120 workers_are 3
  b_without_the_gate
  bind sluice-scale-in-gate
  restart_sluice --gate-runtime-scale-in
  b_gated
  b_used
  b_withdrawn
  b_in_the_manifest
  end_child TERM "$fluid_pid"
  unbind sluice-scale-in-gate
}

# What kubectl says to a lower count, once.
ask() { # COUNT
  local status=0
  kubectl scale alluxioruntime hbase "--replicas=$1" >"$scratch/asked" 2>&1 || status=$?
  return "$status"
}
# As an HPA does, every few seconds; the first answer has to be a denial.
ask_until_admitted() { # COUNT SECONDS
  local end=$((SECONDS + $2)) denied=0
  until ask "$1"; do
    denied=$((denied + 1))
    grep -q E304 "$scratch/asked" || { cat "$scratch/asked"; return 1; }
    [ $SECONDS -lt "$end" ] || { cat "$scratch/asked"; return 1; }
    sleep 2
  done
  [ "$denied" -gt 0 ] || { say "it was admitted at once"; return 1; }
}
denied_with() { # COUNT TEXT
  ! ask "$1" || { say "it was admitted"; return 1; }
  grep -qF -- "$2" "$scratch/asked" || { cat "$scratch/asked"; return 1; }
}
wish_is() { # TEXT: what the worker set says of the last denied count begins with it
  local seen
  seen=$(worker_set | jq -r '.metadata.annotations["sluice.dev/scale-in-request"] // ""')
  [ -n "$1" ] || { [ -z "$seen" ] || { say "the wish is: $seen"; return 1; }; return 0; }
  case $seen in "$1"*) ;; *) say "the wish is: $seen"; return 1 ;; esac
}
b_without_the_gate() {
  step "3 -> 2 without --gate-runtime-scale-in: it passes with a warning, and a worker goes with what it holds"
  check "3 workers hold files" refill data node-2
  check "it is admitted" ask 2
  check "a warning says that nothing is drained" grep -q W304 "$scratch/asked"
  check "a worker is gone" wait_until 60 workers_are 2
  check "its blocks are still on its node" not left_nothing_behind node-2
  check "Sluice drains nothing" at_rest
}
not() { ! "$@" >/dev/null; }

b_gated() {
  local before
  step "3 -> 2, asked for until it is admitted: the least used worker is drained, and then Fluid takes it"
  check "3 workers hold files" refill more node-3
  before=$(node_files)
  check "a dry run is denied and leaves no wish" dry_run_is_denied 2
  check "it is denied while it drains, and then admitted" ask_until_admitted 2 240
  check "spec.replicas is 2" field alluxioruntime/hbase .spec.replicas 2
  check "Fluid leaves node-3" wait_until 60 same $'node-1\nnode-2' "$(placed_when 2)"
  check "its pod is gone" wait_until 60 workers_are 2
  check "it left no block on the node" left_nothing_behind node-3
  check "node-1 kept its files" same "$(of_node node-1 "$before")" "$(of_node node-1)"
  check "node-2 kept its files" same "$(of_node node-2 "$before")" "$(of_node node-2)"
  check "an event says that the worker is gone" wait_until 30 event_says WorkersRemoved "2 workers are left"
  check "no event says that another one went" no_event DrainCompromised kept
  check "the drain is over" wait_until 60 at_rest
  check "the wish is gone" wish_is ''
}
dry_run_is_denied() { # COUNT
  ! kubectl scale alluxioruntime hbase "--replicas=$1" --dry-run=server >"$scratch/asked" 2>&1 || { say "it was admitted"; return 1; }
  grep -q E304 "$scratch/asked" || { cat "$scratch/asked"; return 1; }
  sleep 2 # nothing is awaited: time for a mistake
  wish_is ''
}

b_used() {
  local before node
  step "3 -> 2 with every node in use: denied with that reason until one is free"
  check "3 workers hold files" refill again node-1
  for node in node-1 node-2 node-3; do use_node "$node"; done
  before=$(node_files)
  check "it is denied" denied_with 2 E304
  check "the denial names the pods in the way" wait_until 60 denied_with 2 'free of pods that mount the dataset'
  check "nothing was freed" same "$before" "$(node_files)"
  check "3 nodes are labelled" present_is 3
  leave_node node-2
  check "it is admitted once node-2 is drained" ask_until_admitted 2 240
  check "Fluid leaves node-2" wait_until 60 same $'node-1\nnode-3' "$(placed_when 2)"
  check "its pod is gone" wait_until 60 workers_are 2
  check "it left no block on the node" left_nothing_behind node-2
  check "the others kept their files" same "$(of_node node-1 "$before")$(of_node node-3 "$before")" "$(of_node node-1)$(of_node node-3)"
  check "the drain is over" wait_until 60 at_rest
  leave_node node-1
  leave_node node-3
}

b_withdrawn() {
  step "3 -> 1, and never asked for again: the drain is given up when the wish is 2 minutes old, and the labels come back"
  check "3 workers hold files" refill last node-1
  check "it is denied" denied_with 1 E304
  check "a drain begins" wait_until 60 status_says '3 -> 1'
  check "the wish is noted" wish_is '1 of 3'
  check "the drain is given up" wait_until 240 at_rest
  check "an event says so" event_says DrainCancelled "3 workers wanted"
  check "3 nodes are labelled" wait_until 60 present_is 3
  check "3 workers run" wait_until 120 workers_are 3
  check "the wish is gone" wish_is ''
}

b_in_the_manifest() {
  step "3 -> 2 in the runtime itself: denied likewise, and admitted when it is drained"
  check "3 workers hold files" refill own node-2
  check "it is denied while it drains, and then admitted" patch_until_admitted 2 240
  check "Fluid leaves node-2" wait_until 60 same $'node-1\nnode-3' "$(placed_when 2)"
  check "it left no block on the node" left_nothing_behind node-2
  check "the drain is over" wait_until 60 at_rest
}
patch_until_admitted() { # COUNT SECONDS
  local end=$((SECONDS + $2)) denied=0
  until kubectl patch alluxioruntime hbase --type merge -p "{\"spec\": {\"replicas\": $1}}" >"$scratch/asked" 2>&1; do
    denied=$((denied + 1))
    grep -q E113 "$scratch/asked" || { cat "$scratch/asked"; return 1; }
    [ $SECONDS -lt "$end" ] || { cat "$scratch/asked"; return 1; }
    sleep 2
  done
  [ "$denied" -gt 0 ] || { say "it was admitted at once"; return 1; }
}
