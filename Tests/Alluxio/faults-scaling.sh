# shellcheck shell=bash
# Sourced by `drains`: the wish changes, also in mid-drain.

case_five_to_two() {
  local before
  step "5 -> 2: three leave at once, the others keep their files"
  begin five-to-two --workers 5 || return
  alluxio fill data 15 1000
  before=$(held_files)
  wanted 2
  check "it ends at 2 workers" ends_at 2
  check "they kept their files" kept "$before" 0 1
}

case_back_in_mid_drain() {
  local before
  step "3 -> 1 -> 3 while files are freed, and again after that: all workers stay"
  begin back-in-mid-drain || return
  alluxio fill data 12 1000
  before=$(uids)
  wanted 1
  check "files are being freed" await_state 60 Freeing
  wanted 3
  check "it ends at 3 workers" ends_at 3
  wanted 1
  check "all is freed" await_state 60 Settling
  wanted 3
  check "it ends at 3 workers" ends_at 3
  check "they are the same pods" same "$before" "$(uids)"
  check "all 3 workers are in service" alluxio wait 3
  alluxio fill more 12 1000
  check "a worker that was freed takes files again" test -n "$(files_of "$name-worker-2")"
}

case_further_in_mid_drain() {
  local before
  step "4 -> 3 -> 2 while draining: it ends at 2, and what was drained stays drained"
  begin further --workers 4 || return
  alluxio fill data 12 1000
  before=$(held_files)
  wanted 3
  check "the first one is drained" await_state 60 Settling
  wanted 2
  check "the drain widens" wait_until 30 status_says "4 -> 2"
  check "the first one stays drained" test -z "$(files_of "$name-worker-3")"
  check "it ends at 2 workers" ends_at 2
  check "they kept their files" kept "$before" 0 1
}

case_flapping() {
  local before count
  step "5 - 3 - 5 - 3 - 5 - 3, as an autoscaler that can't decide: it ends at the last wish"
  begin flapping --workers 5 || return
  alluxio fill data 15 1000
  before=$(held_files)
  for count in 3 5 3 5; do
    wanted "$count"
    if [ "$count" = 3 ]; then await_state 30 Freeing Settling Removing; else await_state 30 CoolingDown; fi || return
    check "5 workers are there" present_is 5
  done
  wanted 3
  check "it ends at 3 workers" ends_at 3
  check "they kept their files" kept "$before" 0 1 2
}

case_cool_down() {
  local rests
  step "3 -> 2, and at once 2 -> 1: the second waits until the cool-down is over"
  begin cool-down || return
  annotate cooldown=8s
  alluxio fill data 9 1000
  wanted 2
  check "the first is removed" await_state 90 CoolingDown
  rests=$(record .restsUntil)
  wanted 1
  check "the second drain begins" wait_until 60 status_says "2 -> 1"
  check "it began after the cool-down" test "$(record .startedAt)" -ge "$rests"
  annotate cooldown=1s
  check "it ends at 1 worker" ends_at 1
}

case_dry_run() {
  local before
  step "Dry runs of 3 -> 2, by the runtime and by the worker set: no drain begins"
  begin dry-run || return
  alluxio fill data 9 1000
  before=$(held_files)
  check "of the runtime" kubectl scale --dry-run=server "alluxioruntime/$name" --replicas=2
  check "of the runtime's spec" kubectl patch --dry-run=server --type=merge "alluxioruntime/$name" -p '{"spec":{"replicas":1}}'
  check "of the worker set" kubectl scale --dry-run=server "statefulset/$name-worker" --replicas=2
  check "nothing is drained" stays 3 at_rest
  check "3 workers are wanted" present_is 3
  check "no file is gone" kept "$before" 0 1 2
  wanted 2
  check "in earnest it ends at 2 workers" ends_at 2
}

case_paused() {
  local before
  step "Paused with a reason: nothing is freed until the annotation goes"
  begin paused || return
  alluxio fill data 9 1000
  before=$(held_files)
  annotate "paused=true: disks are being changed"
  wanted 2
  check "it is blocked, with the reason" wait_until 30 status_says "blocked: Paused: disks are being changed."
  check "nothing is freed" kept "$before" 0 1 2
  check "3 workers are wanted" present_is 3
  annotate paused-
  check "it ends at 2 workers" ends_at 2
  check "they kept their files" kept "$before" 0 1
}

case_unreadable_policy() {
  local before
  step "A policy that can't be read, written while nobody looked: blocked, not taken for the default"
  begin unreadable-policy || return
  alluxio fill data 9 1000
  before=$(held_files)
  # While Sluice is up it refuses such an annotation.
  end_child TERM "$sluice_pid"
  annotate drain=Sometimes
  start_sluice
  wanted 2
  check "it is blocked, and the value is named" wait_until 30 status_says 'blocked: Policy: sluice.dev/drain is "Sometimes"'
  check "nothing is freed" kept "$before" 0 1 2
  check "3 workers are wanted" present_is 3
  annotate drain=Free
  check "it ends at 2 workers" ends_at 2
}

case_budget() {
  local first=budget-a second=budget-b
  step "Two runtimes and --max-drains 1: one waits for the other, then both are done"
  restart_sluice --max-drains 1
  begin $first --workers 2 || return
  alluxio fill data 6 1000
  begin $second --workers 2 || return
  alluxio fill data 6 1000
  kubectl scale --replicas=1 alluxioruntime/$first alluxioruntime/$second >/dev/null
  check "one of them waits" wait_until 30 either_is_blocked_by_budget
  name=$first
  check "the first ends at 1 worker" ends_at 1
  name=$second
  check "the second ends at 1 worker" ends_at 1
}
either_is_blocked_by_budget() {
  local name
  for name in budget-a budget-b; do ! blocked_by Budget || return 0; done
  return 1
}

case_no_drain() {
  step "3 -> 2 with the policy None: the worker goes at once, with its files, and whoever looks sees it"
  begin no-drain || return
  expect_left_over
  alluxio fill data 9 1000
  annotate drain=None
  wanted 2
  check "it ends at 2 workers" ends_at 2
}
