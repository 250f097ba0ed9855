# shellcheck shell=bash
# `cluster up --node`: scheduler, and a kubelet and a containerd for each node, in a network namespace of their own.
# Nodes share that namespace (host network, pod network) and differ in name, address, kubelet and containerd; both of these
# see folders of the node's own in the places that are fixed in kubelet (network.sh makes /run/node-N).
# Addresses are of the range for benchmarks (RFC 2544), which no real network uses: 198.18.NUMBER.1 is the machine,
# .2 the first node and all servers, .3 the second ...; pods get 198.19.NUMBER.0/24. The machine reaches both.

BASE_IMAGE=sluice.local/base:1
CNI_FOLDER=/usr/lib/cni # Debian's containernetworking-plugins

node_name() { echo "node-$1"; }
for_each_node() { # COMMAND...: gets the node's number
  local node
  for node in $(seq "$NODES"); do "$@" "$node"; done
}

# The name of the cable's end on the machine is what makes NUMBER unique: the kernel gives it to one of us only.
connect() { # sets NUMBER
  for NUMBER in $(shuf -i 1-254); do
    ! ip link add "sluice$NUMBER" type veth peer name eth0 netns "$init" 2>/dev/null || break
    ip link show "sluice$NUMBER" >/dev/null 2>&1 || die "can't make a network device of type veth"
  done
  ip address add "198.18.$NUMBER.1/24" dev "sluice$NUMBER"
  ip link set "sluice$NUMBER" up
  ip route add "198.19.$NUMBER.0/24" via "198.18.$NUMBER.2"
}

write_pod_network() {
  mkdir "$dir/cni"
  cat >"$dir/cni/pods.conflist" <<END
{"cniVersion": "0.4.0", "name": "pods", "plugins": [
  {"type": "bridge", "bridge": "pods", "isGateway": true, "ipMasq": false, "hairpinMode": true,
   "ipam": {"type": "host-local", "subnet": "198.19.$NUMBER.0/24", "routes": [{"dst": "0.0.0.0/0"}]}}]}
END
  # A nameserver that refuses at once: one that does not answer would cost every Java program seconds.
  echo "nameserver 127.0.0.1" >"$dir/resolv.conf"
}

write_containerd() { # N
  local own=$dir/node-$1
  mkdir -p "$own/containerd"
  cat >"$own/containerd.toml" <<END
version = 2
root = "$own/containerd"
state = "/run/containerd-$1"
oom_score = 0
[grpc]
  address = "/run/containerd-$1.sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "$own/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$BASE_IMAGE"
  disable_apparmor = true
  # runc may not raise its score where CAP_SYS_RESOURCE is missing, and dies of it.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"
    default_runtime_name = "runc"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "$CNI_FOLDER"
    conf_dir = "$dir/cni"
END
  write_server "$dir" "containerd-$1" nsenter "--mount=/run/node-$1" "$(find_tool containerd)" --config "$own/containerd.toml"
}

write_kubelet() { # N
  local own=$dir/node-$1 socket=/run/containerd-$1.sock name address=198.18.$NUMBER.$(($1 + 1)) only_old=()
  name=$(node_name "$1")
  new_certificate "$dir/pki" "$name" "/O=system:nodes/CN=system:node:$name" "DNS:$name,IP:$address"
  new_kubeconfig "$dir/pki" "$name" "$SERVER" "$own/kubeconfig"
  cat >"$own/kubelet.yaml" <<END
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $address
port: $((10249 + $1))
readOnlyPort: 0
healthzPort: 0
authentication: {anonymous: {enabled: false}, webhook: {enabled: false}, x509: {clientCAFile: "$dir/pki/ca.crt"}}
authorization: {mode: AlwaysAllow}
tlsCertFile: "$dir/pki/$name.crt"
tlsPrivateKeyFile: "$dir/pki/$name.key"
cgroupDriver: cgroupfs
cgroupRoot: /$ID/$name
enforceNodeAllocatable: []
makeIPTablesUtilChains: false
oomScoreAdj: 0
failSwapOn: false
evictionHard: {memory.available: "0%", nodefs.available: "0%", nodefs.inodesFree: "0%", imagefs.available: "0%"}
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
resolvConf: "$dir/resolv.conf"
serializeImagePulls: false
volumePluginDir: "$own/plugins"
kubeAPIQPS: 50
kubeAPIBurst: 100
END
  # New ones refuse version 1 of cgroups unless told, and end at once if there is no containerd yet.
  ! version_at_least kubelet 31 || echo "failCgroupV1: false" >>"$own/kubelet.yaml"
  version_at_least kubelet 27 || only_old=(--container-runtime=remote)
  # shellcheck disable=SC2016 # for the inner shell
  write_server "$dir" "kubelet-$1" nsenter "--mount=/run/node-$1" \
    sh -c 'until [ -S "$0" ]; do sleep 0.1; done; exec "$@"' "$socket" \
    "$(find_component kubelet)" --config="$own/kubelet.yaml" --kubeconfig="$own/kubeconfig" \
    --hostname-override="$name" --node-ip="$address" --root-dir="$own/kubelet" --cert-dir="$own/kubelet-pki" \
    "${only_old[@]+"${only_old[@]}"}" --container-runtime-endpoint="unix://$socket"
}

