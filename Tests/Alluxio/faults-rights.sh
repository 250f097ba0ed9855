# shellcheck shell=bash
# Sourced by `faults.sh`: each right of the manifests is missing once, one verb at a time.

case_each_right_missing() {
  local right
  step "3 -> 2 without one right after the other: it goes on, or says which one it needs; with it, it ends"
  begin rights || return
  alluxio fill data 9 1000
  while read -r right; do
    # shellcheck disable=SC2086 # words
    drain_without $right </dev/null
  done < <(rights_of_sluice)
}

# Lines of: KIND NAMESPACE ROLE RULE VERB RESOURCES
rights_of_sluice() {
  kubectl get clusterrole,role --all-namespaces -l app.kubernetes.io/name=sluice -o json | jq -r '.items[]
    | select(.metadata.name != "sluice-view") | . as $role | .rules | to_entries[] | .key as $rule | .value as $all | $all.verbs[]
    | "\($role.kind) \($role.metadata.namespace // "default") \($role.metadata.name) \($rule) \(.) \($all.resources | join("|"))"'
}

drain_without() { # KIND NAMESPACE ROLE RULE VERB RESOURCES
  local lines role=("$1/$3" --namespace "$2")
  kubectl get "${role[@]}" -o json | jq 'del(.metadata.resourceVersion)' >"$scratch/role"
  jq --argjson rule "$4" --arg verb "$5" \
    '.rules[$rule].verbs -= [$verb] | .rules |= map(select(.verbs != []))' "$scratch/role" | kubectl replace -f - >/dev/null
  lines=$(wc -l <"$log")
  end_child TERM "$sluice_pid"
  serve "$port" "$health"
  sluice_pid=$!
  wanted 2 2>/dev/null || true
  check "without $5 of $6 it goes on or says so" wait_until 90 ends_or_names 2 "$6" "$lines"
  kubectl replace -f "$scratch/role" >/dev/null
  restart_sluice
  wanted 2
  check "with it there are 2 workers" ends_at 2
  wanted 3
  check "and 3 again" ends_at 3
}

ends_or_names() { # COUNT RESOURCES LINES-OF-THE-LOG-BEFORE
  local said
  said=$(drain_status; ready "$health"; tail -n "+$(($3 + 1))" "$log" | grep -E '^[^ ]* (WARN|ERROR)') 2>/dev/null || true
  grep -qE "$2" <<<"$said" || ended_at "$1"
}
