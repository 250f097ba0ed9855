# shellcheck shell=bash
# `cluster build`: makes the Kubernetes binaries once, from Debian's source package, into the cache folder.

BUILT_COMPONENTS="kube-apiserver kube-controller-manager kube-scheduler kubelet"
BUILD_PACKAGES="golang-go rsync jq dpkg-dev gcc libc6-dev make golang-github-modern-go-reflect2-dev"
NODE_PACKAGES="containerd runc containernetworking-plugins busybox-static iproute2 jq"

missing_packages() { # NAME...
  local name
  for name in "$@"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$name" 2>/dev/null | grep -qx installed || printf '%s ' "$name"
  done
}

# Debian's kubectl does not install beside one from elsewhere, so any kubectl is good enough.
wanted_packages() {
  missing_packages openssl curl
  [ -n "$(find_tool etcd)" ] || printf 'etcd-server '
  [ -n "$(find_tool kubectl)" ] || printf 'kubernetes-client '
  # shellcheck disable=SC2086 # lists of words
  ! is_root || missing_packages $NODE_PACKAGES
  # shellcheck disable=SC2086
  [ -e "$BUILT/complete" ] || [ -n "${KUBEBUILDER_ASSETS:-}" ] || missing_packages $BUILD_PACKAGES
}

install_missing() {
  local wanted
  wanted=$(wanted_packages)
  # shellcheck disable=SC2086 # words
  [ -z "$wanted" ] || "$here/../install-packages" $wanted >&2 9>&- || exit 1
}

started=$(date +%s)
step() { say "$(printf '%4d s  %s' $(($(date +%s) - started)) "$*")"; }

# Runs a command with its output in a file, and says every 15 s that it still runs.
with_heartbeat() { # LOG WHAT COMMAND...
  local log=$1 what=$2 pid beat=0
  shift 2
  "$@" >"$log" 2>&1 &
  pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    sleep 1
    beat=$((beat + 1))
    [ $((beat % 15)) != 0 ] || step "still $what: $(tail -n 1 "$log" | cut -c 1-80)"
  done
  wait "$pid" || { tail -n 20 "$log" >&2; die "$what failed; all of it: $log"; }
}

# The package sources of this machine, with source packages instead of binary ones; nothing of the system changes.
private_sources() { # FOLDER
  local file
  mkdir -p "$1"/{parts,lists/partial,cache/archives/partial}
  for file in /etc/apt/sources.list.d/*.sources; do
    [ ! -f "$file" ] || sed 's/^Types:.*/Types: deb-src/' "$file" >"$1/parts/$(basename "$file")"
  done
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ ! -f "$file" ] || sed -n 's/^deb[[:space:]]/deb-src /p' "$file" >"$1/parts/$(basename "$file" .list).list"
  done
}

source_apt() { # FOLDER COMMAND...
  local folder=$1
  shift
  "$@" -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$folder/parts" \
    -o Dir::State::Lists="$folder/lists" -o Dir::Cache="$folder/cache" -o APT::Sandbox::User="$(id -un)"
}

# Prints the version of the source package that this machine's package sources have.
find_source() { # FOLDER
  private_sources "$1/apt"
  # Some source of this machine may have no source packages: what counts is whether ours is found.
  source_apt "$1/apt" apt-get update >"$1/update.log" 2>&1 || true
  # Debian calls it 1.20.5+really1.20.2-1.1.
  source_apt "$1/apt" apt-cache showsrc --only-source kubernetes 2>/dev/null |
    sed -n 's/^Version: \(.*+really\)\{0,1\}\([0-9.]*\).*/\2/p' | sort -V | tail -n 1
}

download_source() { # FOLDER: leaves the .orig archive there
  local found
  found=$(find_source "$1")
  [ "$found" = "$KUBERNETES_VERSION" ] ||
    die "no source package kubernetes $KUBERNETES_VERSION in this machine's package sources (found: ${found:-none}; see $1/update.log); $(remedy)"
  (cd "$1" && source_apt "$1/apt" apt-get source --download-only --only-source kubernetes) >"$1/download.log" 2>&1 ||
    die "the download failed; see $1/download.log"
}

