# shellcheck shell=bash
# `cluster available [--node]`: can a cluster be had here? One line says why not, and what would give one.

# Nothing is installed or left behind by asking.
control_plane_problem() {
  local wanted folder found
  if [ -n "${KUBEBUILDER_ASSETS:-}" ] && [ -z "$(find_component kube-apiserver)" ]; then
    echo "KUBEBUILDER_ASSETS=$KUBEBUILDER_ASSETS has no kube-apiserver; $(remedy)"
    return
  fi
  wanted=$(wanted_packages)
  if [ -n "$wanted" ]; then
    have apt-get || { echo "this is no Debian, which the build needs; $(remedy)"; return; }
    is_root || { echo "missing packages: sudo apt-get install -y --no-install-recommends $wanted, or $(remedy)"; return; }
  fi
  [ ! -e "$BUILT/complete" ] && [ -z "${KUBEBUILDER_ASSETS:-}" ] || return 0
  [ "$(uname -m)" = x86_64 ] || { echo "the build was only seen working on x86_64; $(remedy)"; return; }
  [ "$(df -Pk "$HOME" | awk 'NR == 2 { print int($4 / 1048576) }')" -ge 8 ] || { echo "the build needs 8 GB free in $HOME, or $(remedy)"; return; }
  folder=$(mktemp -d)
  found=$(find_source "$folder")
  rm -rf "$folder"
  [ "$found" = "$KUBERNETES_VERSION" ] ||
    echo "the package sources of this machine have no source package kubernetes $KUBERNETES_VERSION (found: ${found:-none}); $(remedy)"
}

remedy() { echo "set KUBEBUILDER_ASSETS to a folder with kube-apiserver and etcd"; }

node_problem() {
  local probe
  is_root || { echo "a node with pods needs root"; return; }
  unshare --pid --mount --net --fork --kill-child --mount-proc true 2>/dev/null ||
    { echo "a node with pods needs the right to make namespaces (a privileged container, or a virtual machine)"; return; }
  probe=/sys/fs/cgroup
  [ ! -d /sys/fs/cgroup/memory ] || probe=/sys/fs/cgroup/memory # version 1: a tree for each controller
  mkdir "$probe/sluice-probe-$$" 2>/dev/null || { echo "a node with pods needs writable cgroups below $probe"; return; }
  rmdir "$probe/sluice-probe-$$"
  [ -z "${KUBEBUILDER_ASSETS:-}" ] || [ -n "$(find_component kubelet)" ] ||
    echo "a node with pods needs kubelet, kube-scheduler and kube-controller-manager; KUBEBUILDER_ASSETS=$KUBEBUILDER_ASSETS lacks them"
}

available() {
  local problem=""
  [ "${1:-}" != --node ] || problem=$(node_problem)
  [ -n "$problem" ] || problem=$(control_plane_problem)
  [ -z "$problem" ] || { echo "$problem"; return 1; }
}
