# shellcheck shell=bash
# Commands to a running cluster's servers.

control() { # VERB NAME [SIGNAL]
  local id
  [ -e "$dir/run/$2" ] || die "$2: no such server (there are: $SERVERS)"
  id=$1-$$-$RANDOM
  echo "$id $*" >"$dir/control"
  wait_until 40 test -e "$dir/run/$id" || die "no answer: is the cluster still up?"
  [ "$(cat "$dir/run/$id")" = yes ] || { rm "$dir/run/$id"; return 1; }
  rm "$dir/run/$id"
}

# `cluster restart|start|stop|kill|pause|resume DIR NAME`
server_command() { # VERB DIR NAME
  need_cluster "${2:-}"
  local name=${3:?NAME of a server is missing (there are: $SERVERS)}
  case $1 in
    restart | start | stop) control "$1" "$name" ;;
    kill) control stop "$name" KILL ;;
    pause) control signal "$name" STOP ;;
    resume) control signal "$name" CONT ;;
  esac || die "$1 $name failed"
  case $1/$name in
    restart/kube-apiserver | start/kube-apiserver) wait_until 180 apiserver_ready || die "kube-apiserver is not ready after 180 s" ;;
  esac
}

status() {
  need_cluster "${1:-}"
  for name in $SERVERS; do
    if control alive "$name"; then echo "$name runs"; else echo "$name is down"; fi
  done
}
