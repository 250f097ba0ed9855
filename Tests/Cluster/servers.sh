#!/usr/bin/env bash
# The parent of all servers of one cluster. With a node it is process 1 of a process namespace of its own: when it
# ends, however it ends, the kernel ends every process in there, pods too. Without, each server has a parent-death signal.
# It does what comes by DIR/control, a line each: ID VERB NAME [SIGNAL]; the answer is the file DIR/run/ID.
set -eu
dir=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/common.sh"
exec 6>"$dir/inner.lock" # held by every server too: whoever gets it knows that all are gone
flock 6
unset KUBECONFIG http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY
cd /

alive() { [ -e "$dir/run/$1.pid" ] && kill -0 "$(cat "$dir/run/$1.pid")" 2>/dev/null; }
gone() { ! alive "$1"; }

start_server() { # NAME
  ! alive "$1" || return 0
  setpriv --pdeathsig KILL "$dir/run/$1" >>"$dir/logs/$1.log" 2>&1 </dev/null 5>&- &
  echo $! >"$dir/run/$1.pid"
}

stop_server() { # NAME [SIGNAL]
  alive "$1" || return 0
  kill -"${2:-TERM}" "$(cat "$dir/run/$1.pid")"
  # An API server waits a minute for its watchers to go.
  wait_until 3 gone "$1" || kill -KILL "$(cat "$dir/run/$1.pid")" 2>/dev/null || true
  wait_until 5 gone "$1"
}

perform() { # VERB NAME [SIGNAL]
  case $1 in
    start) start_server "$2" ;;
    stop) stop_server "$2" "${3:-TERM}" ;;
    restart) stop_server "$2" "${3:-TERM}" && start_server "$2" ;;
    signal) kill -"${3:-TERM}" "$(cat "$dir/run/$2.pid")" ;;
    alive) alive "$2" ;;
  esac
}

finish() {
  trap '' TERM INT
  # Nothing in here is worth an orderly end: the cluster's state goes with it.
  if [ $$ = 1 ]; then kill -KILL -1 2>/dev/null || true; else
    for file in "$dir"/run/*.pid; do [ ! -e "$file" ] || kill -KILL "$(cat "$file")" 2>/dev/null || true; done
    wait
  fi
  exit 0
}
trap finish TERM INT

wait_until 60 test -e "$dir/go" # written when the settings are
# shellcheck source=/dev/null
. "$dir/settings"

mkfifo "$dir/control"
exec 5<>"$dir/control"
if [ "$NODES" != 0 ]; then
  . "$here/network.sh"
fi
for name in $SERVERS; do start_server "$name"; done
while read -r id verb name signal <&5; do
  [ "$verb" != quit ] || finish
  if perform "$verb" "$name" "$signal"; then result=yes; else result=no; fi
  echo $result >"$dir/run/$id.new"
  mv "$dir/run/$id.new" "$dir/run/$id"
done