unpack_source() { # FOLDER: leaves it as $GOPATH/src/k8s.io/kubernetes
  local archive
  archive=$(find "$1" -maxdepth 1 -name 'kubernetes_*.orig.tar.*' | head -n 1)
  mkdir -p "$1"/{source,go/src/k8s.io}
  tar -xf "$archive" -C "$1/source" --strip-components 1
  # `-mod=vendor` fails with this version's go.mod, so it is built in GOPATH mode.
  ln -s "$1/source" "$1/go/src/k8s.io/kubernetes"
  # The vendored reflect2 1.0.1 breaks with Go >= 1.18: kube-apiserver would die on the first custom resource.
  rm -rf "$1/source/vendor/github.com/modern-go/reflect2"
  cp -rL /usr/share/gocode/src/github.com/modern-go/reflect2 "$1/source/vendor/github.com/modern-go/reflect2"
  # Since Go 1.18 its test for the zero value takes every empty string of a custom resource for null, and refuses it:
  # Fluid up to v0.6, whose first status says `workerPhase: ""`, could not run.
  sed -i 's/data == nil || reflect.DeepEqual(reflect.Zero(reflect.TypeOf(data)), reflect.ValueOf(data))/data == nil/' \
    "$1/source/vendor/k8s.io/kube-openapi/pkg/validation/validate/type.go"
}

# Replaces the shell it runs in. When the build ends early, so does all that make has started: for root by a process
# namespace, whose first process takes all others along; for others make alone ends, and what it runs soon after.
make_binaries() { # FOLDER
  local component targets="" tied=(setpriv --pdeathsig KILL)
  ! is_root || tied+=(unshare --pid --fork --kill-child --mount-proc)
  for component in $BUILT_COMPONENTS; do targets="$targets cmd/$component"; done
  cd "$1/go/src/k8s.io/kubernetes" || exit
  exec "${tied[@]}" env -u GOROOT -u GO111MODULE -u MAKEFLAGS -u MAKELEVEL -u MAKEOVERRIDES \
    GOPATH="$1/go" GOCACHE="$1/go-cache" GOFLAGS= GOTOOLCHAIN=local CGO_ENABLED=0 \
    KUBE_GIT_VERSION="v$KUBERNETES_VERSION" KUBE_GIT_MAJOR=1 KUBE_GIT_MINOR=20 KUBE_GIT_TREE_STATE=clean \
    KUBE_GIT_COMMIT=0000000000000000000000000000000000000000 make WHAT="${targets# }"
}

verify_binaries() { # FOLDER
  local component
  for component in $BUILT_COMPONENTS; do
    [ "$("$1/$component" --version)" = "Kubernetes v$KUBERNETES_VERSION" ] || die "$component does not run, or is not v$KUBERNETES_VERSION"
  done
}

build() {
  local work=$BUILT.building
  if [ -n "${KUBEBUILDER_ASSETS:-}" ]; then
    [ -n "$(find_component kube-apiserver)" ] || die "KUBEBUILDER_ASSETS=$KUBEBUILDER_ASSETS has no kube-apiserver"
    install_missing
    step "using $KUBEBUILDER_ASSETS ($("$KUBEBUILDER_ASSETS/kube-apiserver" --version)): nothing to build"
    return
  fi
  mkdir -p "$CACHE"
  # The lock is inherited by all that the build starts: while a stray of a killed build lives, nobody starts over.
  exec 9>"$BUILT.lock"
  flock -n 9 || { step "another build runs: waiting for it"; flock 9; }
  install_missing
  [ ! -e "$BUILT/complete" ] || { step "Kubernetes $KUBERNETES_VERSION is there: $BUILT"; return; }
  rm -rf "$work" "$BUILT"
  mkdir -p "$work/bin"
  step "downloading the source package kubernetes $KUBERNETES_VERSION"
  download_source "$work"
  step "unpacking"
  unpack_source "$work"
  step "compiling $BUILT_COMPONENTS (about 5 minutes on 2 cores)"
  with_heartbeat "$work/make.log" compiling make_binaries "$work"
  step "verifying"
  for component in $BUILT_COMPONENTS; do mv "$work/source/_output/local/bin/linux/amd64/$component" "$work/bin/"; done
  verify_binaries "$work/bin"
  touch "$work/bin/complete"
  mv "$work/bin" "$BUILT"
  rm -rf "$work"
  step "done: $BUILT"
}
