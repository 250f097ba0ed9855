# shellcheck shell=bash
# Sourced by `drains`: somebody changes or deletes pods, worker sets, runtimes and records in mid-drain.

case_leaving_pod_deleted() {
  local before
  step "3 -> 2 with the leaving worker's pod deleted by hand: it comes back with its files, and is drained again"
  begin leaving-pod || return
  alluxio fill data 12 1000
  before=$(held_files)
  wanted 2
  check "a drain is under way" await_state 60 Freeing
  check "its pod is deleted" kubectl delete pod "$name-worker-2" --wait=false
  check "it ends at 2 workers" ends_at 2
  check "they kept their files" kept "$before" 0 1
}

case_surviving_pod_deleted() {
  local before
  step "3 -> 2 with a surviving worker's pod deleted by hand: it comes back with its files, the other one goes"
  begin surviving-pod || return
  alluxio fill data 12 1000
  before=$(held_files)
  wanted 2
  check "a drain is under way" await_state 60 Freeing
  check "the pod is deleted" kubectl delete pod "$name-worker-0" --wait=false
  check "it ends at 2 workers" ends_at 2
  check "both are in service" alluxio wait 2
  check "they kept their files" wait_until 30 kept "$before" 0 1
}

case_rolling_update() {
  local before
  step "3 -> 2 while the workers are rolled to another revision: blocked until that is over"
  begin rolling || return
  alluxio fill data 9 1000
  before=$(held_files)
  # Behind the partition everything waits.
  patch_workers '{"spec": {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 3}},
    "template": {"metadata": {"annotations": {"revision": "2"}}}}}'
  check "there is another revision" wait_until 30 is_rolling
  wanted 2
  check "it is blocked" wait_until 60 blocked_by RollingUpdate
  check "nothing is freed" kept "$before" 0 1 2
  check "3 workers are wanted" present_is 3
  patch_workers '{"spec": {"updateStrategy": {"rollingUpdate": {"partition": 0}}}}'
  check "it ends at 2 workers" ends_at 2 180
  check "the roll-out is over" wait_until 60 is_rolled
}
patch_workers() { kubectl patch statefulset "$name-worker" -p "$1" >/dev/null; }
is_rolling() { [ "$(worker_set | jq '.status.currentRevision == .status.updateRevision')" = false ]; }
is_rolled() { [ "$(worker_set | jq '.status.currentRevision == .status.updateRevision')" = true ]; }

case_runtime_deleted() {
  step "3 -> 1, and the runtime is deleted in mid-drain: nothing of ours stays, and nothing is in the way"
  begin runtime-deleted || return
  alluxio fill data 12 1000
  wanted 1
  check "a drain is under way" await_state 60 Freeing
  stop_fluid # which updates no worker set of a runtime that goes
  check "the runtime goes" kubectl delete "alluxioruntime/$name" --timeout=30s
  check "its record goes" wait_until 30 no_record
  check "3 workers are there" present_is 3
  check "the worker set goes" kubectl delete "statefulset/$name-worker" --timeout=60s
}
no_record() { [ "$(worker_set | jq -c '[.metadata.annotations // {} | keys[] | select(startswith("sluice.dev/"))]')" = "[]" ]; }

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

case_stale_records() {
  local record
  step "3 -> 2 beside records that say that all is drained, of another worker set and of other pods: drained all the same"
  begin stale-records || return
  alluxio fill data 9 1000
  annotate "paused=true: until the record is written"
  wanted 2
  check "there is a record" wait_until 30 blocked_by Paused
  record=$(record 'del(.blocked) | .state = "Removing"')
  write_record "$(jq -c '.workerSet = "11111111-1111-1111-1111-111111111111"' <<<"$record")"
  check "that of another worker set is replaced" wait_until 30 record_is ".workerSet == $(worker_set | jq .metadata.uid)"
  write_record "$(jq -c '.leaving[0].uid = "22222222-2222-2222-2222-222222222222"' <<<"$record")"
  check "that of other pods is there" record_is '.state == "Removing"'
  annotate paused-
  check "it is drained" await_state 60 Freeing Settling
  check "it ends at 2 workers" ends_at 2
}
write_record() { kubectl annotate --overwrite "statefulset/$name-worker" "sluice.dev/drain-record=$1" >/dev/null; }
record_is() { [ "$(record "$1")" = true ]; }

case_never_started() {
  local before
  step "4 -> 3 with a worker whose image does not exist: it holds nothing, and goes at once"
  begin never-started || return
  alluxio fill data 9 1000
  before=$(held_files)
  worker_image sluice.local/none:1
  wanted 4
  check "it can't start" wait_until 60 has_no_image 3
  wanted 3
  check "it goes within 15 s" wait_until 15 present_is 3
  check "nothing is freed for it" not_freed
  check "it ends at 3 workers" ends_at 3
  check "they kept their files" kept "$before" 0 1 2
}
case_leaving_pod_cannot_return() {
  local image
  step "3 -> 2 with the leaving worker's pod deleted, and its image gone: its blocks are still there, and it is waited for"
  begin cannot-return || return
  alluxio fill data 12 1000
  image=$(worker_set | jq -r '.spec.template.spec.containers[] | select(.name == "alluxio-worker").image')
  fault "$name-worker-2.stuck" data
  patch_workers '{"spec": {"updateStrategy": {"type": "OnDelete", "rollingUpdate": null}}}'
  worker_image sluice.local/none:1
  wanted 2
  check "a drain is under way" await_state 60 Freeing
  check "its pod is deleted" kubectl delete pod "$name-worker-2"
  check "the next one can't start" wait_until 60 has_no_image 2
  check "it is blocked" wait_until 60 blocked_by WorkerUnreachable
  check "3 workers are wanted" stays 10 present_is 3
  check "its blocks are there" holds_some 2
  worker_image "$image"
  kubectl delete pod "$name-worker-2" >/dev/null
  heal "$name-worker-2.stuck"
  check "it ends at 2 workers" ends_at 2
  check "nothing is left on its disk" holds 2 0
}
worker_image() { # IMAGE
  patch_workers '{"spec": {"template": {"spec": {"containers": [{"name": "alluxio-worker", "image": "'"$1"'"}]}}}}'
}

not_freed() { ! grep "name=$name .*DrainProgress" "$log"; }
has_no_image() { # ORDINAL
  [ "$(kubectl get pod "$name-worker-$1" -o 'jsonpath={.status.containerStatuses[?(@.name=="alluxio-worker")].state.waiting.reason}')" = ErrImageNeverPull ]
}
