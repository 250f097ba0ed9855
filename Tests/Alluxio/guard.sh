# shellcheck shell=bash
# Sourced by `drains`: looks at the worker set of the runtime `name` and at its workers' disks for as long as it is up,
# whatever the case does meanwhile. Alluxio keeps each block as a file below the worker's cache folder, which this machine
# sees, and leaves it there when the worker ends (so does the stand-in); no list has to be believed, and no worker is asked.

# Runs in the background. What was on the disk of a leaving worker both at the last look before its set was lowered and
# right after is written down: it can't have been seen empty twice, 2 s apart.
guard() {
  local count=0 id='' before after part='' line type seen now
  trap - EXIT INT TERM HUP
  before=$(blocks)
  while :; do
    exec 4< <(exec setpriv --pdeathsig KILL "${as_admin[@]}" -N \
      "$KUBERNETES_SERVER$sets?watch=1&fieldSelector=metadata.name=$name-worker")
    while :; do
      if read -r -t 0.4 line <&4; then
        after=$(blocks)
        read -r type seen now <<<"$(jq -r '"\(.type) \(.object.metadata.uid) \(.object.spec.replicas)"' <<<"$part$line")"
        part=''
        [ "$seen" = "$id" ] || count=0 # another set of that name
        [ "$type" = DELETED ] || note_removal "$now" "$count" "$before" "$after"
        count=$now id=$seen before=$after
      elif [ $? -gt 128 ]; then # nothing, or not yet all of it
        part+=$line
        before=$(blocks)
      else
        break # the API server has ended it
      fi
    done
    sleep 0.2
  done
}

blocks() { find "$dir/alluxio/$name/cache" -type f -printf '%P\n' 2>/dev/null || true; } # lines of "pod/..."

note_removal() { # NOW COUNT BEFORE AFTER
  local ordinal was is
  for ((ordinal = $1; ordinal < $2; ordinal++)); do
    was=$(grep -c "^$name-worker-$ordinal/" <<<"$3") || continue
    is=$(grep -c "^$name-worker-$ordinal/" <<<"$4") || continue
    echo "$name-worker-$ordinal was removed ($2 -> $1) with $was blocks on its disk, $is right after" >>"$scratch/undrained-$name"
  done
}

# Something stays behind in this case, as it should.
expect_left_over() { touch "$scratch/left-over-$name"; }

guarded() {
  kill -0 "${guard_pids[$name]}" || { say "nobody looked"; return 1; }
  if [ -e "$scratch/left-over-$name" ]; then
    [ -e "$scratch/undrained-$name" ] || { say "nothing was left over"; return 1; }
  elif [ -e "$scratch/undrained-$name" ]; then
    cat "$scratch/undrained-$name"
    return 1
  fi
}
