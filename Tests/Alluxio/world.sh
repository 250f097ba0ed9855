# shellcheck shell=bash
# Sourced by `drains`: brings up the cluster, Alluxio, the stand-in for Fluid and Sluice, and takes all down again.

sluice=${SLUICE_BINARY:-.build/release/sluice}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/sluice-drains.XXXXXX")
dir=$scratch/cluster log=$scratch/sluice.log
sluice_pid='' fluid_pid=''
# shellcheck disable=SC2034 # of lib.sh
log_seen=0

cleanup() {
  local code=$?
  trap '' INT TERM HUP
  [ -z "$sluice_pid$fluid_pid" ] || kill -TERM $sluice_pid $fluid_pid 2>/dev/null || true
  [ ! -d "$dir" ] || Tests/Cluster/cluster down "$dir" || code=1
  rm -rf "$scratch"
  exit "$code"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

bring_up() {
  [ -x "$sluice" ] || die "$sluice is missing; run: make build"
  progress "a cluster with a node"
  Tests/Cluster/cluster build
  Tests/Cluster/cluster up "$dir" --node --owner $$
  # shellcheck source=/dev/null
  . "$dir/env"
  progress "Alluxio from $ALLUXIO_HOME: a master and 3 workers"
  # A removed worker counts as live for 5 minutes otherwise, and loads are sent to it.
  alluxio up --workers 3 --jobs alluxio.master.worker.timeout=10s alluxio.master.lost.worker.detection.interval=1s
  certs/make-certs --dir "$scratch/certs" "$WEBHOOK_HOST" >/dev/null
  Tests/Cluster/register crds
  Tests/Cluster/register rights sluice
  Tests/Cluster/cluster user "$dir" sluice >/dev/null
  port=$(free_port) health=$(free_port)
  start_sluice
  Tests/Cluster/register webhooks "https://$WEBHOOK_HOST:$port" "$scratch/certs/ca.crt"
  kubectl apply --validate=false -f - >/dev/null 2>&1 <<'END'
{"apiVersion": "data.fluid.io/v1alpha1", "kind": "AlluxioRuntime", "metadata": {"name": "hbase"}, "spec": {"replicas": 3}}
END
  Tests/Cluster/leash $$ Tests/StandIns/fluid "$dir" D default hbase >"$scratch/fluid.log" 2>&1 &
  fluid_pid=$!
  progress "ready"
}

start_sluice() { # [OPTION...]
  Tests/Cluster/leash $$ "$sluice" serve --listen "$WEBHOOK_HOST:$port" --metrics "127.0.0.1:$health" --log-format text \
    --kubeconfig "$dir/sluice.kubeconfig" --tls-cert "$scratch/certs/tls.crt" --tls-key "$scratch/certs/tls.key" \
    --cooldown 2s "$@" >>"$log" 2>&1 &
  sluice_pid=$!
  wait_until 60 ready || die "Sluice is not ready: $(tail -n 20 "$log")"
}
ready() { curl -fsS --noproxy '*' -m 2 "http://127.0.0.1:$health/readyz"; }
