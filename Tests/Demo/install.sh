# shellcheck shell=bash
# Sourced by `demo`: Sluice in the cluster, as `make install` puts it there: two pods with the rights of a service account
# each, and a drain.

# Why it can't be shown; nothing if it can.
install_problem() {
  local minor
  minor=$(kubectl version --client -o json | jq -r '.clientVersion.minor | sub("[^0-9].*"; "")')
  [ "$minor" -ge 21 ] || echo "the manifests are put together by kubectl 1.21 or newer, this is 1.$minor"
}

install_steps() {
  local before
  step "Sluice moves into the cluster: an image, certificates, two pods with their own rights, two for figures, and the webhooks last"
  Tests/Cluster/register nothing
  stop_sluice
  check "an image is made" $cluster image "$scratch/cluster" sluice.local/sluice:1 --program "$sluice=/usr/local/bin/sluice"
  run webhook-config/install --metrics --image sluice.local/sluice:1 --certs "$scratch/certs"
  check "it is installed" succeeded
  run kubectl -n sluice-system get pods
  check "two pods are ready" same 2 "$(kubectl -n sluice-system get deployment sluice -o 'jsonpath={.status.readyReplicas}')"
  check "one of the others says how full hbase is" wait_until 60 figures_by_pods
  run kubectl scale alluxioruntime flink --replicas=9
  check "they are asked: 9 is refused" says E301

  step "hbase shrinks from 3 workers to 2 once more, and it is one of the pods that drains"
  before=$(held_files)
  run kubectl scale alluxioruntime hbase --replicas=2
  check "2 workers are left" wait_until 240 present_is 2
  check "the leaving worker's pod is gone" wait_until 60 gone hbase-worker-2
  kubectl -n sluice-system logs --selector app.kubernetes.io/name=sluice --tail=-1 >"$scratch/pods.log"
  jq -r 'select(.message == "drain state") | "  \(.time) \(.from) -> \(.state)"' "$scratch/pods.log" || true
  check "worker 0 keeps its files" same "$(files_of hbase-worker-0 "$before")" "$(files_of hbase-worker-0)"
  check "worker 1 keeps its files" same "$(files_of hbase-worker-1 "$before")" "$(files_of hbase-worker-1)"
  check "the pods said so" grep -q 'drain state' "$scratch/pods.log"
  check "no right was missing" no_refusal "$scratch/pods.log"
}

figures_by_pods() { # the pods' own requests go by the rights of their service account
  kubectl get --raw '/apis/custom.metrics.k8s.io/v1beta1/namespaces/default/alluxioruntimes.data.fluid.io/hbase/capacity_used_rate'
}
no_refusal() { ! jq -c 'del(.time, .uid, .microseconds)' "$1" | grep -iE '403|forbidden'; } # LOG

stop_sluice() {
  kill -TERM "$sluice_pid" && wait "$sluice_pid" || true
  sluice_pid=''
}
