# shellcheck shell=bash
# Sourced by `drains`: the client in the master pod fails us, the master goes, or a worker hides what it holds.

case_client_killed() {
  local before
  step "2 -> 1, and every call of the client is killed, as for lack of memory: blocked for as long as it is so, and nothing is believed"
  begin client-killed --workers 2 || return
  alluxio fill data 12 1000
  before=$(held_files)
  annotate drain-deadline=20s
  fault client.killed "free 1000000"
  wanted 1
  check "it is blocked, and the exit status is named" wait_until 90 status_says "137"
  check "2 workers are wanted, beyond the deadline" stays 45 present_is 2
  check "nothing is freed" same "$before" "$(held_files)"
  heal client.killed
  check "it ends at 1 worker" ends_at 1 180
  check "it kept its files" kept "$before" 0
  check "nothing is left on the other one's disk" holds 1 0
}

case_client_cut() {
  local before
  step "2 -> 1, and three calls of the client die in the middle of what they say: made again"
  begin client-cut --workers 2 || return
  alluxio fill data 12 1000
  before=$(held_files)
  fault client.cut "free 3"
  wanted 1
  check "it ends at 1 worker" ends_at 1 400
  check "three calls were cut" test "$(awk '{ print $2 }' "$dir/alluxio/client-cut/faults/client.cut")" = 0
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
  check "it ends at 1 worker" ends_at 1 180
  check "it kept its files" kept "$before" 0
  check "nothing is left on the other one's disk" holds 1 0
}
is_freeing() { kubectl exec "$name-master-0" -c alluxio-master -- bash -c 'grep -qsz "^fre[e]$" /proc/[0-9]*/cmdline'; }
leading_master() {
  local pod
  for pod in two-master-0 two-master-b-0; do
    ! kubectl get --raw "/api/v1/namespaces/default/pods/http:$pod:$(kubectl get pod "$pod" -o 'jsonpath={.spec.containers[0].ports[?(@.name=="web")].containerPort}')/proxy/api/v1/master/info" >/dev/null 2>&1 || echo "$pod"
  done
}

case_list_switched_off() {
  local disks
  step "2 -> 1, and the leaving worker does not show its files: blocked, and nothing widens by itself; by path, which a person chooses, it goes"
  begin switched-off --workers 2 || return
  put_on 0 data a b c
  put_on 1 data d e f
  disks=$(blocks)
  fault switched-off-worker-1.list-blank
  wanted 1
  check "it is blocked" wait_until 60 blocked_by ListSwitchedOff
  check "nothing is freed, however long it lasts" stays 75 same "$disks" "$(blocks)"
  check "2 workers are wanted" present_is 2
  annotate drain-scope=Path
  check "it ends at 1 worker" ends_at 1 180
  check "all was freed" holds 0 0
  check "nothing is left on the other one's disk" holds 1 0
}
