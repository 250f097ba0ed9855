# shellcheck shell=bash
# Sourced by `demo`: the autoscaling proposal's steps, and what is refused or held.
# shellcheck disable=SC2154 # output and hpa are the caller's

examples=webhook-config/examples
manifests=Tests/Demo/manifests

# The manifests say autoscaling/v2beta2, as the proposal does; Kubernetes 1.26 no longer has it.
choose_hpa_version() {
  hpa=horizontalpodautoscalers.v2beta2.autoscaling
  hpa_version=v2beta2
  kubectl get --raw /apis/autoscaling/v2beta2 >/dev/null 2>&1 || { hpa=horizontalpodautoscalers.v2.autoscaling hpa_version=v2; }
}
manifest() { # FILE: prints the name of one that this cluster takes
  [ "$hpa" != horizontalpodautoscalers.v2beta2.autoscaling ] || { echo "$1"; return; }
  sed 's,autoscaling/v2beta2,autoscaling/v2,' "$1" >"$scratch/$(basename "$1")"
  echo "$scratch/$(basename "$1")"
}

admission_steps() {
  choose_hpa_version
  proposal_steps
  refusal_steps
  hold_steps
}

proposal_steps() {
  step "The proposal's Dataset and AlluxioRuntime, as written there: the bounds of autoscaling are filled in"
  run kubectl apply -f $examples/hbase-proposal.yaml
  check "it is admitted" succeeded
  run kubectl get alluxioruntime hbase -o yaml
  log_lines
  check "spec.replicas is 1, as written" field alluxioruntime/hbase .spec.replicas 1
  check "spec.monitoring is true, as written" field alluxioruntime/hbase .spec.monitoring true
  check "the minimum is 1" annotation alluxioruntime/hbase sluice.dev/min-replicas 1
  check "the maximum is 10" annotation alluxioruntime/hbase sluice.dev/max-replicas 10
  check "it is marked as filled in" annotation alluxioruntime/hbase sluice.dev/defaulted bounds
  check "the Dataset is there" field dataset/hbase .metadata.name hbase

  step "A runtime without replicas, flag and bounds: all three are filled in"
  run kubectl apply -f $examples/defaults.yaml
  log_lines
  check "it is admitted" succeeded
  check "spec.replicas is 1: Fluid would start no worker at all" field alluxioruntime/spark .spec.replicas 1
  check "spec.monitoring is true" field alluxioruntime/spark .spec.monitoring true
  check "the bounds are 1 and 10" annotation alluxioruntime/spark sluice.dev/max-replicas 10

  step "What an HPA sees: the scale subresource"
  run kubectl get --raw /apis/data.fluid.io/v1alpha1/namespaces/default/alluxioruntimes/spark/scale
  check "it answers, with the count that was filled in" says '"spec":{"replicas":1}'

  step "The proposal's HPA, as written there: admitted, with what it does not do as meant, and a safe pace downwards"
  run kubectl apply -f "$(manifest $examples/hbase-hpa.yaml)"
  log_lines
  check "it is admitted" succeeded
  check "a warning says that no worker has the metric" says W205
  check "minReplicas is 1, as written" field "$hpa"/alluxio-custom-hpa .spec.minReplicas 1
  check "maxReplicas is 3, as written" field "$hpa"/alluxio-custom-hpa .spec.maxReplicas 3
  check "scale-down takes one worker at a time" \
    field "$hpa"/alluxio-custom-hpa '.spec.behavior.scaleDown.policies[*].value' 1

  step "An HPA without bounds, metric and behaviour: all come from the runtime (old kubectl insists on maxReplicas)"
  run kubectl apply --validate=false -f "$(manifest $examples/defaults-hpa.yaml)"
  log_lines
  check "it is admitted" succeeded
  check "minReplicas is 1" field "$hpa"/spark .spec.minReplicas 1
  check "maxReplicas is 10" field "$hpa"/spark .spec.maxReplicas 10
  check "the metric is capacity_used_rate of the Dataset" \
    field "$hpa"/spark '.spec.metrics[*].object.metric.name' capacity_used_rate
  check "scale-down waits 60 s" field "$hpa"/spark .spec.behavior.scaleDown.stabilizationWindowSeconds 60
}

