# shellcheck shell=bash
# Sourced by `drains` and by the demo: what can be asked of a cluster with Alluxio in its pods about the runtime `name`.

look_at() { # DIR: the cluster's folder
  dir=$1
  # Asked ten times a second, which kubectl would need a whole processor for.
  as_admin=(curl -s --noproxy '*' --cacert "$dir/pki/ca.crt" --cert "$dir/pki/admin.crt" --key "$dir/pki/admin.key")
}

alluxio() { Tests/Cluster/cluster alluxio "$1" "$dir" "$name" "${@:2}"; }
fs() { alluxio run fs "$@"; }

# What is there.
worker_set() { "${as_admin[@]}" -f -m 10 "$KUBERNETES_SERVER$sets/$name-worker"; }
runtime() { "${as_admin[@]}" -f -m 10 "$KUBERNETES_SERVER$runtimes/$name"; }
pods() { "${as_admin[@]}" -f -m 10 "$KUBERNETES_SERVER/api/v1/namespaces/default/pods?labelSelector=release=$name,role=alluxio-worker"; }
sets=/apis/apps/v1/namespaces/default/statefulsets runtimes=/apis/data.fluid.io/v1alpha1/namespaces/default/alluxioruntimes
drains=/apis/sluice.dev/v1alpha1/namespaces/default/workerdrains
present() { worker_set | jq .spec.replicas; }
drain() { "${as_admin[@]}" -m 10 "$KUBERNETES_SERVER$drains/$name"; } # a Status while there is none
# Such as: Freeing 3 -> 2; blocked: CommandFailed: ...; nothing while no drain is under way.
drain_status() {
  drain | jq -r '(.status | objects // {}) as $status
    | if ($status.state // "Idle") == "Idle" then "" else "\($status.state) \(.spec.from) -> \(.spec.target)" end
    + if $status.blocked == null then "" else "; blocked: \($status.blocked.reason): \($status.blocked.message)" end'
}
held_files() { alluxio list --files | awk '/^  / { print pod, $1 } /^[^ ]/ { pod = $1 }'; } # lines of "pod path"
files_of() { awk -v pod="$1" '$1 == pod { print $2 }' <<<"${2:-$(held_files)}" | sort; } # POD [LISTING]
uids() { pods | jq -r '.items[].metadata.uid' | sort; }

# What is waited for.
present_is() { [ "$(present)" = "$1" ] || { say "$(present) workers are wanted; $(drain_status)"; return 1; }; }
gone() { ! kubectl get pod "$1" >/dev/null 2>&1; }
at_rest() {
  local seen
  seen=$(drain_status) || return 1
  [ -z "$seen" ] || { say "the status is: $seen"; return 1; }
}
status_says() {
  local seen
  seen=$(drain_status) || return 1
  case $seen in *"$1"*) ;; *) say "the status is: $seen"; return 1 ;; esac
}
same() { [ "$1" = "$2" ] || { diff <(echo "$1") <(echo "$2"); return 1; }; }
free_worker() { # ORDINAL: of 2.9.4 and later; of several workers on a node the client frees any
  kubectl exec "$name-master-0" -c alluxio-master -- \
    alluxio fs freeWorker "$(kubectl get pod "$name-worker-$1" -o 'jsonpath={.status.hostIP}')"
}
wanted() { kubectl scale alluxioruntime "$name" "--replicas=$1" >/dev/null; }
# A worker that went a moment ago still counts, and writes are sent to it.
live_is() { # COUNT
  [ "$(alluxio run fsadmin report capacity -live 2>/dev/null | grep -c ' capacity ')" = "$1" ]
}

# How long the last drain of `name` was in each state, by Sluice's log; sets spent, in milliseconds by state.
declare -A spent=()
time_states() {
  local line word from now last=0
  while read -r line; do
    now=$(date -d "${line%% *}" +%s%3N)
    for word in $line; do case $word in from=*) from=${word#from=} ;; esac; done
    if [ "$from" = Idle ]; then spent=(); else spent[$from]=$((${spent[$from]:-0} + now - last)); fi
    last=$now
  done < <(grep " drain state .*name=$name " "$log")
}
took() { # STATE...: as text
  local state sum=0
  for state in "$@"; do sum=$((sum + ${spent[$state]:-0})); done
  in_seconds "$sum"
}
in_seconds() { awk -v milliseconds="$1" 'BEGIN { printf "%.1f s", milliseconds / 1000 }'; }
