# shellcheck shell=bash
# Sourced by `demo`: Fluid's AutoScale proposal, step by step, with the figures that Sluice serves and the cluster's own HPA
# controller; then Fluid's documented HPA with scale-in switched on. Each step says what the proposal has in its place.

loop_steps() {
  # shellcheck disable=SC2034 # of look.sh
  name=loop
  loop_cache
  figures_step
  scale_out_step
  scale_in_step
  dataset_step
  end_loop_cache
}

proposed() { printf '  %s\n' "${dim}the proposal: $*$plain"; }

# The proposal's files, for a runtime of another name: hbase is the one that was drained above.
renamed() { # FILE
  sed 's/\bhbase\b/loop/; s/alluxio-custom-hpa/loop/' "$1" >"$scratch/loop-$(basename "$1")"
  echo "$scratch/loop-$(basename "$1")"
}

loop_cache() {
  step "The AutoScale proposal, replayed: one worker of 2 GiB; metrics-server, prometheus-adapter and their certificates are not needed"
  proposed "deploy metrics-server, prometheus and prometheus-adapter with certificates made by hand, and a rule"
  run Tests/Cluster/register metrics "https://$host:$port" "$scratch/certs/ca.crt"
  run kubectl get apiservices v1beta1.custom.metrics.k8s.io v1beta2.custom.metrics.k8s.io
  check "the API server passes on to Sluice" says True
  run kubectl apply -f "$(renamed $examples/hbase-proposal.yaml)"
  check "the cache is up, with one worker" alluxio up --workers 1 alluxio.worker.tieredstore.level0.dirs.quota=2GB \
    alluxio.master.worker.timeout=10s alluxio.master.lost.worker.detection.interval=1s
  Tests/Cluster/leash $$ Tests/StandIns/fluid "$dir" D default loop >"$scratch/fluid-loop.log" 2>&1 &
  loop_fluid_pid=$!
  check "the selector of its workers is filled in" wait_until 60 has_selector
  proposed "the master's selector, so that one pod counts for ever"
  run kubectl get --raw /apis/data.fluid.io/v1alpha1/namespaces/default/alluxioruntimes/loop/scale
  check "its scale has the workers' selector" says '"selector":"app=alluxio,release=loop,role=alluxio-worker"'
}
has_selector() { field alluxioruntime/loop .status.selector app=alluxio,release=loop,role=alluxio-worker; }

figures_step() {
  step "A job copies some 350 MB: what the cache says of itself"
  proposed "\"value\": \"18\", of the master's pod alone"
  alluxio fill data 35 10000000
  check "it is 17 % full" wait_until 60 percent_is 17
  run kubectl get --raw '/apis/custom.metrics.k8s.io/v1beta1/namespaces/default/pods/*/capacity_used_rate?labelSelector=release%3Dloop'
  check "the worker and the master are listed" says '"loop-worker-0"'
}
percent_is() { # PERCENT, of the whole cache
  local seen
  seen=$(kubectl get --raw /apis/custom.metrics.k8s.io/v1beta2/namespaces/default/datasets.data.fluid.io/loop/capacity_used_rate | jq -r '.items[0].value')
  [ "$seen" = "$1" ] || { say "it is $seen"; return 1; }
}

