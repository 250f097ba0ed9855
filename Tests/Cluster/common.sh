# shellcheck shell=bash
# Sourced by everything here: messages, names of folders, and where each binary comes from.

KUBERNETES_VERSION=1.20.2 # Debian 12's source package; other versions come in by KUBEBUILDER_ASSETS
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/sluice
BUILT=$CACHE/kubernetes-$KUBERNETES_VERSION-3 # the number rises when what is mended in the source changes
# shellcheck disable=SC2034 # of all parts
SERVICE_NETWORK=10.96.0.0/16
# shellcheck disable=SC2034
SERVICE_ADDRESS=10.96.0.1 # the API server's own service: the first of SERVICE_NETWORK
MARKER=.sluice-cluster    # only a folder with this file is ever removed

say() { printf '%s\n' "$*" >&2; }
die() { say "cluster: $*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
is_root() { [ "$(id -u)" = 0 ]; }

# Prints the path of a Kubernetes component, or nothing. KUBEBUILDER_ASSETS is the convention of the field (envtest);
# where it is set, nothing of another version is mixed in.
find_component() { # NAME
  local folder=${KUBEBUILDER_ASSETS:-$BUILT}
  [ ! -x "$folder/$1" ] || echo "$folder/$1"
}

# `cluster version`: of the Kubernetes that `up` takes, be it built yet or not.
version() {
  local apiserver
  [ -n "${KUBEBUILDER_ASSETS:-}" ] || { echo "$KUBERNETES_VERSION"; return; }
  apiserver=$(find_component kube-apiserver)
  [ -n "$apiserver" ] || die "KUBEBUILDER_ASSETS=$KUBEBUILDER_ASSETS has no kube-apiserver"
  "$apiserver" --version | sed -n 's/^Kubernetes v//p'
}

# The same for what is not tied to one version: etcd, kubectl, containerd.
find_tool() { # NAME
  local path
  path=$(find_component "$1")
  if [ -n "$path" ]; then echo "$path"; else PATH=$PATH:/usr/sbin:/sbin command -v "$1" || true; fi
}

need_cluster() { # DIR: sets dir, and what `up` noted down
  dir=$(cd "${1:?DIR is missing}" 2>/dev/null && pwd) || die "$1: no such folder"
  [ -e "$dir/$MARKER" ] || die "$1: not a cluster's folder"
  [ -e "$dir/ready" ] || die "$1: no cluster is up there"
  # shellcheck source=/dev/null
  . "$dir/settings"
}

seconds_since() { # START, in nanoseconds since the epoch
  printf '%d.%d' $((($(date +%s%N) - $1) / 1000000000)) $((($(date +%s%N) - $1) / 100000000 % 10))
}

# Tries a command every tenth of a second.
wait_until() { # SECONDS COMMAND...
  local tries=$(($1 * 10))
  shift
  while ! "$@"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
    sleep 0.1
  done
}
