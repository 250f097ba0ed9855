# shellcheck shell=bash
# Sourced by `demo`: the same on a cluster with the AlluxioRuntime of Fluid's releases.

flavour_steps() {
  step "Fluid's releases say disablePrometheus where the proposal says monitoring: the CRD is replaced while all runs"
  run kubectl apply -f webhook-config/crds/alluxioruntimes.yaml
  check "the CRD is replaced" succeeded
  check "Sluice notices" wait_until 15 fills_in disablePrometheus false
  log_seen=$(stat -c %s "$log")
  run kubectl create --validate=false -f Tests/Demo/manifests/tensor.yaml
  log_lines
  check "it is admitted" succeeded
  check "spec.disablePrometheus is false" field alluxioruntime/tensor .spec.disablePrometheus false
  check "spec.monitoring is not there" field alluxioruntime/tensor .spec.monitoring ''
}

fills_in() { # FIELD WANTED: what a dry run gets
  local seen
  seen=$(kubectl create --dry-run=server --validate=false -f Tests/Demo/manifests/tensor.yaml -o "jsonpath={.spec.$1}") || return 1
  [ "$seen" = "$2" ] || { say "spec.$1 is '$seen'"; return 1; }
}
