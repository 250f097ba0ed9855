# shellcheck shell=bash
# Sourced by `drains`: what is cached does not go when it should, comes back, or is nowhere else yet.

case_bytes_go_later() {
  local kept
  step "2 -> 1, and a folder's free says success long before its bytes go: the worker waits for them"
  begin bytes-later --workers 2 || return
  put_on 0 others a b c
  put_on 1 own a b c
  kept=$(disk_of 0)
  fault bytes-later-worker-1.locked /own
  wanted 1
  check "the folder was freed by one call" wait_until 60 told "by 1 calls, 1 of them for folders"
  check "all is said to be freed" await_state 60 Settling
  check "its files are still there" stays 5 holds 1 3
  check "2 workers are wanted" present_is 2
  heal bytes-later-worker-1.locked
  check "it ends at 1 worker" ends_at 1
  check "it kept its files" same "$kept" "$(disk_of 0)"
  check "nothing is left on the other one's disk" holds 1 0
}

case_block_locked() {
  local before
  step "2 -> 1 with a file that is being read for longer than the client waits: it goes when the reader is done"
  begin locked --workers 2 || return
  alluxio fill data 8 1000
  before=$(held_files)
  fault locked-worker-1.locked "$(files_of locked-worker-1 "$before" | head -n 1)"
  wanted 1
  check "the rest is freed" wait_until 90 holds 1 1
  check "2 workers are wanted" stays 12 present_is 2
  heal locked-worker-1.locked
  check "it ends at 1 worker" ends_at 1
  check "it kept its files" kept "$before" 0
  check "nothing is left on the other one's disk" holds 1 0
}

case_block_stuck() {
  local before
  step "2 -> 1 with a block that no free removes: after three frees and 75 s it stays behind, since it is persisted"
  begin stuck --workers 2 || return
  alluxio fill data 8 1000
  before=$(held_files)
  fault stuck-worker-1.stuck "$(files_of stuck-worker-1 "$before" | head -n 1)"
  expect_left_over
  wanted 1
  check "the rest is freed" wait_until 90 holds 1 1
  check "the worker is not given up at once" stays 60 present_is 2
  check "it ends at 1 worker" ends_at 1 180
  check "what stays behind was told" told "Leaving 1 files and 1000 bytes behind"
  check "that is what stays" holds 1 1
  check "the other one kept its files" kept "$before" 0
}

case_free_forgotten() {
  local before
  step "2 -> 1, and the master restarts before the worker hears of the free: it is freed again"
  begin forgotten --workers 2 || return
  alluxio fill data 8 1000
  before=$(held_files)
  fault forgotten-worker-1.mute
  wanted 1
  check "a free is under way" wait_until 60 is_freeing
  check "the master goes" kubectl delete pod forgotten-master-0 --grace-period=0 --force
  heal forgotten-worker-1.mute
  check "both workers are registered again" alluxio wait 2
  check "the free was forgotten" stays 2 holds_some 1
  check "it ends at 1 worker" ends_at 1 120
  check "it kept its files" kept "$before" 0
  check "nothing is left on the other one's disk" holds 1 0
}
is_freeing() { kubectl exec "$name-master-0" -c alluxio-master -- bash -c 'grep -qsz "^fre[e]$" /proc/[0-9]*/cmdline'; }

case_readers_fill_again() {
  local before count
  step "2 -> 1 while readers fetch again what was freed, twice each: freed again, and then it goes"
  begin readers --workers 2 || return
  alluxio fill data 8 1000
  before=$(held_files)
  count=$(disk_of 1 | wc -l)
  fault readers-worker-1.refill "$((count * 2)) /data"
  wanted 1
  check "it ends at 1 worker" ends_at 1 180
  check "all of it was fetched again" grep -q '^0 ' "$dir/alluxio/readers/faults/readers-worker-1.refill"
  check "it kept its files" kept "$before" 0
  check "nothing is left on the other one's disk" holds 1 0
}

case_upload_in_flight() {
  local writer
  step "2 -> 1 with a file half written, which is in no list: no removal; written, it is not persisted: blocked; persisted, it goes"
  begin upload --workers 2 --jobs || return
  put_on 0 data a b
  fault client.upload
  write_to 1
  write_only /up MUST_CACHE &
  writer=$!
  check "half of a file is there" wait_until 60 holds 1 1
  wanted 1
  check "a drain is under way" await_state 60 Settling
  check "2 workers are wanted" stays 10 present_is 2
  heal client.upload
  wait "$writer"
  check "it is blocked, and the file is named" wait_until 60 status_says 'blocked: Unpersisted: upload-worker-1 holds "/up"'
  check "it is still there" holds 1 1
  fs persist /up >/dev/null
  check "it ends at 1 worker" ends_at 1
  check "what was written is in the under storage" cmp "$dir/alluxio/upload/conf/log4j.properties" "$dir/ufs/upload/up"
  check "nothing is left on the other one's disk" holds 1 0
}
write_only() { # PATH TYPE
  fs "-Dalluxio.user.file.writetype.default=$2" cp file:///etc/alluxio/log4j.properties "$1" >/dev/null
}

