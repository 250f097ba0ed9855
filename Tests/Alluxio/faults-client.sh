# shellcheck shell=bash
# Sourced by `drains`: the client in the master pod fails us, the master is away, or workers can't be told apart.

# The first calls go wrong; what they were about is freed all the same.
bad_calls() { # FAULT TEXT SECONDS
  local before
  begin "client-$1" --workers 2 || return
  alluxio fill data 12 1000
  before=$(held_files)
  fault "client.$1" "$2"
  wanted 1
  check "it ends at 1 worker" ends_at 1 "$3"
  check "so many calls went wrong" test "$(awk '{ print $2 }' "$dir/alluxio/$name/faults/client.$1")" = 0
  check "it kept its files" kept "$before" 0
  check "nothing is left on the other one's disk" holds 1 0
}

case_exec_hangs() {
  step "2 -> 1, and two calls of the client never end: given up after a minute, and made again"
  bad_calls hang "free 2" 240
}
case_exec_cut() {
  step "2 -> 1, and three calls of the client die in the middle of what they say"
  bad_calls cut "free 3" 180
}
case_exec_slow() {
  step "2 -> 1, and three calls of the client take 20 s"
  bad_calls slow "free 3 20" 120
}
case_exec_garbage() {
  step "2 -> 1, and three calls of the client say what nobody can read, and succeed"
  bad_calls garbage "free 3" 180
}

case_master_away() {
  local before
  step "2 -> 1 while there is no master: blocked until it is back and knows its workers"
  begin away --workers 2 || return
  alluxio fill data 8 1000
  before=$(held_files)
  kubectl scale statefulset/away-master --replicas=0 >/dev/null
  kubectl wait --for=delete pod/away-master-0 --timeout=60s >/dev/null
  wanted 1
  check "it is blocked" wait_until 60 blocked_by MasterNotReady
  check "nothing is freed" stays 3 holds_some 1
  check "2 workers are wanted" present_is 2
  kubectl scale statefulset/away-master --replicas=1 >/dev/null
  check "it ends at 1 worker" ends_at 1 120
  check "it kept its files" kept "$before" 0
  check "nothing is left on the other one's disk" holds 1 0
}

case_master_taken_over() {
  local before
  step "2 -> 1 with two masters, and the leading one goes in mid-drain: the other knows of no free, and it is freed again"
  begin two --workers 2 --two-masters || return
  alluxio fill data 8 1000
  before=$(held_files)
  # The worker does not hear of the free before the master goes.
  fault two-worker-1.mute
  wanted 1
  check "a free is under way" wait_until 60 is_freeing
  check "the leading master goes" kubectl delete pod "$(leading_master)" --grace-period=0 --force
  heal two-worker-1.mute
  check "both workers are registered again" alluxio wait 2
  check "it ends at 1 worker" ends_at 1 120
  check "it kept its files" kept "$before" 0
  check "nothing is left on the other one's disk" holds 1 0
}
leading_master() {
  local pod
  for pod in two-master-0 two-master-b-0; do
    ! kubectl get --raw "/api/v1/namespaces/default/pods/http:$pod:$(kubectl get pod "$pod" -o 'jsonpath={.spec.containers[0].ports[?(@.name=="web")].containerPort}')/proxy/api/v1/master/info" >/dev/null 2>&1 || echo "$pod"
  done
}

case_master_in_safe_mode() {
  local before
  step "2 -> 1 with a master that stays in safe mode: its reports fail, its frees do not"
  begin safe --workers 2 || return
  alluxio fill data 8 1000
  before=$(held_files)
  fault safe-master-0.safe-mode
  wanted 1
  check "it ends at 1 worker" ends_at 1
  check "it kept its files" kept "$before" 0
}

case_shared_host() {
  local before
  step "2 -> 1 by Decommission with both workers on one node: blocked, since they can't be told apart; under Auto they are freed"
  begin shared --workers 2 alluxio.standin.version=2.9.6 || return
  alluxio fill data 8 1000
  before=$(held_files)
  annotate drain=Decommission
  wanted 1
  check "it is blocked" wait_until 60 blocked_by SharedHost
  check "nothing is freed" same "$before" "$(held_files)"
  check "2 workers are wanted" present_is 2
  annotate drain=Auto
  check "it ends at 1 worker" ends_at 1
  check "it kept its files" kept "$before" 0
}
