# shellcheck shell=bash
# Sourced by `demo`: what can be shown without an API server. The reviews are written as one would send them.

fallback() { # WHY
  say "No Kubernetes API server can be had here: $1"
  say "So these are the admission steps alone, asked for by curl."
  # shellcheck disable=SC2154 # scratch is the caller's
  start_sluice --no-cluster --self-signed "$scratch/certs"
  log_seen=$(stat -c %s "$log")
  review_steps
  local result=0
  summary || result=1
  cat <<'END'

Not shown, for want of an API server:
  - that kube-apiserver calls the webhooks, and what kubectl prints
  - which flavour of AlluxioRuntime the cluster has: spec.monitoring and what the cluster's CRD drops
  - a second HPA on a runtime, an HPA for a runtime that is not there, bounds that a runtime sets
  - kubectl scale beyond the bounds, and the scale subresource
  - a held StatefulSet that really stays as it was
END
  # Where skipping is a failure, this was one.
  [ "${SLUICE_SKIP:-}" != fail ] || result=1
  exit $result
}

ask() { # PATH REVIEW: shows the call and the answer, its patch made readable; sets output
  typed curl --cacert ca.crt -H 'Content-Type: application/json' --data "@Tests/Demo/reviews/$2.json" "https://$host:$port$1"
  # shellcheck disable=SC2154 # port is set by start_sluice
  status=0
  output=$(curl -sS --noproxy '*' -m 5 --cacert "$scratch/certs/ca.crt" -H 'Content-Type: application/json' \
    --data-binary "@Tests/Demo/reviews/$2.json" "https://$host:$port$1" 2>&1 |
    jq '.response | if .patch then .patch |= (@base64d | fromjson) else . end' 2>&1) || status=$?
  printf '%s\n' "$output"
  log_lines
}

response() { # JQ-EXPRESSION: whether it holds for the answer
  jq -e "$1" <<<"$output" >/dev/null || { say "not so: $1"; return 1; }
}

review_steps() {
  step "A runtime without replicas, flag and bounds: all three are filled in"
  ask /mutate defaults
  check "it is admitted" response .allowed
  check "spec.replicas: 1" response '.patch[] | select(.path == "/spec/replicas") | .value == 1'
  check "the maximum: 10" response '.patch[] | select(.path | endswith("max-replicas")) | .value == "10"'

  step "A negative count and two broken tiers: refused, with every mistake in one answer"
  ask /validate broken
  check "it is refused" response '.allowed == false'
  check "with all three mistakes" response '.status.message | contains("E103") and contains("E107") and contains("E108")'

  step "An update that drops spec.replicas: refused"
  ask /validate dropped
  check "it is refused" response '.allowed == false and (.status.message | contains("E106"))'

  step "The proposal's HPA: a safe pace downwards, and warnings about its metric"
  ask /mutate hpa
  check "scale-down is filled in" response '.patch[] | select(.path == "/spec/behavior/scaleDown")'
  ask /validate hpa
  check "it is admitted with a warning" response '.allowed and (.warnings | map(contains("W205")) | any)'

  step "An HPA that would crash kube-controller-manager again and again: refused"
  ask /validate crashing-hpa
  check "it is refused" response '.allowed == false and (.status.message | contains("E206"))'

  step "Somebody lowers a worker StatefulSet from 3 to 1: held, with a warning"
  ask /mutate hold
  check "it is admitted" response .allowed
  check "with the old count" response '.patch[] | select(.path == "/spec/replicas") | .value == 3'
  check "and a warning that names the workers" response '.warnings[0] | contains("hbase-worker-1 and -2")'
}
