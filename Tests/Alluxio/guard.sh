# shellcheck shell=bash
# Sourced by `drains`: looks at the workers of the runtime `name` for as long as it is up, whatever the case does meanwhile,
# and judges each when its pod has ended for good. Alluxio keeps each block as a file below the worker's cache folder, which
# this machine sees, and leaves it there when the worker ends (so does the stand-in): so no list has to be believed, and no
# worker is asked, and nothing of what Sluice says counts.

# Runs in the background. What is still on the disk of a worker that was removed is written down.
guard() {
  local pods='' now line type pod
  trap - EXIT INT TERM HUP
  while :; do
    # Who went while nobody watched is judged all the same.
    now=$(pods | jq -r '.items[].metadata.name' 2>/dev/null) || { sleep 0.2; continue; }
    for pod in $pods; do grep -qx "$pod" <<<"$now" || judge "$pod"; done
    pods=$now
    exec 4< <(exec setpriv --pdeathsig KILL "${as_admin[@]}" -N \
      "$KUBERNETES_SERVER/api/v1/namespaces/default/pods?watch=1&labelSelector=release=$name,role=alluxio-worker")
    while read -r line <&4; do
      read -r type pod <<<"$(jq -r '"\(.type) \(.object.metadata.name)"' <<<"$line")"
      case $type in
        DELETED) judge "$pod"; pods=$(grep -vx "$pod" <<<"$pods" || true) ;;
        ADDED) grep -qx "$pod" <<<"$pods" || pods+=$'\n'$pod ;;
      esac
    done
    sleep 0.2
  done
}

# A pod that will come back takes its blocks up again, and one whose worker set goes is nobody's matter.
judge() { # POD
  local count left
  count=$(worker_set | jq -r 'if .metadata.deletionTimestamp then empty else .spec.replicas end' 2>/dev/null) || return 0
  [ -n "$count" ] && [ "${1##*-}" -ge "$count" ] || return 0
  left=$(blocks | grep -c "^$1/" || true)
  [ "$left" = 0 ] || echo "$1 has ended ($count workers are wanted) with $left blocks on its disk" >>"$scratch/undrained-$name"
}

blocks() { find "$dir/alluxio/$name/cache" -type f -printf '%P\n' 2>/dev/null || true; } # lines of "pod/..."

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
