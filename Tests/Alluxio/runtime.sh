# shellcheck shell=bash
# Sourced by `drains`: a runtime with its Alluxio, a stand-in for Fluid and a guard of its own, and their end.

declare -A fluid_pids=() guard_pids=() # by the runtime's name
up=()                                  # those that are up

begin() { # NAME [--workers N] [--era C|D] [OPTION of `cluster alluxio up`...]: sets name
  local era=D workers=3 options=()
  name=$1
  shift
  while [ $# -gt 0 ]; do
    case $1 in
      --workers) workers=$2; shift ;;
      --era) era=$2; shift ;;
      *) options+=("$1") ;;
    esac
    shift
  done
  # A removed worker counts as live for 5 minutes otherwise, and loads are sent to it. A new master refuses all for 5 s.
  alluxio up --workers "$workers" alluxio.master.worker.timeout=10s alluxio.master.lost.worker.detection.interval=1s \
    alluxio.master.worker.connect.wait.time=1s "${options[@]+"${options[@]}"}" || return 1
  up+=("$name")
  make_runtime "$workers"
  start_fluid "$era"
  guard &
  guard_pids[$name]=$!
  children+=($!)
}

make_runtime() { # REPLICAS
  kubectl apply --validate=false -f - >/dev/null 2>&1 <<END
{"apiVersion": "data.fluid.io/v1alpha1", "kind": "AlluxioRuntime", "metadata": {"name": "$name"}, "spec": {"replicas": $1}}
END
}

start_fluid() { # ERA
  Tests/Cluster/leash $$ Tests/StandIns/fluid "$dir" "$1" default "$name" >>"$scratch/fluid-$name.log" 2>&1 &
  fluid_pids[$name]=$!
  children+=($!)
}
stop_fluid() {
  end_child TERM "${fluid_pids[$name]}"
  unset "fluid_pids[$name]"
}

# Takes away every runtime that is up; each has to have kept its files until it was drained.
finish() {
  for name in "${up[@]+"${up[@]}"}"; do
    check "no worker of $name was removed with files on it" guarded
    [ "$failures" = "$failures_before" ] || explain
    end_child TERM "${guard_pids[$name]}"
    [ -z "${fluid_pids[$name]:-}" ] || stop_fluid
    kubectl delete --ignore-not-found "alluxioruntime/$name" >/dev/null
    alluxio down
  done
  up=()
}

# What one wants to see when a check failed, before it is taken away.
explain() {
  say "  --- $name: $(drain_status)"
  kubectl get pods -l "release=$name" -o wide --no-headers || true
  kubectl get events --field-selector "involvedObject.name=$name" -o 'jsonpath={range .items[*]}{.reason}: {.message}{"\n"}{end}' || true
  say "  --- Fluid's last lines:"
  tail -n 5 "$scratch/fluid-$name.log" || true
  say "  --- Sluice's last lines for it:"
  { grep -E "name[=:]\"?$name(-worker)?\b" "$log" || tail -n 20 "$log"; } | tail -n 30
}
