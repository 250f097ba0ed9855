# shellcheck shell=bash
# Sourced by `drains` and by the demo: what can be asked of a cluster with Alluxio in its pods; `dir` is its folder.

alluxio() { Tests/Cluster/cluster alluxio "$1" "$dir" hbase "${@:2}"; }
fs() { alluxio run fs "$@"; }

# What is there.
present() { kubectl get statefulset hbase-worker -o 'jsonpath={.spec.replicas}'; }
drain_status() { kubectl get statefulset hbase-worker -o 'jsonpath={.metadata.annotations.sluice\.dev/drain-status}'; }
held_files() { alluxio list --files | awk '/^  / { print pod, $1 } /^[^ ]/ { pod = $1 }'; } # lines of "pod path"
files_of() { awk -v pod="$1" '$1 == pod { print $2 }' <<<"${2:-$(held_files)}" | sort; } # POD [LISTING]
uids() { kubectl get pods -l role=alluxio-worker -o 'jsonpath={range .items[*]}{.metadata.uid}{"\n"}{end}' | sort; }

# What is waited for.
present_is() { [ "$(present)" = "$1" ] || { say "$(present) workers are wanted; $(drain_status)"; return 1; }; }
gone() { ! kubectl get pod "$1" >/dev/null 2>&1; }
at_rest() { [ -z "$(drain_status)" ] || { drain_status; return 1; }; }
status_says() {
  local seen
  seen=$(drain_status)
  case $seen in *"$1"*) ;; *) say "the status is: $seen"; return 1 ;; esac
}
same() { [ "$1" = "$2" ] || { diff <(echo "$1") <(echo "$2"); return 1; }; }
wanted() { kubectl scale alluxioruntime hbase "--replicas=$1" >/dev/null; }
# A worker that went a moment ago still counts, and writes are sent to it.
live_is() { # COUNT
  [ "$(alluxio run fsadmin report capacity -live 2>/dev/null | grep -c ' capacity ')" = "$1" ]
}
