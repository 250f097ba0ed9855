# shellcheck shell=bash
# Sourced by `drains`: somebody changes or deletes pods, worker sets, runtimes, rights and the drain's own object in mid-drain.

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

case_era_c() {
  local before
  step "4 -> 2 with Fluid of era C, and what was lowered once is raised again"
  begin era-c --workers 4 --era C || return
  alluxio fill data 12 1000
  before=$(held_files)
  wanted 2
  check "it ends at 2 workers" ends_at 2
  check "they kept their files" kept "$before" 0 1
  check "Fluid shows 2 workers" wait_until 30 field "alluxioruntime/$name" .status.desiredWorkerNumberScheduled 2
  wanted 4
  check "it ends at 4 workers" ends_at 4
}

case_created_again_with_fewer() {
  local before
  step "The runtime is deleted in mid-drain and created again with 1 replica, while its 3 workers are still there"
  begin created-again || return
  alluxio fill data 12 1000
  before=$(held_files)
  wanted 2
  check "a drain is under way" await_state 60 Freeing
  stop_fluid
  check "the runtime goes" kubectl delete "alluxioruntime/$name" --timeout=30s
  make_runtime 1
  start_fluid D
  check "Fluid tries at once, and is held" wait_until 30 grep -q "to 1, and it is 3" "$scratch/fluid-$name.log"
  check "it ends at 1 worker" ends_at 1
  check "it kept its files" kept "$before" 0
}

case_leaving_pod_cannot_return() {
  local image uid
  step "3 -> 2 with the leaving worker's pod deleted, and its image gone: its blocks are still there, and it is waited for, until a person gives them up"
  begin cannot-return || return
  alluxio fill data 12 1000
  fault "$name-worker-2.stuck" data
  worker_image sluice.local/none:1
  wanted 2
  check "a drain is under way" await_state 60 Freeing
  check "its pod is deleted" kubectl delete pod "$name-worker-2"
  check "the next one can't start" wait_until 60 has_no_image 2
  check "it is blocked, with Kubernetes' own reason" wait_until 60 status_says "ErrImageNeverPull"
  check "3 workers are wanted" stays 10 present_is 3
  check "its blocks are there" holds_some 2
  expect_left_over
  uid=$(kubectl get pod "$name-worker-2" -o 'jsonpath={.metadata.uid}')
  annotate "skip-drain=$uid: the disk is to be wiped"
  check "it ends at 2 workers" ends_at 2
  check "that was told, with the reason" told "the disk is to be wiped"
}
worker_image() { # IMAGE
  kubectl patch statefulset "$name-worker" -p \
    '{"spec": {"template": {"spec": {"containers": [{"name": "alluxio-worker", "image": "'"$1"'"}]}}}}' >/dev/null
}
has_no_image() { # ORDINAL
  [ "$(kubectl get pod "$name-worker-$1" -o 'jsonpath={.status.containerStatuses[?(@.name=="alluxio-worker")].state.waiting.reason}')" = ErrImageNeverPull ]
}

case_lower_worker_broken() {
  local before
  step "3 -> 2 where pods go one by one, and worker-0 crash-loops: Kubernetes would take nobody, so nothing is lowered until it is well"
  begin ordered --ordered || return
  alluxio fill data 12 1000
  before=$(held_files)
  fault "$name-worker-0.crash"
  check "worker-0 crashes" wait_until 60 has_crashed "$name-worker-0"
  wanted 2
  check "it is blocked, and worker-0 is named" wait_until 60 status_says "$name-worker-0"
  check "3 workers are wanted" stays 20 present_is 3
  heal "$name-worker-0.crash"
  check "it ends at 2 workers" ends_at 2 400
  check "worker 1 kept its files" kept "$before" 1
}

case_lowered_by_another() {
  step "3 -> 2 by somebody whom nobody asks: seen, counted and told, with what was on it"
  begin by-another || return
  alluxio fill data 9 1000
  expect_left_over
  stop_fluid
  check "the worker set is lowered" as_reconciler scale statefulset "$name-worker" --replicas=2
  wanted 2
  check "its pod is gone" wait_until 60 gone "$name-worker-2"
  check "an event says so" wait_until 60 told_as UndrainedRemoval "$name-worker-2"
}
told_as() { # REASON TEXT
  kubectl get events --field-selector "involvedObject.name=$name,reason=$1" -o 'jsonpath={range .items[*]}{.message}{"\n"}{end}' | grep -F -- "$2"
}

case_drain_object_touched() {
  local before
  step "3 -> 2, and the drain's own object is deleted, and then says that all is done: it is made again, and nothing of it is believed"
  begin touched || return
  alluxio fill data 12 1000
  before=$(held_files)
  fault "$name-worker-2.locked" data
  wanted 2
  check "a drain is under way" await_state 60 Freeing Settling
  check "its object is deleted" kubectl delete "workerdrain/$name" --wait=false
  check "it is made again" await_state 60 Checking Freeing Settling
  end_child KILL "$sluice_pid"
  kubectl --namespace sluice-system delete --ignore-not-found lease/sluice >/dev/null
  "${as_admin[@]}" -f -m 10 -o /dev/null -X PATCH -H 'Content-Type: application/merge-patch+json' \
    -d '{"status": {"state": "Removing", "blocked": null}}' "$KUBERNETES_SERVER$drains/$name/status"
  start_sluice
  check "3 workers are wanted" stays 15 present_is 3
  check "its blocks are there" holds_some 2
  heal "$name-worker-2.locked"
  check "it ends at 2 workers" ends_at 2 180
  check "they kept their files" kept "$before" 0 1
  check "it is Drained" kubectl wait --for=condition=Drained "workerdrain/$name" --timeout=30s
}

case_right_missing() {
  local before
  step "3 -> 2 without the right to exec: blocked, and the right is named; with it, it goes on"
  begin right-missing || return
  alluxio fill data 9 1000
  before=$(held_files)
  kubectl get clusterrole sluice-reconciler -o json >"$scratch/role"
  jq '.rules |= map(select((.resources | index("pods/exec")) == null))' "$scratch/role" | kubectl replace -f - >/dev/null
  wanted 2
  check "it is blocked, and the right is named" wait_until 60 status_says "pods/exec"
  check "3 workers are wanted" stays 5 present_is 3
  check "nothing is freed" same "$before" "$(held_files)"
  jq 'del(.metadata.resourceVersion)' "$scratch/role" | kubectl replace -f - >/dev/null
  check "it ends at 2 workers" ends_at 2
  check "they kept their files" kept "$before" 0 1
}
