# shellcheck shell=bash
# The objects of one Alluxio in pods, as Fluid's chart "alluxio" makes them.

# What a pod sees of this machine.
mounts() { # for a container; then the volumes for its pod
  local parent java_folder
  # What an installation's scripts use may lie beside it.
  parent=$(dirname "$home")
  [ "$parent" != / ] || parent=$home
  java_folder=$(dirname "$java")
  cat <<END
usr /usr $(readlink -f /usr)
lib /lib $(readlink -f /lib)
lib64 /lib64 $(readlink -f /lib64)
home $parent $parent
conf /etc/alluxio $folder/conf
END
  # Where a test on this machine writes what is to go wrong.
  ! is_standin || echo "faults /faults $folder/faults"
  # Debian keeps the runtime's configuration in /etc; a runtime outside of /usr is mounted by itself.
  [ ! -d /etc/java-17-openjdk ] || echo "java-etc /etc/java-17-openjdk /etc/java-17-openjdk"
  case $java_folder/ in /usr/* | "$parent"/*) ;; *) echo "java $java_folder $java_folder" ;; esac
}

mount_lines() {
  local volume path read_only
  mounts | while read -r volume path _; do
    if [ "$volume" = faults ]; then read_only=false; else read_only=true; fi # those that happen N times are counted there
    echo "        - {name: $volume, mountPath: $path, readOnly: $read_only}"
  done
}

volume_lines() {
  local volume path
  mounts | while read -r volume _ path; do echo "      - {name: $volume, hostPath: {path: $path}}"; done
  echo "      - {name: underfs, hostPath: {path: $dir/ufs/$name}}"
  echo "      - {name: journal, hostPath: {path: $folder/journal}}"
  echo "      - {name: cache, hostPath: {path: $folder/cache}}"
}

# Small heaps and the quick compiler: half a dozen of these share a test machine's two cores. MASTER_MEMORY and WORKER_MEMORY
# make room for more files than some thousands.
JAVA_OPTIONS="-XX:+UseSerialGC -XX:TieredStopAtLevel=1"

environment() { # the options of servers come last, so that they win over the installation's own
  cat <<END
        env:
        - {name: PATH, value: "$java:$home/bin:/usr/bin:/bin"}
        - {name: JAVA_HOME, value: "$(dirname "$java")"}
        - {name: ALLUXIO_HOME, value: "$home"}
        - {name: ALLUXIO_CONF_DIR, value: /etc/alluxio}
        - {name: ALLUXIO_LOGS_DIR, value: /tmp/logs}
        - {name: ALLUXIO_USER_JAVA_OPTS, value: "-Xmx256m $JAVA_OPTIONS"}
        - {name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
        - {name: NODE_NAME, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
        - {name: ALLUXIO_WORKER_HOSTNAME, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}
        - {name: ALLUXIO_WORKER_CONTAINER_HOSTNAME, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
        - {name: ALLUXIO_MASTER_JAVA_OPTS, value: "-Xmx${MASTER_MEMORY:-512m} $JAVA_OPTIONS${master_options:-}"}
        - {name: ALLUXIO_JOB_MASTER_JAVA_OPTS, value: "-Xmx256m $JAVA_OPTIONS"}
        - name: ALLUXIO_WORKER_JAVA_OPTS
          value: "-Xmx${WORKER_MEMORY:-256m} $JAVA_OPTIONS -Dalluxio.worker.hostname=\$(ALLUXIO_WORKER_HOSTNAME) -Dalluxio.worker.container.hostname=\$(ALLUXIO_WORKER_CONTAINER_HOSTNAME)"
        - name: ALLUXIO_JOB_WORKER_JAVA_OPTS
          value: "-Xmx256m $JAVA_OPTIONS -Dalluxio.job.worker.hostname=\$(ALLUXIO_WORKER_CONTAINER_HOSTNAME) -Dalluxio.worker.hostname=\$(ALLUXIO_WORKER_HOSTNAME)"
END
}

container() { # NAME SHELL-COMMAND PORT-NAME=PORT...
  local pair
  echo "      - name: $1"
  echo "        image: $BASE_IMAGE"
  echo "        imagePullPolicy: Never"
  echo "        command: [/usr/bin/bash, -c, '$2']"
  echo "        ports:"
  for pair in "${@:3}"; do echo "        - {name: ${pair%%=*}, containerPort: ${pair#*=}}"; done
  environment
  echo "        volumeMounts:"
  mount_lines
  echo "        - {name: underfs, mountPath: /underFSStorage}"
}

workload() { # master|worker REPLICAS [NAME]
  local own=$kind called=${3:-$name-$1}
  [ "$1" = worker ] || own=StatefulSet
  cat <<END
apiVersion: apps/v1
kind: $own
metadata:
  name: $called
  namespace: $namespace
  labels: &labels {app: alluxio, release: $name, role: alluxio-$1, chart: alluxio-0.9.5, heritage: Helm, fluid.io/dataset: $namespace-$name}
spec:
  updateStrategy: {type: OnDelete}
  selector: {matchLabels: {app: alluxio, release: $name, role: alluxio-$1}}
END
  [ "$own" = DaemonSet ] || cat <<END
  replicas: $2
  serviceName: $called
  podManagementPolicy: $order
END
  cat <<END
  template:
    metadata: {labels: *labels}
    spec:
      terminationGracePeriodSeconds: 1
      dnsPolicy: Default
      automountServiceAccountToken: false
      enableServiceLinks: false
      tolerations: [{operator: Exists}]
END
  [ "$own" = StatefulSet ] || echo "      nodeSelector: {$(node_label): \"true\"}"
}

placement() { # of workers that are no DaemonSet
  [ "$kind" = StatefulSet ] || return 0
  if [ "$spread" = no ]; then
    echo "      nodeSelector: {kubernetes.io/hostname: $(node_name 1)}"
  else
    cat <<END
      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
          - {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {release: $name, role: alluxio-worker}}}
END
  fi
}

master_workload() { # NAME PORT-OFFSET
  local master_options=''
  [ "$2" = 0 ] || master_options=" -Dalluxio.master.rpc.port=$((port + $2)) -Dalluxio.master.web.port=$((port + 1 + $2))"
  workload master 1 "$1"
  cat <<END
      hostNetwork: true
      nodeSelector: {kubernetes.io/hostname: $(node_name 1)}
      containers:
END
  # A restarted master finds its journal again; only a new one is formatted.
  container alluxio-master "[ -e /journal/.formatted ] || { alluxio formatJournal && touch /journal/.formatted; } && exec launch-process master -c" \
    rpc=$((port + $2)) web=$((port + 1 + $2))
  echo "        - {name: journal, mountPath: /journal}"
  [ "$jobs$2" != yes0 ] || {
    container alluxio-job-master "exec launch-process job_master -c" job-rpc=$((port + 2)) job-web=$((port + 3))
    echo "        - {name: journal, mountPath: /journal}"
  }
  echo "      volumes:"
  volume_lines
  echo "---"
}

alluxio_manifest() {
  local keeper=POD_NAME # whose the cache is: a pod of a StatefulSet keeps its name, one of a DaemonSet its node
  [ "$kind" = StatefulSet ] || keeper=NODE_NAME
  master_workload "$name-master" 0
  # On the same node, so that it needs other ports and a set of its own.
  [ "$masters" = 1 ] || master_workload "$name-master-b" 5
  workload worker "$workers"
  placement
  echo "      containers:"
  container alluxio-worker "exec launch-process worker -c" rpc=29999 web=30000
  # Kept outside of the pod, as under Fluid: a worker that comes back has its blocks again.
  echo "        - {name: cache, mountPath: /cache, subPathExpr: \$($keeper)}"
  [ "$jobs" = no ] || {
    container alluxio-job-worker "case \$POD_NAME in *-worker-0) exec launch-process job_worker -c ;; esac; exec sleep 2147483647" \
      job-rpc=30001 job-data=30002 job-web=30003
    echo "        - {name: cache, mountPath: /cache, subPathExpr: \$($keeper)}"
  }
  echo "      volumes:"
  volume_lines
}
