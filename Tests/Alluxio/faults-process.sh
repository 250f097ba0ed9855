# shellcheck shell=bash
# Sourced by `drains`: Sluice dies, or is told something wrong; the API server goes away.

case_killed_in_every_state() {
  local before path
  step "3 -> 2 with Sluice killed in every state, and started again: as if nothing had been"
  begin killed || return
  alluxio fill data 12 1000
  before=$(held_files)
  annotate cooldown=5s
  # A pinned file, so that it stays in Checking.
  path=$(files_of "$name-worker-2" "$before" | head -n 1)
  fs pin "$path" >/dev/null
  wanted 2
  check "killed in Checking" killed_in Checking
  fs unpin "$path" >/dev/null
  check "killed in Freeing" killed_in Freeing
  # With a wrong name for itself it can't leave Removing.
  sluice_flags=(--reconciler-user somebody-else)
  check "killed in Settling" killed_in Settling
  sluice_flags=()
  # A finalizer, so that it stays in Confirming.
  kubectl patch pod "$name-worker-2" --type=merge -p '{"metadata": {"finalizers": ["sluice.test/stay"]}}' >/dev/null
  check "killed in Removing" killed_in Removing
  check "killed in Confirming" killed_in Confirming
  kubectl patch pod "$name-worker-2" --type=merge -p '{"metadata": {"finalizers": null}}' >/dev/null
  check "killed in CoolingDown" killed_in CoolingDown
  check "it ends at 2 workers" ends_at 2
  check "they kept their files" kept "$before" 0 1
}
killed_in() { # STATE
  await_state 60 "$1" || return
  kill_sluice
  # Nobody writes it any more.
  status_says "$1 " && start_sluice
}

case_leader_killed() {
  local before first second health_of_first health_of_second began
  step "3 -> 2 with two reconcilers beside a webhook, and the leader killed: the other one goes on"
  begin leader || return
  alluxio fill data 12 1000
  before=$(held_files)
  restart_sluice --roles webhook --reconciler-user sluice
  health_of_first=$(free_port) health_of_second=$(free_port)
  serve "$(free_port)" "$health_of_first" --roles reconciler
  first=$!
  children+=("$first")
  check "the first leads" wait_until 60 leads "$health_of_first"
  serve "$(free_port)" "$health_of_second" --roles reconciler
  second=$!
  children+=("$second")
  check "the second is up" wait_until 60 ready "$health_of_second"
  check "and does not lead" follows "$health_of_second"
  wanted 2
  check "a drain is under way" await_state 60 Freeing Settling
  end_child KILL "$first"
  began=$SECONDS
  check "the second leads" wait_until 40 leads "$health_of_second"
  # A lease of 15 s, looked at every 2 s.
  check "after no more than 20 s" test $((SECONDS - began)) -le 20
  check "it ends at 2 workers" ends_at 2
  check "they kept their files" kept "$before" 0 1
  end_child TERM "$second"
}
leader_gauge() { curl -fsS --noproxy '*' -m 2 "http://127.0.0.1:$1/metrics" | awk '$1 == "sluice_leader" { print $2 }'; } # PORT
leads() { [ "$(leader_gauge "$1")" = 1 ]; }
follows() { [ "$(leader_gauge "$1")" = 0 ]; }

case_api_server_restarted() {
  local before pid=$sluice_pid
  step "3 -> 2 with the API server restarted in mid-drain"
  begin api-server || return
  alluxio fill data 12 1000
  before=$(held_files)
  wanted 2
  check "a drain is under way" await_state 60 Freeing Settling
  check "the API server is restarted" Tests/Cluster/cluster restart "$dir" kube-apiserver
  check "it ends at 2 workers" ends_at 2
  check "they kept their files" kept "$before" 0 1
  check "Sluice lived through it" kill -0 "$pid"
}