# In version 1 of cgroups there is a tree for each controller; kubelet wants its root to be there in all of them.
make_cgroups() {
  local tree parent node
  echo "$ID" >"$dir/cgroup"
  for node in $(seq "$NODES"); do
    for tree in /sys/fs/cgroup/*/; do
      [ -e "$tree/tasks" ] || continue
      mkdir -p "$tree/$ID/$(node_name "$node")"
      for parent in "$tree/$ID" "$tree/$ID/$(node_name "$node")"; do
        # An empty set of processors or memory takes no process.
        [ ! -e "$parent/cpuset.cpus" ] || {
          cat "$parent/../cpuset.cpus" >"$parent/cpuset.cpus"
          cat "$parent/../cpuset.mems" >"$parent/cpuset.mems"
        }
      done
    done
    [ ! -e /sys/fs/cgroup/cgroup.subtree_control ] || { # version 2: one tree
      mkdir -p "/sys/fs/cgroup/$ID/$(node_name "$node")"
      for tree in /sys/fs/cgroup "/sys/fs/cgroup/$ID"; do
        sed 's/[^ ]*/+&/g' "$tree/cgroup.controllers" >"$tree/cgroup.subtree_control"
      done
    }
  done
}

# shellcheck disable=SC2034 # for write_settings
plan_node() {
  connect
  ID=sluice-$NUMBER-$$
  NODE_IP=198.18.$NUMBER.2 WEBHOOK_HOST=198.18.$NUMBER.1
  # Pods find it at SERVICE_ADDRESS (network.sh), where no proxy stands before it: so it has that service's port.
  SERVER=https://$NODE_IP:443
  write_etcd "$dir" 127.0.0.1 2379 2380
  # shellcheck disable=SC2086 # flags are words
  write_apiserver "$dir" http://127.0.0.1:2379 0.0.0.0 "$NODE_IP" 443 $APISERVER_FLAGS
  write_controller_manager "$dir" 10257 "$HPA_SYNC" --node-monitor-period=1s
  write_scheduler "$dir" 10259
  write_pod_network
  make_cgroups
  for_each_node write_containerd
}

# Runs in the cluster's namespaces what has to see its sockets.
inside() { nsenter --target "$(cat "$dir/init")" --mount --net --pid "$@"; }

containerd_ready() { inside ctr --address "/run/containerd-$1.sock" version >/dev/null 2>&1; }
# Also without the taint that a node has while it is not ready.
nodes_ready() {
  [ "$(as_admin /api/v1/nodes | jq '[.items[] | select(.spec.taints == null) | .status.conditions[] | select(.type == "Ready" and .status == "True")] | length')" = "$NODES" ]
}

finish_node() {
  local node image
  image=$dir/base.tar
  make_image "$image" "$BASE_IMAGE"
  for node in $(seq "$NODES"); do
    ready_or_die 60 "containerd-$node" containerd_ready "$node"
    import_image "$node" "$image"
  done
  rm "$image"
  ready_or_die 180 "the nodes" nodes_ready
}
