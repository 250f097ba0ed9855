# shellcheck shell=bash
# `cluster alluxio`: a real Alluxio 2.x in pods, as Fluid's chart lays it out: StatefulSets NAME-master (host network)
# and NAME-worker (pod network), with its labels, container names, port names and host names. There is no image with
# Java: the pods see this machine's /usr, the Java runtime and ALLUXIO_HOME, read-only.

alluxio_usage() {
  cat <<'END'
Usage: cluster alluxio COMMAND DIR NAME ...      (ALLUXIO_HOME names an Alluxio 2.x installation; a node is needed)
  up DIR NAME [--workers N] [--jobs] [--daemonset] [--spread] [--ordered] [--two-masters] [--namespace NS] [KEY=VALUE...]
                               a master and N (2) workers, with these properties; returns when all are registered
  manifest DIR NAME [the same] only print the objects that `up` applies, and make their folders
  wait DIR NAME N              wait until N workers are registered
  down DIR NAME                delete all of it
  fill DIR NAME FOLDER COUNT BYTES
                               put files FOLDER/f1 ... into the under storage, which is DIR/ufs/NAME, and load FOLDER
  run DIR NAME WORD...         run `alluxio WORD...` in the master pod
  list DIR NAME [--files]      what each worker holds: files and bytes, and with --files each file's path
--jobs adds the job service, without which `fs persist` never returns (its only worker runs in pod NAME-worker-0).
--spread puts each worker on a node of its own (up --nodes N); else all are on the first one, as the master is.
--ordered is Fluid 0.7's and 0.8's way: pods come and go one by one (OrderedReady); else all at once.
--two-masters is for the stand-in Tests/StandIns/alluxio: the second one, NAME-master-b, takes over when the first one goes.
--daemonset is Fluid's way before 0.7: the workers are a DaemonSet on the nodes labelled for them (up --nodes N).
END
}

alluxio() {
  local verb=${1:-help} name
  [ "$verb" != help ] || { alluxio_usage; return; }
  need_cluster "${2:-}"
  name=${3:?NAME is missing}
  [[ $name =~ ^[a-z0-9-]+$ ]] || die "$name: not a name for a runtime"
  [ "$NODES" != 0 ] || die "alluxio: this cluster has no node (cluster up --node)"
  folder=$dir/alluxio/$name
  export KUBECONFIG=$dir/kubeconfig
  shift 3
  case $verb in
    up) alluxio_prepare "$@" && alluxio_up ;;
    manifest) alluxio_prepare "$@" && alluxio_manifest ;;
    wait | down | fill | run | list)
      [ -e "$folder/settings" ] || die "$name: there is no Alluxio of that name"
      # shellcheck source=/dev/null
      . "$folder/settings"
      "alluxio_$verb" "$@"
      ;;
    *) alluxio_usage >&2; exit 2 ;;
  esac
}

kubectl_here() { "$(find_tool kubectl)" --namespace "$namespace" "$@"; }

# Tests/StandIns/alluxio is laid out like an installation, but is written in Python.
is_standin() { head -n 1 "$ALLUXIO_HOME/bin/alluxio" | grep -q python3; }

find_java() { # prints the bin folder of the Java runtime itself, not of links to it, which the pods may not have
  local java=${JAVA_HOME:+$JAVA_HOME/bin/java}
  [ -n "$java" ] || have java || "$here/../install-packages" openjdk-17-jre-headless >&2 || die "no java: set JAVA_HOME"
  java=$(readlink -f "${java:-$(command -v java)}")
  dirname "$java"
}

alluxio_prepare() { # [OPTION...]: writes folder/settings and the properties
  local number property
  [ -n "${ALLUXIO_HOME:-}" ] || die "set ALLUXIO_HOME to an Alluxio 2.x installation"
  [ -x "$ALLUXIO_HOME/bin/launch-process" ] || die "ALLUXIO_HOME=$ALLUXIO_HOME has no bin/launch-process"
  if is_standin; then
    "$here/../install-packages" python3 >&2 || die "no python3"
    java=/usr/bin # nothing more is needed of this machine
  else
    java=$(find_java) # also ends here if there is none
  fi
  workers=2 masters=1 spread=no order=Parallel jobs=no kind=StatefulSet namespace=default properties=()
  while [ $# -gt 0 ]; do
    case $1 in
      --workers) workers=${2:?}; shift ;;
      --namespace) namespace=${2:?}; shift ;;
      --jobs) jobs=yes ;;
      --daemonset) kind=DaemonSet ;;
      --two-masters) masters=2 ;;
      --spread) spread=yes ;;
      --ordered) order=OrderedReady ;;
      *=*) properties+=("$1") ;;
      *) die "alluxio: what is $1?" ;;
    esac
    shift
  done
  [ ! -e "$folder/settings" ] || die "$name is up already"
  [ "$masters" = 1 ] || is_standin || die "two masters of a real Alluxio need a journal of their own"
  [ "$kind$spread" = StatefulSetno ] || [ "$workers" -le "$NODES" ] || die "one worker on a node, and there are $NODES"
  mkdir -p "$folder"/{conf,journal,cache,faults} "$dir/ufs/$name"
  # Masters share the host network, so each runtime has ports of its own, as under Fluid.
  for number in $(seq 0 99); do ! mkdir "$dir/alluxio/.ports-$number" 2>/dev/null || break; done
  port=$((20000 + number * 10))
  cp "$ALLUXIO_HOME"/conf/log4j.properties "$folder/conf/"
  alluxio_properties >"$folder/conf/alluxio-site.properties"
  home=$(cd "$ALLUXIO_HOME" && pwd -P)
  for property in name namespace workers masters jobs kind number port home java; do
    printf '%s=%q\n' "$property" "${!property}"
  done >"$folder/settings"
}