case_persisted_later() {
  step "2 -> 1 with a file that is persisted only later, by itself: blocked until then, and no longer"
  begin later --workers 2 --jobs || return
  put_on 0 data a b
  fault jobs.hold
  write_to 1
  write_only /async ASYNC_THROUGH
  wanted 1
  check "it is blocked, and the file is named" wait_until 60 status_says 'blocked: Unpersisted: later-worker-1 holds "/async"'
  check "2 workers are wanted" stays 5 present_is 2
  check "it is still there" holds 1 1
  heal jobs.hold
  check "it ends at 1 worker" ends_at 1
  check "what was written is in the under storage" cmp "$dir/alluxio/later/conf/log4j.properties" "$dir/ufs/later/async"
}

case_crash_loop() {
  step "2 -> 1, and the leaving worker crash-loops with the only copy of a file on its disk: blocked until it is back and that is persisted"
  begin crashing --workers 2 --jobs || return
  put_on 0 data a b
  write_to 1
  wait_until 60 write_only /only MUST_CACHE
  heal client.writes-to
  fault crashing-worker-1.crash
  check "it crashes" wait_until 60 has_crashed crashing-worker-1
  wanted 1
  check "it is blocked" wait_until 60 is_out_of_reach
  check "2 workers are wanted" stays 10 present_is 2
  check "its file is still there" holds 1 1
  heal crashing-worker-1.crash
  check "back, it is blocked for its file" wait_until 120 status_says 'blocked: Unpersisted: crashing-worker-1 holds "/only"'
  fs persist /only >/dev/null
  check "it ends at 1 worker" ends_at 1
  check "what was written is in the under storage" cmp "$dir/alluxio/crashing/conf/log4j.properties" "$dir/ufs/crashing/only"
}
has_crashed() { [ "$(kubectl get pod "$1" -o 'jsonpath={.status.containerStatuses[?(@.name=="alluxio-worker")].restartCount}')" -ge 1 ]; }
is_out_of_reach() { blocked_by WorkerUnreachable || blocked_by NotRegistered; }

case_two_tiers() {
  local before
  step "2 -> 1 with two tiers, where an empty worker uses 2 GiB: it goes when it is down to that"
  begin tiers --workers 2 alluxio.worker.tieredstore.levels=2 alluxio.worker.tieredstore.level0.dirs.quota=2GB \
    alluxio.worker.tieredstore.level1.alias=SSD alluxio.worker.tieredstore.level1.dirs.path=/cache/ssd \
    alluxio.worker.tieredstore.level1.dirs.quota=2GB || return
  alluxio fill data 8 1000
  before=$(held_files)
  wanted 1
  check "it ends at 1 worker" ends_at 1
  check "it kept its files" kept "$before" 0
  check "nothing is left on the other one's disk" holds 1 0
}

case_lost_file() {
  step "2 -> 1 with a file that Alluxio has lost, which refuses every folder above it for ever: the others go one by one"
  begin lost --workers 2 alluxio.master.lost.worker.file.detection.interval=1s || return
  put_on 1 own a b c
  write_to 1
  wait_until 60 write_only /own/gone MUST_CACHE
  heal client.writes-to
  fault lost-worker-1.crash
  check "it is written off" wait_until 120 is_lost /own/gone
  find "$dir/alluxio/lost/cache/lost-worker-1" -type f ! -size 1000c -delete
  heal lost-worker-1.crash
  check "the worker is back" alluxio wait 2
  check "with the other files" holds 1 3
  wanted 1
  check "it ends at 1 worker" ends_at 1
  check "the folder was tried" told "by 1 calls, 1 of them for folders"
  check "nothing is left on its disk" holds 1 0
}
is_lost() { fs ls -R / | grep -q " LOST .* $1"; }

case_unpinned() {
  local pinned
  step "2 -> 1 with a pinned file and drain-pinned: Unpin: freed by force, and pinned again when the worker is gone"
  begin unpin --workers 2 || return
  put_on 0 data a b c
  put_on 1 data d e f
  fs pin /data/e >/dev/null
  pinned=$(fs ls -R -p /)
  check "it is pinned" test -n "$pinned"
  annotate drain-pinned=Unpin
  wanted 1
  check "it ends at 1 worker" ends_at 1
  check "it is pinned, and alone" same "/data/e" "$(fs ls -R -p / | awk '{ print $NF }')"
  check "the survivor kept its files" holds 0 3
  check "nothing is left on the other one's disk" holds 1 0
}