scale_out_step() {
  step "The proposal's HPA, as written: 15 % of each worker, 1 to 3 workers"
  proposed "18/15, 2 replicas"
  local file
  file=$(renamed "$(manifest $examples/hbase-hpa.yaml)")
  check "Sluice has seen that workers have the metric: it looks every 30 s" wait_until 60 is_unwarned W214 "$file"
  run kubectl apply -f "$file"
  check "no warning says that workers have no metric" no_warning W205
  time_until "17/15: a second worker" present_is 2
  run kubectl get hpa loop
  check "it is registered" alluxio wait 2
  step "The job copies on, to some 570 MB in two workers: within the HPA's tolerance, nothing happens"
  proposed "14/15 and 13500m/15, no change"
  alluxio fill more 22 10000000
  check "the HPA reads 13 to 15 of 15" wait_until 90 metric_between 12500 15500
  run kubectl get hpa loop
  # A newer kubectl describes no v2beta2.
  run kubectl get "$hpa/loop" -o 'jsonpath={range .status.conditions[*]}{.type}={.status} {.reason}: {.message}{"\n"}{end}'
  check "it is able to scale, and its metric is valid" says ValidMetricFound
  run kubectl get events --field-selector involvedObject.name=loop,reason=SuccessfulRescale
  check "its event tells of the new size" says 'New size: 2'
  check "there are still 2 workers" present_is 2
  step "The job copies on, to some 770 MB: the two workers' percents are more than 33 together, which is work for 3"
  proposed "nothing: of the master's pod alone 15 % more is always 2 workers, however full they are"
  alluxio fill third 20 10000000
  time_until "18/15 of two: a third worker" present_is 3
  run kubectl get hpa loop
  check "it is registered" alluxio wait 3
}
is_unwarned() { case $(kubectl apply --dry-run=server -f "$2" 2>&1) in *"$1"*) return 1 ;; esac; } # CODE FILE
no_warning() { case $output in *"$1"*) say "there is a warning $1"; return 1 ;; esac; }
metric_between() { # LEAST MOST, in thousandths
  local seen
  seen=$(kubectl get "$hpa/loop" -o json | jq -r '.status.currentMetrics[0].pods.current.averageValue // "0"')
  case $seen in *m) seen=${seen%m} ;; *) seen=$((seen * 1000)) ;; esac
  { [ "$seen" -ge "$1" ] && [ "$seen" -le "$2" ]; } || { say "it is ${seen}m"; return 1; }
}
# Says how long something took.
time_until() { # WHAT COMMAND...
  local began=$SECONDS
  check "$1" wait_until 240 "${@:2}"
  printf '  %s\n' "after $((SECONDS - began)) s"
}

scale_in_step() {
  step "The cache is freed by hand: the HPA shrinks it, and the worker goes when it is drained"
  proposed "0/15, after 5 minutes 1 replica wanted; its worker stayed (Fluid issue 545)"
  typed kubectl exec loop-master-0 -c alluxio-master -- alluxio fs free -f /
  fs free -f /
  time_until "0/15: a minute's window (D204), then one worker fewer a minute" present_is 2
  time_until "its pod is gone" gone loop-worker-2
  run kubectl get drains
  run kubectl get hpa loop
}

dataset_step() {
  local version=${hpa_version:-v2}
  step "Fluid's documented HPA, an Object metric on the Dataset, with scale-in switched on: its guide switches it off"
  proposed "behavior.scaleDown.selectPolicy: Disabled, since scale-in loses cache and leaves clients hanging"
  kubectl delete "$hpa/loop" >/dev/null
  check "2 workers are there" present_is 2
  alluxio fill again 22 10000000
  run kubectl apply -f - <<END
{"apiVersion": "autoscaling/$version", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "loop"},
 "spec": {"minReplicas": 1, "maxReplicas": 3,
  "scaleTargetRef": {"apiVersion": "data.fluid.io/v1alpha1", "kind": "AlluxioRuntime", "name": "loop"},
  "metrics": [{"type": "Object", "object": {"metric": {"name": "capacity_used_rate"},
   "describedObject": {"apiVersion": "data.fluid.io/v1alpha1", "kind": "Dataset", "name": "loop"},
   "target": {"type": "Value", "value": "20"}}}],
  "behavior": {"scaleUp": {"policies": [{"type": "Pods", "value": 2, "periodSeconds": 600}]}}}}
END
  check "it is admitted, and a pace downwards filled in" says D204
  time_until "6/20 of two: after a minute's window one worker is enough" present_is 1
  time_until "drained of its share, its pod is gone" gone loop-worker-1
  log_lines
  run kubectl get drains
  run kubectl get hpa loop
  check "nothing was removed undrained" no_undrained
}
no_undrained() { ! kubectl get events --field-selector involvedObject.name=loop -o json | jq -e '.items[] | select(.reason == "UndrainedRemoval")'; }

end_loop_cache() {
  Tests/Cluster/register no-metrics
  kubectl delete "$hpa/loop" alluxioruntime/loop dataset/loop --ignore-not-found >/dev/null
  kill -TERM "$loop_fluid_pid" 2>/dev/null || true
  wait "$loop_fluid_pid" 2>/dev/null || true
  loop_fluid_pid=''
  alluxio down
  name=hbase
}
