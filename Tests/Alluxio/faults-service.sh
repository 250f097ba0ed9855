# shellcheck shell=bash
# Sourced by `drains`: workers that have a node each, and so a name each; from Alluxio 2.9.4 on they can be taken out of service.

case_decommission() {
  local before
  step "2 -> 1 by Decommission: freed, out of service, and only then removed"
  begin service --workers 2 --spread alluxio.standin.version=2.9.6 || return
  alluxio fill data 8 1000
  before=$(held_files)
  annotate drain=Decommission
  wanted 1
  check "it is taken out of service" await_state 120 Decommissioning
  check "2 workers are wanted" present_is 2
  check "it ends at 1 worker" ends_at 1 180
  check "the master has it out of service" out_of_service_is 1
  check "nothing is left on its disk" holds 1 0
  check "the other one kept its files" kept "$before" 0
}
out_of_service_is() { # COUNT
  local seen
  seen=$(alluxio run fsadmin report capacity -decommissioned)
  [ "$(grep -c ' capacity ' <<<"$seen")" = "$1" ] || { say "$seen"; return 1; }
}

case_decommission_cancelled() {
  local uid
  step "2 -> 1 by Decommission, and back to 2 when the worker is out of service: it is in service again, which takes a new pod"
  begin cancelled --workers 2 --spread alluxio.standin.version=2.9.6 || return
  alluxio fill data 8 1000
  uid=$(kubectl get pod cancelled-worker-1 -o 'jsonpath={.metadata.uid}')
  annotate drain=Decommission
  # With a wrong name for itself it can't leave Removing.
  restart_sluice --reconciler-user somebody-else
  wanted 1
  check "it is out of service" await_state 120 Removing
  check "the master says so" out_of_service_is 1
  wanted 2
  check "it ends at 2 workers" ends_at 2 180
  # The old one's row stays: to the master a pod with another address is another worker.
  check "both are in service" wait_until 60 live_is 2
  check "its pod is another" test "$(kubectl get pod cancelled-worker-1 -o 'jsonpath={.metadata.uid}')" != "$uid"
  alluxio fill more 8 1000
  check "it takes files again" holds_some 1
}
