# shellcheck shell=bash
# shellcheck disable=SC2154 # of world.sh
# Sourced by `nodes`: Fluid 0.4 and older, which never removes a worker. One case after the other, on the same Alluxio.

era_a() {
  start_fluid A
  check "Fluid counts 3 workers" wait_until 30 counts_are 3
  a_without_the_flag
  bind sluice-node-labels
  restart_sluice --remove-by-node-label
  a_least_used
  a_back_to_three
  a_cancelled
  a_nodes_in_use
  a_used_in_mid_drain
  a_to_zero
  end_child TERM "$fluid_pid"
  unbind sluice-node-labels
}

a_without_the_flag() {
  local before
  step "3 -> 2 without --remove-by-node-label: nobody goes, and Sluice says why"
  alluxio fill data 18 100000
  before=$(node_files)
  wanted 2
  check "Fluid ignores it" wait_until 30 grep -q 'to be implemented' "$scratch/fluid.log"
  check "an event names the flag" wait_until 90 event_says DrainBlocked --remove-by-node-label
  check "3 nodes are labelled" present_is 3
  check "nothing was freed" same "$before" "$(node_files)"
  wanted 3
}

# Of three nodes with 6 files each, one is used by a pod and then holds the least, another holds less than the third.
a_least_used() {
  local before
  step "3 -> 2: the least used node that nobody uses is drained, then loses its labels"
  use_node node-1
  thin_out node-1 4
  thin_out node-2 2
  check "node-1 and node-2 hold less" wait_until 30 held_by 2 4 6
  before=$(node_files)
  wanted 2
  check "the worker of node-2 stays until it is empty" emptied_before_it_went node-2 240
  check "2 nodes are left" wait_until 60 present_is 2
  check "they are node-1 and node-3" same $'node-1\nnode-3' "$(placed)"
  check "no label of the runtime is left on node-2" no_labels node-2
  check "its pod is gone" wait_until 60 workers_are 2
  check "it left no block on the node" left_nothing_behind node-2
  check "node-1 kept its files" same "$(of_node node-1 "$before")" "$(of_node node-1)"
  check "node-3 kept its files" same "$(of_node node-3 "$before")" "$(of_node node-3)"
  check "Fluid's counts are 2" wait_until 30 counts_are 2
  check "the drain is over" wait_until 60 at_rest
  leave_node node-1
}
held_by() { # COUNT-ON-NODE-1 COUNT-ON-NODE-2 COUNT-ON-NODE-3
  local files
  files=$(node_files)
  same "$*" "$(of_node node-1 "$files" | grep -c .) $(of_node node-2 "$files" | grep -c .) $(of_node node-3 "$files" | grep -c .)"
}

a_back_to_three() {
  step "back to 3: Fluid sees that one is missing, and its node gets a worker again"
  wanted 3
  check "3 nodes are labelled" wait_until 60 present_is 3
  check "node-2 is Fluid's choice" grep -q 'placed a worker on node-2' "$scratch/fluid.log"
  check "3 workers run" wait_until 60 workers_are 3
  check "3 workers are registered" alluxio wait 3
  check "Sluice did nothing" at_rest
  alluxio fill more 18 100000
}

a_cancelled() {
  local before
  step "3 -> 1 and back to 3 in mid-drain: nobody goes"
  before=$(uids)
  wanted 1
  check "a drain begins" wait_until 60 status_says '3 -> 1'
  wanted 3
  check "the drain is given up" wait_until 90 at_rest
  check "3 nodes are labelled" present_is 3
  check "they are the same pods" same "$before" "$(uids)"
}

a_nodes_in_use() {
  local before node
  step "3 -> 2 with every node in use: blocked with that reason, nothing freed, until one is free"
  check "3 workers hold files" refill used node-3
  for node in node-1 node-2 node-3; do use_node "$node"; done
  before=$(node_files)
  wanted 2
  check "it is blocked, and says so" wait_until 60 status_says NodesInUse
  check "an event says so" wait_until 30 event_says DrainBlocked 'free of pods that mount the dataset'
  check "nothing was freed" same "$before" "$(node_files)"
  check "3 nodes are labelled" present_is 3
  leave_node node-3
  check "the worker of node-3 stays until it is empty" emptied_before_it_went node-3 240
  check "node-3 is left" wait_until 60 same $'node-1\nnode-2' "$(placed_when 2)"
  check "its pod is gone" wait_until 60 workers_are 2
  check "it left no block on the node" left_nothing_behind node-3
  check "the others kept their files" same "$(of_node node-1 "$before")$(of_node node-2 "$before")" "$(of_node node-1)$(of_node node-2)"
  check "the drain is over" wait_until 60 at_rest
  leave_node node-1
  leave_node node-2
}
placed_when() { wait_until 60 present_is "$1" && placed; } # COUNT

# A pinned file holds the drain up for as long as it takes to start a pod on the chosen node.
a_used_in_mid_drain() {
  local path leaving other before
  step "a pod comes to the chosen node in mid-drain: another one goes"
  check "3 workers hold files" refill again node-2
  before=$(node_files)
  path=$(of_node node-2 "$before" | head -n 1)
  fs pin "$path" >/dev/null
  wanted 2
  check "it is blocked by the pinned file" wait_until 60 status_says "$path"
  use_node node-2
  check "node-2 stays, another is left" wait_until 240 present_is 2
  check "node-2 is labelled" same node-2 "$(placed | grep node-2)"
  check "a pod is gone" wait_until 60 workers_are 2
  check "node-2 kept its files" same "$(of_node node-2 "$before")" "$(of_node node-2)"
  other=$(placed | grep -v node-2 || true)
  leaving=$(printf 'node-1\nnode-3\n' | grep -vx "$other" || true)
  check "$other kept its files" same "$(of_node "$other" "$before")" "$(of_node "$other")"
  check "it left no block on $leaving" left_nothing_behind "$leaving"
  check "the drain is over" wait_until 60 at_rest
  fs unpin "$path" >/dev/null
  leave_node node-2
}

# Fluid up to 0.5 starts no worker again once none is left.
a_to_zero() {
  local node
  step "2 -> 0: blocked, since Fluid would never start a worker again; 2 -> 1 instead goes"
  wanted 0
  check "it is blocked, and says so" wait_until 90 status_says LastWorker
  check "2 nodes are labelled" present_is 2
  wanted 1
  check "1 node is left" wait_until 240 present_is 1
  check "1 worker runs" wait_until 60 workers_are 1
  for node in node-1 node-2 node-3; do
    [ "$node" = "$(placed)" ] || check "no block is left on $node" left_nothing_behind "$node"
  done
  check "Fluid's counts are 1" wait_until 30 counts_are 1
  check "the drain is over" wait_until 60 at_rest
}
