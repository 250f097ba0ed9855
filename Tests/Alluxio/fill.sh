# shellcheck shell=bash
# Sourced by `scale`, `measure-cache` and the demo: fills the caches of the runtime `name` within seconds, whatever they hold.
# All files are one under many names, and so are all blocks: what counts is how many there are. A worker that starts takes up
# what lies in its folder, if the master knows the blocks.

loader=.build/release/alluxio-loader

# What is in the under storage becomes known to the master; prints the ids of the blocks, a file's each.
known_blocks() { # FILES
  "$loader" "$NODE_IP:$(master_port)" >"$scratch/ids"
  [ "$(wc -l <"$scratch/ids")" = "$1" ] || die "the master knows of $(wc -l <"$scratch/ids") files"
}
master_port() { sed -n 's/^alluxio.master.rpc.port=//p' "$dir/alluxio/$name/conf/alluxio-site.properties"; }

make_files() { # FILES [BYTES]: in the under storage
  Tests/Alluxio/links files "$1" "$dir/ufs/$name" "${2:-100}"
  known_blocks "$1"
}

# Puts blocks into a worker's folder, of whose copies the standard input has the ids; it takes them up when it starts.
put_blocks() { # ORDINAL [BYTES]
  Tests/Alluxio/links blocks "$dir/alluxio/$name/cache/$name-worker-$1/alluxioworker" "${2:-100}"
}

# Starts these workers anew, and waits until the master knows of so many copies of blocks in all.
take_up() { # COPIES ORDINAL...
  local copies=$1
  shift
  kubectl delete pod --grace-period=1 "${@/#/$name-worker-}" >/dev/null
  wait_until 600 has_copies "$copies" || die "$(master_metric Master_BlockReplicaCount) copies are known"
  # Those that went count for a while.
  alluxio wait 3
  kubectl wait --for=condition=Ready pod -l "release=$name,role=alluxio-worker" --timeout=60s >/dev/null
}
has_copies() { [ "$(master_metric Master_BlockReplicaCount)" = "$1.0" ]; } # COUNT
master_metric() { # NAME
  curl -sf --noproxy '*' -m 5 "http://$NODE_IP:$(($(master_port) + 1))/metrics/prometheus/" |
    awk -v name="$1" '$1 == name { print $2 }'
}
