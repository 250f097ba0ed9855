# shellcheck shell=bash
# Sourced by `drains`: the cases that every Alluxio goes through, one after the other on the same runtime, hbase.

common_cases() {
  begin hbase --jobs
  same_words
  scope_worker
  forwarded
  cancelled
  pinned
  unpersisted
  killed
  finish
}

scope_worker() {
  local before
  step "3 -> 2: the leaving worker's files go, the others keep theirs"
  alluxio fill data 60 100000 # more than the handful that is freed by name
  before=$(held_files)
  check "every worker holds something" test -n "$(files_of hbase-worker-2 "$before")" -a -n "$(files_of hbase-worker-0 "$before")"
  wanted 2
  check "Fluid tries at once, and is held" wait_until 20 grep -q 'from 3 to 2, and it is 3' "$scratch/fluid-hbase.log"
  # From here on the worker may not go before it is empty.
  check "the worker stays until it is empty" emptied_before_removal hbase-worker-2 3 180
  check "2 workers are left" wait_until 60 present_is 2
  check "its pod is gone" wait_until 60 gone hbase-worker-2
  check "users are told the way" told_way 'by RPC (directly)'
  check "worker 0 kept its files" same "$(files_of hbase-worker-0 "$before")" "$(files_of hbase-worker-0)"
  check "worker 1 kept its files" same "$(files_of hbase-worker-1 "$before")" "$(files_of hbase-worker-1)"
  check "the drain is over" wait_until 60 at_rest
  check "the runtime's selector was filled in" \
    field alluxioruntime/hbase .status.selector app=alluxio,release=hbase,role=alluxio-worker
  check "Fluid shows 2 workers" wait_until 30 field alluxioruntime/hbase .status.desiredWorkerNumberScheduled 2
  grep -o 'Removed hbase-worker.*' "$log" | tail -n 1
}

# Looks at the count before and after each look at the files: a worker that still held something was never removed.
emptied_before_removal() { # POD COUNT SECONDS
  local end=$((SECONDS + $3)) files count
  while [ $SECONDS -lt "$end" ]; do
    files=$(files_of "$1" 2>/dev/null | wc -l) || files=0
    count=$(present)
    [ "$count" = "$2" ] || return 0
    [ "$files" != 0 ] || return 0
    sleep 0.5
  done
  say "it still holds $files files after $3 s; $(drain_status)"
  return 1
}

# The stand-in has no RPC, which is found out and told.
told_way() { # TEXT
  local text=$1 seen
  is_real || text="RPC can't be had"
  seen=$(kubectl get events --field-selector "involvedObject.name=$name,reason=DrainStarted" \
    -o 'jsonpath={range .items[*]}{.message}{"\n"}{end}')
  grep -qF -- "$text" <<<"$seen" || { say "$seen"; return 1; }
}
is_real() { ! grep -q python3 "$ALLUXIO_HOME/bin/alluxio"; }

forwarded() {
  local before
  step "back to 3, and to 2 where the pods' ports are closed: the way is through the API server"
  wanted 3
  check "Fluid raises the worker set" wait_until 30 present_is 3
  check "3 workers are registered" alluxio wait 3
  alluxio fill behind 60 100000
  before=$(held_files)
  check "the new worker holds something" test -n "$(files_of hbase-worker-2 "$before")"
  close_ports
  wanted 2
  check "2 workers are left" wait_until 240 present_is 2
  open_ports
  check "its pod is gone" wait_until 60 gone hbase-worker-2
  check "users are told the way" told_way 'by RPC (through pods/portforward)'
  check "worker 0 kept its files" same "$(files_of hbase-worker-0 "$before")" "$(files_of hbase-worker-0)"
  check "worker 1 kept its files" same "$(files_of hbase-worker-1 "$before")" "$(files_of hbase-worker-1)"
  check "the drain is over" wait_until 60 at_rest
}

# By the client, which leaves time for it.
cancelled() {
  local before
  step "back to 3, then 1, and back to 3 in mid-drain by the client: nobody goes"
  annotate drain-client=Exec
  wanted 3
  check "Fluid raises the worker set" wait_until 30 present_is 3
  check "3 workers are registered" alluxio wait 3
  alluxio fill more 18 100000
  before=$(uids)
  wanted 1
  check "a drain begins" wait_until 30 status_says '3 -> 1'
  wanted 3
  check "the drain is given up" wait_until 90 at_rest
  check "3 workers are wanted" present_is 3
  check "they are the same pods" same "$before" "$(uids)"
}

pinned() {
  local before path
  step "3 -> 2 with a pinned file on the leaving worker: blocked, named, nothing freed"
  annotate drain-client=Auto
  alluxio fill pins 18 100000
  before=$(held_files)
  path=$(files_of hbase-worker-2 "$before" | grep -m 1 '^/pins/')
  fs pin "$path" >/dev/null
  wanted 2
  check "it is blocked, and the file is named" wait_until 60 status_says "$path"
  check "nothing was freed" same "$before" "$(held_files)"
  check "3 workers are wanted" present_is 3
  fs unpin "$path" >/dev/null
  check "unpinned, the worker goes" wait_until 240 present_is 2
  check "its pod is gone" wait_until 60 gone hbase-worker-2
  check "worker 0 kept its files" same "$(files_of hbase-worker-0 "$before")" "$(files_of hbase-worker-0)"
  check "the drain is over" wait_until 60 at_rest
}

unpersisted() {
  local path before
  step "2 -> 1 with a file that is only in the cache: blocked, named, nothing freed, until it is persisted"
  check "the master knows of 2 workers" wait_until 60 live_is 2
  # 6 files in turn over 2 workers.
  alluxio run fs -Dalluxio.user.file.writetype.default=MUST_CACHE \
    -Dalluxio.user.block.write.location.policy.class=alluxio.client.block.policy.RoundRobinPolicy \
    cp file:///etc/alluxio /only >/dev/null
  before=$(held_files)
  path=$(files_of hbase-worker-1 "$before" | grep -m 1 '^/only') || path=/only
  wanted 1
  check "it is blocked, and the file is named" wait_until 60 status_says "$path"
  check "nothing was freed" same "$before" "$(held_files)"
  check "2 workers are wanted" present_is 2
  fs persist /only >/dev/null
  check "persisted, the worker goes" wait_until 240 present_is 1
  check "its pod is gone" wait_until 60 gone hbase-worker-1
  check "what was written is in the under storage" test -n "$(ls "$dir/ufs/hbase/only")"
  check "the drain is over" wait_until 60 at_rest
}

killed() {
  step "1 -> 0 with Sluice killed in mid-drain and started again: it goes on where it was"
  wanted 0
  check "a drain begins" wait_until 30 status_says 'Freeing 1 -> 0'
  kill_sluice
  start_sluice
  check "the last worker goes" wait_until 240 present_is 0
  check "its pod is gone" wait_until 60 gone hbase-worker-0
  check "the drain is over" wait_until 60 at_rest
}