alluxio_properties() {
  cat <<END
alluxio.master.hostname=$NODE_IP
alluxio.master.rpc.port=$port
alluxio.master.web.port=$((port + 1))
alluxio.job.master.hostname=$NODE_IP
alluxio.job.master.rpc.port=$((port + 2))
alluxio.job.master.web.port=$((port + 3))
alluxio.master.mount.table.root.ufs=/underFSStorage
alluxio.master.journal.type=UFS
alluxio.master.journal.folder=/journal
alluxio.master.metastore=HEAP
alluxio.master.update.check.enabled=false
alluxio.user.metrics.collection.enabled=false
alluxio.web.ui.enabled=false
alluxio.worker.ramdisk.size=256MB
alluxio.worker.tieredstore.levels=1
alluxio.worker.tieredstore.level0.alias=MEM
alluxio.worker.tieredstore.level0.dirs.path=/cache
alluxio.worker.tieredstore.level0.dirs.quota=256MB
# All workers of a node have the node's name, so a client in the master pod would take any for local.
alluxio.user.short.circuit.enabled=false
END
  [ "$masters" = 1 ] || echo "alluxio.master.rpc.addresses=$NODE_IP:$port,$NODE_IP:$((port + 5))"
  printf '%s\n' "${properties[@]+"${properties[@]}"}"
}

node_label() { echo "data.fluid.io/storage-$namespace-$name"; }

registered_workers() {
  local web
  for web in $((port + 1)) $((port + 6)); do # of two masters one answers
    curl -sf --noproxy '*' -m 2 "http://$NODE_IP:$web/metrics/prometheus/" || [ "$masters" = 2 ] || break
  done | sed -n 's/^Cluster_Workers \([0-9]*\).*/\1/p'
}
have_workers() { [ "$(registered_workers)" = "$1" ]; }

alluxio_wait() { # N
  wait_until 300 have_workers "$1" || die "$(registered_workers) and not $1 workers after 300 s; see kubectl logs ${name}-worker-0"
}

out_of_safe_mode() { alluxio_run fsadmin report summary 2>/dev/null | grep -q 'Safe Mode: false'; }

alluxio_up() {
  local started number
  started=$(date +%s%N)
  alluxio_manifest | kubectl_here apply -f - >/dev/null
  [ "$kind" = StatefulSet ] || for number in $(seq "$workers"); do
    kubectl_here label node "$(node_name "$number")" "$(node_label)=true" >/dev/null
  done
  alluxio_wait "$workers"
  # A master that has just started is in safe mode, and refuses what it is asked.
  wait_until 120 out_of_safe_mode || die "the master is still in safe mode after 120 s"
  say "Alluxio $name: $workers workers registered after $(seconds_since "$started") s; under storage: $dir/ufs/$name"
}

alluxio_down() {
  kubectl_here delete "statefulset/$name-master" "statefulset/$name-master-b" "$kind/$name-worker" --ignore-not-found --cascade=foreground >/dev/null
  [ "$kind" = StatefulSet ] || kubectl_here label node --all "$(node_label)-" >/dev/null
  kubectl_here wait --for=delete pod -l "app=alluxio,release=$name" --timeout=60s >/dev/null 2>&1 || true
  rm -rf "$folder" "$dir/ufs/$name" "$dir/alluxio/.ports-$number"
}

alluxio_run() { kubectl_here exec "$name-master-0" -c alluxio-master -- alluxio "$@"; }

alluxio_fill() { # FOLDER COUNT BYTES
  local file
  mkdir -p "$dir/ufs/$name/$1"
  for file in $(seq "$2"); do head -c "$3" /dev/urandom >"$dir/ufs/$name/$1/f$file"; done
  # On nodes of different names one worker would get all of it. A worker that went a moment ago fails a load.
  for file in $(seq 10); do
    ! alluxio_run fs -Dalluxio.user.ufs.block.read.location.policy=alluxio.client.block.policy.RoundRobinPolicy load "/$1" >/dev/null ||
      return 0
    sleep 3
  done
  die "/$1 can't be loaded"
}

# Every file of one worker as a line of JSON: what the worker itself says, by the API server's way to pods.
worker_files() { # POD WEB-PORT
  local offset=0 page count
  while :; do
    # The port has to be a number: a port's name ends in an error there.
    page=$(as_admin "/api/v1/namespaces/$namespace/pods/http:$1:$2/proxy/api/v1/worker/webui_blockinfo?offset=$offset&limit=200") ||
      die "$1 does not answer"
    [ "$(jq -r .fatalError <<<"$page")" = "" ] || return 0 # an offset past the end
    jq -c '.fileInfos[]?' <<<"$page"
    count=$(jq '.fileInfos | length' <<<"$page")
    offset=$((offset + count))
    [ "$count" -gt 0 ] && [ "$offset" -lt "$(jq .ntotalFile <<<"$page")" ] || return 0
  done
}

alluxio_list() { # [--files]
  local pod web files
  kubectl_here get pods -l "app=alluxio,release=$name,role=alluxio-worker" -o json |
    jq -r '.items[] | .metadata.name + " " + (.spec.containers[] | select(.name == "alluxio-worker") | .ports[] | select(.name == "web") | .containerPort | tostring)' |
    sort -V | while read -r pod web; do
    files=$(worker_files "$pod" "$web")
    printf '%s %s files %s bytes\n' "$pod" "$(jq -s length <<<"$files")" "$(jq -s '[.[].blocksOnTier[][].blockLength] | add // 0' <<<"$files")"
    [ "${1:-}" != --files ] || jq -r '"  " + .absolutePath' <<<"$files" | sort -V
  done
}
