# shellcheck shell=bash
# shellcheck disable=SC2154 # of world.sh and of the cluster's env
# Sourced by `nodes`: brings up three nodes, and tells of a worker set that is a DaemonSet what look.sh tells of others.

# shellcheck disable=SC2034 # of look.sh
name=hbase sets=/apis/apps/v1/namespaces/default/daemonsets
node_label=data.fluid.io/storage-default-hbase

nodes_up() {
  [ -x "$sluice" ] || die "$sluice is missing; run: make build"
  progress "a cluster with three nodes"
  Tests/Cluster/cluster build
  Tests/Cluster/cluster up "$dir" --nodes 3 --owner $$
  # shellcheck source=/dev/null
  . "$dir/env"
  look_at "$dir"
  progress "Alluxio from $ALLUXIO_HOME: a master and 3 workers, one on each node"
  alluxio up --workers 3 --daemonset alluxio.master.worker.timeout=10s alluxio.master.lost.worker.detection.interval=1s
  certs/make-certs --dir "$scratch/certs" "$WEBHOOK_HOST" >/dev/null
  Tests/Cluster/register crds
  Tests/Cluster/register rights sluice
  Tests/Cluster/cluster user "$dir" sluice >/dev/null
  # shellcheck disable=SC2034 # of start_sluice
  port=$(free_port) health=$(free_port)
  kubectl apply --validate=false -f - >/dev/null <<'JSON'
{"apiVersion": "data.fluid.io/v1alpha1", "kind": "AlluxioRuntime", "metadata": {"name": "hbase"}, "spec": {"replicas": 3}}
{"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "default-hbase"}, "spec": {
  "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteMany"], "hostPath": {"path": "/tmp"},
  "claimRef": {"namespace": "default", "name": "hbase"}}}
{"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "hbase"}, "spec": {"storageClassName": "",
  "accessModes": ["ReadWriteMany"], "volumeName": "default-hbase", "resources": {"requests": {"storage": "1Gi"}}}}
JSON
}

bind() { # ROLE: one of those that are bound to nobody
  kubectl create clusterrolebinding "$1-test" "--clusterrole=$1" --user=sluice >/dev/null
}
unbind() { kubectl delete clusterrolebinding "$1-test" >/dev/null; } # ROLE

start_fluid() { # ERA
  Tests/Cluster/leash $$ Tests/StandIns/fluid "$dir" "$1" default hbase >>"$scratch/fluid.log" 2>&1 &
  fluid_pid=$!
  children+=($!)
}

placed() { # the nodes that are labelled for a worker
  "${as_admin[@]}" -f -m 10 "$KUBERNETES_SERVER/api/v1/nodes?labelSelector=${node_label//\//%2F}=true" | jq -r '.items[].metadata.name' | sort
}
present() { placed | grep -c . || true; }

worker_on() { # NODE: its worker's pod
  kubectl get pods -l role=alluxio-worker --field-selector "spec.nodeName=$1" -o 'jsonpath={.items[0].metadata.name}'
}
node_files() { # lines of "node path"
  local pods
  pods=$(kubectl get pods -l role=alluxio-worker -o 'jsonpath={range .items[*]}{.metadata.name} {.spec.nodeName}{"\n"}{end}')
  held_files | awk -v pods="$pods" 'BEGIN { n = split(pods, a, /[ \n]/); for (i = 1; i < n; i += 2) node[a[i]] = a[i + 1] } { print node[$1], $2 }' | sort
}
of_node() { awk -v node="$1" '$1 == node { print $2 }' <<<"${2:-$(node_files)}"; } # NODE [LISTING]
labels_of_runtime() { # NODE: what is left of the runtime's labels there
  kubectl get node "$1" -o json | jq -r '.metadata.labels | to_entries[] | select(.key + "=" + .value | test("default[-_]hbase")) | .key'
}
no_labels() { [ -z "$(labels_of_runtime "$1")" ] || { labels_of_runtime "$1"; return 1; }; }
workers_are() { # N: workers that run, and no other
  [ "$(kubectl get pods -l role=alluxio-worker --no-headers | grep -c Running)" = "$1" ] &&
    [ "$(kubectl get pods -l role=alluxio-worker --no-headers | grep -c .)" = "$1" ]
}
counts_are() { # N: the two that Fluid's next scale-out depends on
  field alluxioruntime/hbase .status.desiredWorkerNumberScheduled "$1" &&
    field alluxioruntime/hbase .status.currentWorkerNumberScheduled "$1"
}
event_says() { # REASON TEXT
  kubectl get events -o json | jq -r --arg reason "$1" '.items[] | select(.reason == $reason) | .message' >"$scratch/events"
  grep -qF -- "$2" "$scratch/events" || { cat "$scratch/events"; return 1; }
}
no_event() { ! event_says "$@" >/dev/null || { echo "there is an event $1: $2"; return 1; }; }

# A pod that mounts the dataset, as an application does.
use_node() { # NODE
  kubectl apply -f - >/dev/null <<JSON
{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "user-$1"}, "spec": {"nodeName": "$1", "terminationGracePeriodSeconds": 0,
  "tolerations": [{"operator": "Exists"}], "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "hbase"}}],
  "containers": [{"name": "main", "image": "sluice.local/base:1", "imagePullPolicy": "Never", "command": ["sleep", "2147483647"],
    "volumeMounts": [{"name": "data", "mountPath": "/data"}]}]}}
JSON
  kubectl wait --for=condition=Ready "pod/user-$1" --timeout=120s >/dev/null
}
leave_node() { kubectl delete pod "user-$1" --wait >/dev/null; }

# Frees some of a node's files, so that it holds less than the others.
thin_out() { # NODE COUNT
  local path
  for path in $(of_node "$1" | head -n "$2"); do fs free "$path" >/dev/null; done
}

# Three workers with 6 files of a new folder each, of which one loses some, so that it is the least used.
refill() { # FOLDER NODE
  wanted 3
  wait_until 60 present_is 3 && wait_until 120 workers_are 3 && wait_until 60 live_is 3 || return 1
  fs free / >/dev/null
  wait_until 60 holds_nothing || return 1
  alluxio fill "$1" 18 100000
  thin_out "$2" 3
}
holds_nothing() { [ -z "$(node_files)" ]; }

# How many files a worker itself counts; this one look is quick enough to be compared with the one at the nodes after it.
count_on() { # POD
  kubectl get --raw "/api/v1/namespaces/default/pods/http:$1:30000/proxy/api/v1/worker/webui_blockinfo?offset=0&limit=1" | jq .ntotalFile
}
# A drained worker is seen empty twice, 2 s apart, before its node is left: between these two looks it can't be both.
emptied_before_it_went() { # NODE SECONDS
  local end=$((SECONDS + $2)) pod files
  pod=$(worker_on "$1")
  while [ $SECONDS -lt "$end" ]; do
    files=$(count_on "$pod") || { say "$pod was gone before it was seen empty"; return 1; }
    [ "$files" != 0 ] || return 0
    [[ $'\n'$(placed)$'\n' == *$'\n'$1$'\n'* ]] || { say "$1 was left with $files files on it"; return 1; }
    sleep 0.2
  done
  say "it still holds $files files after $2 s; $(drain_status)"
  return 1
}
left_nothing_behind() { # NODE: the worker's folder outlives its pod
  local files
  files=$(find "$dir/alluxio/hbase/cache/$1" -type f | wc -l)
  [ "$files" = 0 ] || { say "$files blocks are left on $1"; return 1; }
}
