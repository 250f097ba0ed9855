# shellcheck shell=bash
# Sourced by `drains`: brings up the cluster and Sluice, and takes all down again.

sluice=${SLUICE_BINARY:-.build/release/sluice}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/sluice-drains.XXXXXX")
dir=$scratch/cluster log=$scratch/sluice.log
sluice_pid='' sluice_flags=() children=()
# shellcheck disable=SC2034 # of lib.sh
log_seen=0

cleanup() {
  local code=$?
  trap '' INT TERM HUP
  [ -z "$(type -t open_ports)" ] || open_ports
  kill -TERM $sluice_pid "${children[@]+"${children[@]}"}" 2>/dev/null || true
  [ ! -d "$dir" ] || Tests/Cluster/cluster down "$dir" || code=1
  rm -rf "$scratch"
  exit "$code"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

bring_up() { # NODES
  [ -x "$sluice" ] || die "$sluice is missing; run: make build"
  progress "a cluster with nodes: $1"
  Tests/Cluster/cluster build
  Tests/Cluster/cluster up "$dir" --nodes "$1" --owner $$
  # shellcheck source=/dev/null
  . "$dir/env"
  look_at "$dir"
  certs/make-certs --dir "$scratch/certs" "$WEBHOOK_HOST" >/dev/null
  Tests/Cluster/register crds
  Tests/Cluster/register rights sluice
  Tests/Cluster/cluster user "$dir" sluice >/dev/null
  port=$(free_port) health=$(free_port)
  start_sluice
  Tests/Cluster/register webhooks "https://$WEBHOOK_HOST:$port" "$scratch/certs/ca.crt"
  progress "ready"
}

# With the default flags, and those that `restart_sluice` was given last.
start_sluice() {
  serve "$port" "$health" "${sluice_flags[@]+"${sluice_flags[@]}"}"
  sluice_pid=$!
  wait_until 60 ready "$health" || die "Sluice is not ready: $(tail -n 20 "$log")"
}

serve() { # PORT HEALTH-PORT [FLAG...]: in the background
  Tests/Cluster/leash $$ "$sluice" serve --listen "$WEBHOOK_HOST:$1" --metrics "127.0.0.1:$2" --log-format text \
    --kubeconfig "$dir/sluice.kubeconfig" --tls-cert "$scratch/certs/tls.crt" --tls-key "$scratch/certs/tls.key" \
    --cooldown 2s "${@:3}" >>"$log" 2>&1 &
}
ready() { curl -fsS --noproxy '*' -m 2 "http://127.0.0.1:$1/readyz"; }

restart_sluice() { # [FLAG...]: in an orderly way, with these flags besides the default ones
  end_child TERM "$sluice_pid"
  sluice_flags=("$@")
  start_sluice
}

kill_sluice() {
  end_child KILL "$sluice_pid"
  # A process that ends without a word keeps the lease for 15 s. How long that takes is a case of its own.
  kubectl --namespace sluice-system delete --ignore-not-found lease/sluice >/dev/null
}

end_child() { # SIGNAL PID: of our own, and waits for its end
  kill -"$1" "$2" 2>/dev/null || true
  kill -CONT "$2" 2>/dev/null || true # it may be paused
  wait "$2" 2>/dev/null || true
}
