# shellcheck shell=bash
# Sourced by `drains`: the wish changes, also in mid-drain.

case_five_to_two() {
  step "5 -> 2: three leave at once, the survivors keep their files"
  begin five-to-two --workers 5
  alluxio fill data 20 1000
  local before
  before=$(held_files)
  wanted 2
  check "2 workers are left" wait_until 120 present_is 2
  check "worker 0 kept its files" same "$(files_of "$name-worker-0" "$before")" "$(files_of "$name-worker-0")"
  check "worker 1 kept its files" same "$(files_of "$name-worker-1" "$before")" "$(files_of "$name-worker-1")"
  check "the drain is over" wait_until 60 at_rest
}
