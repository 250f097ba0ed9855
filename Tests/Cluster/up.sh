# shellcheck shell=bash
# `cluster up` and `cluster down`. Three processes own a cluster:
#   supervisor  holds DIR/lock, starts the servers' parent (servers.sh), ends everything when its owner ends
#   servers.sh  parent of all servers; dies with the supervisor, and takes all servers with it, whatever kills it
#   janitor     waits for DIR/lock, which it gets when the supervisor is gone, even by SIGKILL; then removes what is left
# If somebody kills the janitor too, no process is left, and `cluster down DIR` removes the rest.

# A block of ports nobody else on this machine takes: below the range that the kernel gives out, and locked in the
# cache folder for as long as the supervisor lives (descriptor 7).
claim_ports() { # sets PORT
  local try port free
  mkdir -p "$CACHE/ports"
  for try in $(seq 300); do
    PORT=$((20000 + RANDOM % 1500 * 8))
    exec 7>"$CACHE/ports/$PORT"
    flock -n 7 || continue
    free=yes
    for port in $(seq "$PORT" $((PORT + 7))); do
      ! (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || free=no
    done
    [ $free = no ] || return 0
  done
  die "no free block of ports after $try tries"
}

write_settings() { # of variables in capitals, for all later commands
  local name
  # shellcheck disable=SC2034 # read by their names
  for name in ID NODES HPA_SYNC SERVERS SERVER NODE_IP WEBHOOK_HOST NUMBER; do
    printf '%s=%q\n' "$name" "${!name}"
  done >"$dir/settings"
}

write_env() {
  local proxy_free=127.0.0.1,localhost,198.18.0.0/15 netns="" path
  [ "$NODES" = 0 ] || netns=/proc/$init/ns/net
  path=$(dirname "$(find_tool kubectl)")
  cat >"$dir/env.new" <<END
export KUBECONFIG='$dir/kubeconfig'
export WEBHOOK_HOST=$WEBHOOK_HOST NODE_IP=$NODE_IP NETNS=$netns
export KUBERNETES_SERVER=$SERVER
case :\$PATH: in *':$path:'*) ;; *) export PATH='$path':\$PATH ;; esac
export NO_PROXY=\${NO_PROXY:+\$NO_PROXY,}$proxy_free no_proxy=\${no_proxy:+\$no_proxy,}$proxy_free
END
  mv "$dir/env.new" "$dir/env"
}

as_admin() { # PATH on the API server
  curl -sf --noproxy '*' -m 5 --cacert "$dir/pki/ca.crt" --cert "$dir/pki/admin.crt" --key "$dir/pki/admin.key" "$SERVER$1"
}
apiserver_ready() { as_admin /readyz >/dev/null; }
# The controllers run when the namespace "default" has its service account.
controllers_ready() { as_admin /api/v1/namespaces/default/serviceaccounts/default >/dev/null; }

