# shellcheck shell=bash
# Sourced by `drains`: what is cached does not go when it should, can't be named, or is nowhere else yet.

case_upload_in_flight() {
  local writer
  step "2 -> 1 on two tiers with a small reserve and a file half written, which is in no list: no removal; written, it is not persisted: blocked; persisted, it goes"
  begin upload --workers 2 --jobs alluxio.worker.management.tier.align.reserved.bytes=16MB \
    alluxio.worker.tieredstore.levels=2 alluxio.worker.tieredstore.level1.alias=SSD \
    alluxio.worker.tieredstore.level1.dirs.path=/cache/ssd alluxio.worker.tieredstore.level1.dirs.quota=256MB || return
  put_on 0 data a b
  fault client.upload
  write_to 1
  write_only /up MUST_CACHE &
  writer=$!
  check "half of a file is there" wait_until 60 holds 1 1
  wanted 1
  check "it is blocked: bytes that no file explains" wait_until 60 blocked_by InFlight
  check "2 workers are wanted" stays 5 present_is 2
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

case_block_stuck() {
  local before
  step "2 -> 1 with a block that no free removes: freed by its name and persisted, it stays behind after the deadline, and that is told"
  begin stuck --workers 2 || return
  alluxio fill data 8 1000
  before=$(held_files)
  fault stuck-worker-1.stuck "$(files_of stuck-worker-1 "$before" | head -n 1)"
  expect_left_over
  annotate drain-deadline=60s
  wanted 1
  check "the rest is freed" wait_until 90 holds 1 1
  check "the worker is not given up before the deadline" stays 30 present_is 2
  check "it ends at 1 worker" ends_at 1 180
  check "what stays behind was told" told "Leaving 1 file (1000 bytes) behind"
  check "that is what stays" holds 1 1
  check "the other one kept its files" kept "$before" 0
}

case_file_names() {
  local kept
  step "2 -> 1 with blanks, *, ?, backslashes, dashes, line feeds and UTF-8 in names: none ever frees another's file, and what can't be named holds the worker"
  begin names --workers 2 || return
  # What the client would make of them, were they passed on as they are.
  put_on 0 d aXb 'a' b q n l '-Xmx1g' plain
  put_on 0 d/back slash
  put_on 1 d 'a*b' 'a b' $'n\nl' 'q?m' 'back\slash' '-f' '-Dx=y' 'caf'$'\u00e9' $'\u65e5\u672c' ' ' 'c;d' "e'f" 'g$h'
  kept=$(disk_of 0)
  annotate drain-deadline=20s
  wanted 1
  check "only what has no safe name stays" wait_until 120 holds 1 4
  check "it is blocked" wait_until 60 blocked_by Deadline
  check "2 workers are wanted" stays 5 present_is 2
  check "the other one kept its files" same "$kept" "$(disk_of 0)"
  # A person's way: by the folder, which has a name.
  fs free /d >/dev/null
  check "it ends at 1 worker" ends_at 1 120
  check "nothing is left on its disk" holds 1 0
}
