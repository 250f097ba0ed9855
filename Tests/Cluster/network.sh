# shellcheck shell=bash
# Sourced by servers.sh inside the cluster's own namespaces: makes room for kubelet and containerd without touching
# the machine. All of this vanishes with the namespaces.

# Folders whose names are fixed in kubelet, containerd and the CNI plugins.
mount -t tmpfs tmpfs /run
mkdir /run/var-lib # not below DIR, which will be removed
mount --bind /var/lib /run/var-lib
mount -t tmpfs tmpfs /var/lib
for entry in /run/var-lib/*; do
  case $entry in */kubelet | */cni | */containerd) ;; *) ln -s "$entry" /var/lib/ ;; esac
done
mkdir -p /run/netns /run/lock /var/lib/kubelet /var/lib/cni

# kubelet sets these kernel parameters if they are not what it likes; it finds them right and leaves the machine alone.
mkdir "$dir/sysctl"
while read -r name value; do
  [ -e "/proc/sys/$name" ] || continue
  echo "$value" >"$dir/sysctl/${name//\//.}"
  mount --bind "$dir/sysctl/${name//\//.}" "/proc/sys/$name"
done <<'END'
vm/overcommit_memory 1
vm/panic_on_oom 0
kernel/panic 10
kernel/panic_on_oops 1
kernel/keys/root_maxkeys 1000000
kernel/keys/root_maxbytes 25000000
END

# A mount namespace for each node, with these mounts and two of its own: kubelets that share the socket of device plugins
# end each other, and those that share the folder of the pods' logs remove them. A process holds each of them: newer
# kernels refuse now and then to bind one to a file.
for node in $(seq "$NODES"); do
  # shellcheck disable=SC2016 # for the inner shell
  unshare --mount --propagation unchanged sh -c 'mount -t tmpfs tmpfs /var/lib/kubelet && mount -t tmpfs tmpfs /var/log &&
    ln -s "/proc/$$/ns/mnt" "/run/node-$0" && exec sleep infinity' "$node" </dev/null &
  wait_until 30 test -e "/run/node-$node"
done

# eth0 is one end of a cable whose other end is the machine's; every node has an address on it.
ip link set lo up
for node in $(seq "$NODES"); do ip address add "198.18.$NUMBER.$((node + 1))/24" dev eth0; done
ip link set eth0 up
ip address add "$SERVICE_ADDRESS/32" dev lo
echo 1 >/proc/sys/net/ipv4/ip_forward