ready_or_die() { # SECONDS WHAT COMMAND...
  local seconds=$1 what=$2 ended="" file
  shift 2
  wait_until "$seconds" ready_or_ended "$@" && [ -z "$ended" ] || {
    for file in "$dir"/logs/*.log; do say "--- $(basename "$file")"; tail -n 5 "$file" >&2; done
    [ -z "$ended" ] || die "$ended has ended: $(tail -n 1 "$dir/logs/$ended.log")"
    die "$what not ready within $seconds s"
  }
}
ready_or_ended() {
  ! "$@" || return 0
  ended=$(ended_server) || true
  case $ended in
    # They give up where the API server takes its time (1.36: 10 s), and are started again for as long as we wait.
    kube-controller-manager | kube-scheduler) control start "$ended" || true; ended="" ;;
  esac
  [ -n "$ended" ]
}

# Prints the name of a server that was started and is no more, or nothing.
ended_server() {
  local file
  kill -0 "$parent" 2>/dev/null || { echo servers; return; } # their parent, servers.sh
  for file in "$dir"/run/*.pid; do
    [ ! -e "$file" ] || [ -d "/proc/$init/root/proc/$(cat "$file")" ] || { basename "$file" .pid; return; }
  done
}

# shellcheck disable=SC2034 # for write_settings
plan_control_plane() {
  claim_ports
  ID=sluice-$PORT-$$
  NUMBER=0 NODE_IP=127.0.0.1 WEBHOOK_HOST=127.0.0.1
  SERVER=https://127.0.0.1:$((PORT + 2))
  write_etcd "$dir" 127.0.0.1 "$PORT" $((PORT + 1))
  # shellcheck disable=SC2086 # flags are words
  # A loopback address can't be an endpoint of the service "kubernetes", so nobody tries to keep one.
  write_apiserver "$dir" "http://127.0.0.1:$PORT" 127.0.0.1 127.0.0.1 $((PORT + 2)) --endpoint-reconciler-type=none \
    $APISERVER_FLAGS
  [ -z "$(find_component kube-controller-manager)" ] || write_controller_manager "$dir" $((PORT + 3)) "$HPA_SYNC"
}

# The parent of all servers. Its descriptors are not ours, or the janitor would wait for it and not for us.
start_parent() {
  local enter=()
  [ "$NODES" = 0 ] || enter=(unshare --pid --mount --net --fork --kill-child --mount-proc)
  setpriv --pdeathsig KILL "${enter[@]+"${enter[@]}"}" "$BASH" "$here/servers.sh" "$dir" \
    >"$dir/logs/servers.log" 2>&1 </dev/null 7>&- 8>&- &
  parent=$!
  init=$parent
  [ "$NODES" = 0 ] || {
    wait_until 5 child_of "$parent" || die "could not enter namespaces of its own: $(cat "$dir/logs/servers.log")"
    init=$(child_of "$parent")
  }
  echo "$init" >"$dir/init"
}
child_of() { tr -d ' \n' <"/proc/$1/task/$1/children" | grep .; }

end_parent() {
  trap '' TERM INT
  # With a node it is process 1 of its namespace: when it dies, the kernel ends all others in there.
  if [ "$NODES" = 0 ]; then kill -TERM "$init"; else kill -KILL "$init"; fi 2>/dev/null || true
  wait "$parent" || true
}

# Ends us when that process ends; ends itself when we do.
watch_owner() { # PID: sets watch
  # shellcheck disable=SC2016 # for the inner shell
  setpriv --pdeathsig KILL "$BASH" -c 'setpriv --pdeathsig KILL tail --pid="$1" -s 0.2 -f /dev/null; kill -TERM "$PPID"' \
    watch "$1" 7>&- 8>&- &
  watch=$!
}

supervise() { # DIR STARTER OWNER: process ids; OWNER 0 is nobody
  dir=$1
  cd /
  exec 8<"$dir/lock"
  flock -n 8 || die "$dir is in use"
  setsid "$BASH" "$here/cluster" janitor "$dir" >/dev/null 2>&1 </dev/null 7>&- 8>&- &
  echo $! >"$dir/janitor"
  trap 'exit 1' TERM INT
  watch_owner "$2"
  mkdir -p "$dir"/{run,logs,pki}
  parent=""
  trap '[ -z "$parent" ] || end_parent' EXIT
  start_parent
  if [ "$NODES" = 0 ]; then plan_control_plane; else plan_node; fi
  all_certificates "$dir" "$SERVER" "$NODE_IP"
  [ "$NODES" = 0 ] || for_each_node write_kubelet
  SERVERS=$(cd "$dir/run" && echo *)
  write_settings
  touch "$dir/go"
  ready_or_die 180 "the API server" apiserver_ready
  [ ! -e "$dir/run/kube-controller-manager" ] || ready_or_die 120 "the controllers" controllers_ready
  [ "$NODES" = 0 ] || finish_node
  write_env
  kill "$watch" # from now on it is nobody's, or another's
  [ "$3" = 0 ] || watch_owner "$3"
  touch "$dir/ready"
  wait "$parent" || true
}

# Removes all that is left of a cluster whose processes have ended. The caller holds DIR/lock.
clean() {
  local tries
  [ ! -e "$dir/inner.lock" ] || flock -w 120 "$dir/inner.lock" true || die "servers of $dir do not end"
  if [ -e "$dir/cgroup" ]; then
    # A cgroup can go when its last process is reaped, which takes the kernel a moment.
    for tries in $(seq 50); do
      find /sys/fs/cgroup -depth -type d -path "*/$(cat "$dir/cgroup")*" -exec rmdir {} + 2>/dev/null || true
      [ -n "$(find /sys/fs/cgroup -type d -name "$(cat "$dir/cgroup")" 2>/dev/null)" ] || break
      [ "$tries" != 50 ] || say "cgroups of $dir are still in use"
      sleep 0.1
    done
  fi
  # The marker goes last: what was interrupted in here can be done again.
  find "$dir" -mindepth 1 -maxdepth 1 ! -name lock ! -name "$MARKER" -exec rm -rf --one-file-system {} +
  rm -f "$dir/lock" "$dir/$MARKER"
  rmdir "$dir" 2>/dev/null || true
}

# Waits until nobody owns the cluster, and cleans unless somebody else did.
clean_when_free() { # SECONDS
  { exec 8<"$dir/lock"; } 2>/dev/null || return 0
  flock -w "$1" 8 || die "$dir is still in use after $1 s"
  [ "$(stat -Lc %i /proc/self/fd/8)" = "$(stat -c %i "$dir/lock" 2>/dev/null)" ] || return 0
  clean
}

janitor() {
  dir=$1
  cd /
  clean_when_free 1000000000
}

down() {
  local supervisor
  [ -d "${1:?DIR is missing}" ] || return 0
  dir=$(cd "$1" && pwd)
  [ -e "$dir/$MARKER" ] || die "$dir is not a cluster's folder: nothing done"
  supervisor=$(cat "$dir/supervisor" 2>/dev/null || true)
  # A process id may have been given to another process since.
  if [ -n "$supervisor" ] && tr '\0' ' ' <"/proc/$supervisor/cmdline" 2>/dev/null | grep -qF " supervise $dir "; then
    kill -TERM "$supervisor" 2>/dev/null || true
  fi
  clean_when_free 300
  wait_until 60 test ! -e "$dir/$MARKER" || die "$dir is not gone"
}

up() {
  local started owner=0 foreground=no log path=""
  NODES=0 HPA_SYNC=15s APISERVER_FLAGS="" SERVICE_ACCOUNTS=no
  while [ $# -gt 0 ]; do
    case $1 in
      --node) [ "$NODES" != 0 ] || NODES=1 ;;
      --nodes) NODES=${2:?}; shift ;;
      --hpa-sync) HPA_SYNC=${2:?}; shift ;;
      --service-accounts) SERVICE_ACCOUNTS=yes ;;
      --owner) owner=${2:?}; shift ;;
      --foreground) foreground=yes ;;
      --apiserver-flag) APISERVER_FLAGS="$APISERVER_FLAGS $2"; shift ;;
      -*) die "up: unknown option $1" ;;
      *) [ -z "$path" ] || die "up: one DIR, please"; path=$1 ;;
    esac
    shift
  done
  started=$(date +%s%N)
  # With that plugin no pod starts before the controllers made a token for it, and each carries one.
  [ "$SERVICE_ACCOUNTS" = yes ] || APISERVER_FLAGS="$APISERVER_FLAGS --disable-admission-plugins=ServiceAccount"
  need_binaries
  mkdir -p "${path:?DIR is missing}"
  dir=$(cd "$path" && pwd -P)
  [ -z "$(ls -A "$dir")" ] || die "$dir is not empty (if it is an old cluster: cluster down $dir)"
  case $dir/ in /run/* | /var/log/*) [ "$NODES" = 0 ] || die "DIR may not be below /run or /var/log, which the node has for itself" ;; esac
  touch "$dir/$MARKER" "$dir/lock"
  log=$(mktemp)
  [ "$foreground" = no ] || owner=$$
  NODES=$NODES HPA_SYNC=$HPA_SYNC APISERVER_FLAGS=$APISERVER_FLAGS \
    setsid "$BASH" "$here/cluster" supervise "$dir" $$ "$owner" >/dev/null 2>"$log" </dev/null &
  supervisor=$!
  echo "$supervisor" >"$dir/supervisor"
  # shellcheck disable=SC2064 # now
  trap "rm -f '$log'; kill -TERM $supervisor 2>/dev/null; exit 130" INT TERM
  while [ ! -e "$dir/ready" ]; do
    kill -0 "$supervisor" 2>/dev/null || { wait "$supervisor" || true; cat "$log" >&2; rm -f "$log"; exit 1; }
    sleep 0.05
  done
  rm -f "$log"
  say "up after $(seconds_since "$started") s: $dir/kubeconfig; set up a shell by: . $dir/env"
  [ "$foreground" = no ] || {
    trap 'down "$dir"; exit 130' INT TERM
    cat <&0 >/dev/null & # until the end of standard input, which without <&0 would be none at all
    wait $! || true
    down "$dir"
  }
}

need_binaries() {
  local name
  for name in etcd kubectl; do [ -n "$(find_tool "$name")" ] || die "no $name; cluster build gets it"; done
  [ -n "$(find_component kube-apiserver)" ] || die "no kube-apiserver; make it by: cluster build"
  [ -n "$(find_component kube-controller-manager)" ] || {
    [ "$NODES" = 0 ] || die "a node needs kube-controller-manager, kube-scheduler and kubelet: $KUBEBUILDER_ASSETS lacks them"
    say "no kube-controller-manager in $KUBEBUILDER_ASSETS: no controller will run (no HPA, no StatefulSet)"
  }
}
