# shellcheck shell=bash
# Sourced by `drains`: a worker's list can't be reached, is garbled, very long, or says nothing though bytes are there.

# Under drain-fallback: Hold a leaving worker that can't be read blocks the drain, and nothing is freed.
leaving_list() { # FAULT [TEXT]
  local before disks
  begin "leaving-$1" --workers 2 || return
  annotate drain-fallback=Hold
  alluxio fill data 8 1000
  before=$(held_files)
  disks=$(blocks)
  fault "$name-worker-1.list-$1" "${2:-}"
  wanted 1
  check "it is blocked" wait_until 120 blocked_by ListUnreadable
  check "nothing is freed" same "$disks" "$(blocks)"
  check "2 workers are wanted" present_is 2
  heal "$name-worker-1.list-$1"
  check "it ends at 1 worker" ends_at 1 120
  check "it kept its files" kept "$before" 0
  check "nothing is left on the other one's disk" holds 1 0
}

case_leaving_list_refused() {
  step "2 -> 1, and nobody listens where the leaving worker's list should be"
  leaving_list refused
}
case_leaving_list_hangs() {
  step "2 -> 1, and the leaving worker's list never comes"
  leaving_list hang
}
case_leaving_list_garbled() {
  step "2 -> 1, and the leaving worker's list breaks off in the middle"
  leaving_list garbled
}
case_leaving_list_long() {
  step "2 -> 1, and the leaving worker's list is longer than anybody reads"
  leaving_list long 3000000
}
case_leaving_list_blank() {
  step "2 -> 1, and the leaving worker says that it holds nothing, though it does (its list is switched off)"
  leaving_list blank
}
case_leaving_list_orphaned() {
  step "2 -> 1, and the leaving worker tells how many files it holds, and none of them (as with a dead master)"
  leaving_list orphaned
}

case_leaving_list_by_path() {
  step "2 -> 1, and the leaving worker's list stays unreadable: after 60 s all is freed by path; it goes when it can be seen to be empty"
  begin by-path --workers 2 || return
  put_on 0 data a b c
  put_on 1 data d e f
  fault by-path-worker-1.list-blank
  wanted 1
  check "nothing is freed for a while" stays 20 holds 1 3
  check "then all is freed, and all workers pay" wait_until 120 all_empty
  check "what it costs was told" told "the survivors lose their cache"
  # Its host is another's too, so that the master's report does not tell them apart.
  check "2 workers are wanted" stays 10 present_is 2
  heal by-path-worker-1.list-blank
  check "it ends at 1 worker" ends_at 1
}
all_empty() { holds 0 0 && holds 1 0; }

# Where a survivor can't be read no folder is freed, since something of it may be in there.
survivor_list() { # FAULT [TEXT]
  local kept
  begin "survivor-$1" --workers 2 || return
  put_on 0 data a b c
  put_on 1 data d e f
  kept=$(disk_of 0)
  fault "$name-worker-0.list-$1" "${2:-}"
  wanted 1
  check "it ends at 1 worker" ends_at 1 180
  check "it kept its files" same "$kept" "$(disk_of 0)"
  check "nothing is left on the other one's disk" holds 1 0
}

case_survivor_list_refused() {
  step "2 -> 1, and nobody listens where the survivor's list should be"
  survivor_list refused
}
case_survivor_list_hangs() {
  step "2 -> 1, and the survivor's list never comes"
  survivor_list hang
}
case_survivor_list_garbled() {
  step "2 -> 1, and the survivor's list breaks off in the middle"
  survivor_list garbled
}
case_survivor_list_long() {
  step "2 -> 1, and the survivor's list is longer than what is kept of it"
  survivor_list long 25000
}
case_survivor_list_blank() {
  step "2 -> 1, and the survivor says that it holds nothing, though it does"
  survivor_list blank
}
case_survivor_list_orphaned() {
  step "2 -> 1, and the survivor tells how many files it holds, and none of them"
  survivor_list orphaned
}

case_file_names() {
  local kept
  step "2 -> 1 with blanks, *, ?, backslashes, dashes, line feeds and UTF-8 in names: none ever frees another's file"
  begin names --workers 2 || return
  # What the client would make of them, were they passed on as they are.
  put_on 0 d aXb 'a' b q n l '-Xmx1g' plain
  put_on 0 d/back slash
  put_on 1 d 'a*b' 'a b' $'n\nl' 'q?m' 'back\slash' '-f' '-Dx=y' 'caf'$'\u00e9' $'\u65e5\u672c' ' ' 'c;d' "e'f" 'g$h'
  kept=$(disk_of 0)
  expect_left_over # those that can't be passed on: *, ?, the backslash, the line feed
  wanted 1
  check "it ends at 1 worker" ends_at 1 120
  check "it kept its files" same "$kept" "$(disk_of 0)"
  check "only what has no safe name stays behind" holds 1 4
  check "that was told" told "Leaving 4 files and 4000 bytes behind"
}
