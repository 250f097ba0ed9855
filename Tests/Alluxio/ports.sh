# shellcheck shell=bash
# Sourced by `drains` and `scale`: closes the ports of Alluxio's pods to this machine, as a NetworkPolicy would, so that
# only the way through the API server is left; that one begins in the pods themselves.

closed=() # rules that are in force

close_ports() { # of the runtime `name`
  local master rule range=${NODE_IP/198.18./198.19.}
  master=$(sed -n 's/^alluxio.master.rpc.port=//p' "$dir/alluxio/$name/conf/alluxio-site.properties")
  closed+=("to $NODE_IP ipproto tcp dport $master prohibit" "to ${range%.*}.0/24 ipproto tcp dport 29999 prohibit")
  # shellcheck disable=SC2086 # words
  for rule in "${closed[@]}"; do ip rule add $rule; done
}

open_ports() {
  local rule
  # shellcheck disable=SC2086 # words
  for rule in "${closed[@]+"${closed[@]}"}"; do ip rule del $rule || true; done
  closed=()
}