refusal_steps() {
  step "A second HPA on the same runtime: refused"
  run kubectl apply -f "$(manifest $manifests/second-hpa.yaml)"
  log_lines
  check "it is refused" refused
  check "the refusal names the first one" says 'HorizontalPodAutoscaler "alluxio-custom-hpa"'
  check "it is not there" absent "$hpa"/second

  step "An HPA for a runtime that is not there: refused"
  run kubectl apply -f "$(manifest $manifests/orphan-hpa.yaml)"
  log_lines
  check "it is refused" refused
  check "the refusal says what is missing" says 'E207'
  check "it is not there" absent "$hpa"/orphan

  step "A runtime with bounds of its own, 2 to 4, and an HPA beyond them: both bounds are refused, in one answer"
  run kubectl apply -f $examples/bounded.yaml
  check "the runtime is admitted" succeeded
  check "its bounds stay as written" annotation alluxioruntime/flink sluice.dev/max-replicas 4
  run kubectl apply -f "$(manifest $manifests/greedy-hpa.yaml)"
  log_lines
  check "the HPA is refused" refused
  check "for its maxReplicas" says E203
  check "and for its minReplicas" says E202
  check "it is not there" absent "$hpa"/greedy

  step "kubectl scale beyond the bounds: refused; within them, and to 0, which suspends the cache: done"
  run kubectl scale alluxioruntime flink --replicas=9
  check "9 is refused" refused
  check "the refusal says how many there may be" says E301
  check "spec.replicas is still 2" field alluxioruntime/flink .spec.replicas 2
  run kubectl scale alluxioruntime flink --replicas=1
  check "1 is refused" refused
  check "spec.replicas is still 2 " field alluxioruntime/flink .spec.replicas 2
  run kubectl scale alluxioruntime flink --replicas=4
  check "4 is done" field alluxioruntime/flink .spec.replicas 4
  run kubectl scale alluxioruntime flink --replicas=0
  log_lines
  check "0 is done" field alluxioruntime/flink .spec.replicas 0

  step "A broken tier: refused, with every mistake in one answer"
  run kubectl apply -f $manifests/broken-tier.yaml
  log_lines
  check "it is refused" refused
  check "a level without quota" says E107
  check "a quotaList that does not match its paths" says E108
  check "it is not there" absent alluxioruntime/broken

  step "An update that drops spec.replicas, as people do when they add an HPA: refused, Fluid would empty the cache"
  run kubectl patch alluxioruntime hbase --type=json -p '[{"op":"remove","path":"/spec/replicas"}]'
  log_lines
  check "it is refused" refused
  check "the refusal says what to write" says E106
  check "spec.replicas is still 1" field alluxioruntime/hbase .spec.replicas 1
}

hold_steps() {
  step "hbase grows to 3 workers; Fluid would make their StatefulSet"
  run kubectl scale alluxioruntime hbase --replicas=3
  check "spec.replicas is 3" field alluxioruntime/hbase .spec.replicas 3
  run kubectl apply -f $manifests/hbase-worker.yaml
  log_lines
  check "3 workers are wanted" field statefulset/hbase-worker .spec.replicas 3

  step "Somebody scales the StatefulSet itself: held, for nobody has drained the leaving workers"
  run kubectl scale statefulset hbase-worker --replicas=1
  check "the command succeeds" succeeded
  check "with a warning that names them" says 'hbase-worker-1 and -2 are not drained'
  check "3 workers are still wanted" field statefulset/hbase-worker .spec.replicas 3
  check "the StatefulSet never changed" field statefulset/hbase-worker .metadata.generation 1
  run kubectl patch statefulset hbase-worker -p '{"spec":{"replicas":2}}'
  log_lines
  check "the same by another way: held" says 'hbase-worker-2 is not drained'
  check "3 workers are still wanted " field statefulset/hbase-worker .spec.replicas 3
}
