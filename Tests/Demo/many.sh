# shellcheck shell=bash
# Sourced by `demo`: a cache of many files is drained in front of the user, on the real Alluxio that ALLUXIO_HOME names. By the
# stand-in's client, which is all that it has, it would take hours.

many_files=10000

# Why it can't be shown; nothing if it can.
many_problem() {
  [ "$real_alluxio" = yes ] || { echo "ALLUXIO_HOME names no Alluxio"; return; }
  # shellcheck disable=SC2154 # of fill.sh
  [ -x "$loader" ] || echo "$loader is missing; run: make demo"
}

many_step() {
  # shellcheck disable=SC2034 # of look.sh
  name=many
  step "A cache of 10,000 files, all on each of 3 workers as hot ones are: two workers go, by RPC"
  check "the cache is up" alluxio up --workers 3 alluxio.master.worker.timeout=10s \
    alluxio.master.lost.worker.detection.interval=1s
  kubectl apply --validate=false -f - >/dev/null 2>&1 <<END
{"apiVersion": "data.fluid.io/v1alpha1", "kind": "AlluxioRuntime", "metadata": {"name": "$name"}, "spec": {"replicas": 3}}
END
  Tests/Cluster/leash $$ Tests/StandIns/fluid "$dir" D default "$name" >"$scratch/fluid-$name.log" 2>&1 &
  many_fluid_pid=$!
  check "they are cached" fill_many
  run kubectl scale alluxioruntime many --replicas=1
  typed sluice status many -w
  # To no terminal, where it would show the newest state alone.
  "$sluice" status many --watch > >(tee "$scratch/many") &
  many_watch_pid=$!
  wait_until 120 present_is 1 >/dev/null || true
  kill -TERM "$many_watch_pid" 2>/dev/null || true
  wait "$many_watch_pid" 2>/dev/null || true
  many_watch_pid=''
  check "one worker is left" present_is 1
  check "files that were left were shown with a rate and a time left" grep -qE ' many-worker-2 +[1-9][0-9]* .*B/s +[0-9]+[smh]' "$scratch/many"
  check "the pods are gone" wait_until 60 none_left
  check "the drain is over" wait_until 60 at_rest
  time_states
  printf '  %s files in %s of freeing; from the lowered spec to the lowered worker set %s, of which 2 s lie between two looks at an empty worker\n' \
    $((2 * many_files)) "$(took Freeing)" "$(took Checking Freeing Settling Decommissioning Removing)"
  check "the worker that stays has every file" has_copies $many_files
  end_many
}
fill_many() {
  local ordinal
  make_files $many_files
  for ordinal in 0 1 2; do put_blocks "$ordinal" <"$scratch/ids"; done
  take_up $((3 * many_files)) 0 1 2
}
none_left() { gone "$name-worker-1" && gone "$name-worker-2"; }

end_many() {
  kubectl delete "alluxioruntime/$name" >/dev/null
  kill -TERM "$many_fluid_pid" 2>/dev/null || true
  wait "$many_fluid_pid" 2>/dev/null || true
  many_fluid_pid=''
  alluxio down
  name=hbase
}
