# shellcheck shell=bash
# Sourced by `demo`: scale-down of a cache in the pods of the cluster: of the Alluxio that ALLUXIO_HOME names, or of the
# stand-in that the tests have for it, which needs no Java.

# Why it can't be shown; nothing if it can.
drain_problem() {
  $cluster available --node 2>&1 || true
}

drain_steps() {
  look_at "$scratch/cluster"
  # shellcheck disable=SC2034 # of look.sh
  name=hbase
  alluxio_up
  drained_step
  unpersisted_step
  cancelled_step
}

alluxio_up() {
  if [ -n "${ALLUXIO_HOME:-}" ]; then
    step "Alluxio from $ALLUXIO_HOME takes the worker set's place: a master, 3 workers, 60 files in the cache"
  else
    export ALLUXIO_HOME=$PWD/Tests/StandIns/alluxio
    step "A stand-in for Alluxio takes the worker set's place (ALLUXIO_HOME=... for a real one): a master, 3 workers, 60 files"
  fi
  # Nothing else may scale hbase while we look.
  kubectl delete "$hpa/alluxio-custom-hpa" statefulset/hbase-worker >/dev/null
  kubectl wait --for=delete pod -l role=alluxio-worker --timeout=60s >/dev/null 2>&1 || true
  # Otherwise a removed worker counts as live for 5 minutes, and writes are sent to it.
  check "it is up" alluxio up --workers 3 --jobs alluxio.master.worker.timeout=10s \
    alluxio.master.lost.worker.detection.interval=1s
  # Fluid in miniature: it lowers the worker set as soon as the runtime is lowered.
  Tests/Cluster/leash $$ Tests/StandIns/fluid "$dir" D default hbase >"$scratch/fluid.log" 2>&1 &
  fluid_pid=$!
  check "60 files are loaded" alluxio fill data 60 100000
  alluxio list
}

drained_step() {
  local before now=''
  step "hbase shrinks from 3 workers to 2: held, drained, and only then removed"
  before=$(held_files)
  run kubectl scale alluxioruntime hbase --replicas=2
  check "Fluid lowers the worker set at once, and is held" wait_until 20 grep -q 'from 3 to 2, and it is 3' "$scratch/fluid.log"
  typed sluice status -w
  for _ in $(seq 150); do
    now=$("$sluice" status)
    printf '%s\n' "$now"
    [ "$(present)" = 3 ] || break
    sleep 2
  done
  check "2 workers are left" present_is 2
  check "the leaving worker's pod is gone" wait_until 60 gone hbase-worker-2
  log_lines
  printf '  %-16s %8s %8s\n' worker before after
  local after worker
  after=$(held_files)
  for worker in 0 1 2; do
    printf '  %-16s %8s %8s\n' "hbase-worker-$worker" \
      "$(files_of "hbase-worker-$worker" "$before" | wc -l)" "$(files_of "hbase-worker-$worker" "$after" | wc -l)"
  done
  check "worker 0 keeps its files" same "$(files_of hbase-worker-0 "$before")" "$(files_of hbase-worker-0 "$after")"
  check "worker 1 keeps its files" same "$(files_of hbase-worker-1 "$before")" "$(files_of hbase-worker-1 "$after")"
  check "the drain is over" wait_until 60 at_rest
  time_states
  printf '  from the lowered spec to the lowered worker set: %s in calls of Alluxio, %s for looking before and after; the pod took %s to end\n' \
    "$(took Freeing)" "$(took Checking Settling Decommissioning Removing)" "$(took Confirming)"
}

unpersisted_step() {
  local before path
  step "From 2 to 1 with files that exist nowhere but in the cache: blocked until they are persisted"
  check "the master knows of 2 workers" wait_until 60 live_is 2
  alluxio run fs -Dalluxio.user.file.writetype.default=MUST_CACHE \
    -Dalluxio.user.block.write.location.policy.class=alluxio.client.block.policy.RoundRobinPolicy \
    cp file:///etc/alluxio /only >/dev/null
  before=$(held_files)
  path=$(files_of hbase-worker-1 "$before" | grep -m 1 '^/only') || path=/only
  run kubectl scale alluxioruntime hbase --replicas=1
  check "it is blocked, and the file is named" wait_until 60 status_says "$path"
  run "$sluice" status
  check "nothing is freed" same "$before" "$(held_files)"
  check "2 workers are wanted" present_is 2
  typed kubectl exec hbase-master-0 -c alluxio-master -- alluxio fs persist /only
  fs persist /only
  check "persisted, the worker goes" wait_until 240 present_is 1
  log_lines
  check "its pod is gone" wait_until 60 gone hbase-worker-1
  check "the drain is over" wait_until 60 at_rest
}

cancelled_step() {
  local before
  step "Back to 3, then to 1, and back again in mid-drain: the drain is given up, all workers stay"
  run kubectl scale alluxioruntime hbase --replicas=3
  check "Fluid raises the worker set" wait_until 30 present_is 3
  check "3 workers are registered" alluxio wait 3
  alluxio fill more 30 100000
  before=$(uids)
  run kubectl scale alluxioruntime hbase --replicas=1
  check "a drain begins" wait_until 30 status_says '3 -> 1'
  run kubectl scale alluxioruntime hbase --replicas=3
  check "the drain is given up" wait_until 90 at_rest
  log_lines
  check "3 workers are wanted" present_is 3
  check "they are the same pods" same "$before" "$(uids)"
}
