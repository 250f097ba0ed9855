# shellcheck shell=bash
# Sourced by `drains`: Fluid itself, of each era that has StatefulSets, races with us.

# Signals to the stand-in alone: what it was told meanwhile waits for it.
pause_fluid() { kill -STOP "${fluid_pids[$name]}"; }
resume_fluid() { kill -CONT "${fluid_pids[$name]}"; }

case_fluid_gives_up() {
  local before
  step "3 -> 1, and Fluid of era C believes that it is done after its first try: we finish alone"
  begin gives-up --era C || return
  alluxio fill data 9 1000
  before=$(held_files)
  wanted 1
  check "Fluid tries at once, and is held" wait_until 30 grep -q "from 3 to 1, and it is 3" "$scratch/fluid-$name.log"
  # What Fluid writes after a partial lowering: wanted and done, so it never tries again.
  pause_fluid
  write_status '{"desiredWorkerNumberScheduled": 1, "currentWorkerNumberScheduled": 1}'
  check "it ends at 1 worker" ends_at 1
  check "it kept its files" kept "$before" 0
  resume_fluid
}
write_status() { # JSON: kubectl of that age can't
  "${as_admin[@]}" -f -m 10 -o /dev/null -X PATCH -H 'Content-Type: application/merge-patch+json' -d "{\"status\": $1}" \
    "$KUBERNETES_SERVER$runtimes/$name/status"
}

case_fluid_never_raises() {
  step "3 -> 1 -> 3, and Fluid of era C, which saw neither, does not raise: we do"
  begin never-raises --era C || return
  alluxio fill data 9 1000
  annotate cooldown=10s
  check "Fluid's status says 3" wait_until 30 desired_is 3
  wanted 1
  check "Fluid tries at once, and is held" wait_until 30 grep -q "from 3 to 1, and it is 3" "$scratch/fluid-$name.log"
  pause_fluid
  check "1 worker is left" wait_until 90 present_is 1
  wanted 3
  check "while the drain is remembered we raise at once" wait_until 10 present_is 3
  resume_fluid
  check "it ends at 3 workers" ends_at 3
}
desired_is() { [ "$(runtime | jq .status.desiredWorkerNumberScheduled)" = "$1" ]; }

case_fluid_never_raises_later() {
  step "2 -> 1 -> 2 after the drain is over, and Fluid of era C does not raise: we do, after 30 s"
  begin raised-later --workers 2 --era C || return
  check "Fluid's status says 2" wait_until 30 desired_is 2
  wanted 1
  check "Fluid tries at once, and is held" wait_until 30 grep -q "from 2 to 1, and it is 2" "$scratch/fluid-$name.log"
  pause_fluid
  check "it ends at 1 worker" ends_at 1
  wanted 2
  check "it ends at 2 workers" ends_at 2
  resume_fluid
  check "it stays so" stays 2 present_is 2
}

case_fluid_raises_too() {
  step "3 -> 1 -> 3 right after the removal, with Fluid of era D: both raise, and it ends at 3"
  begin raises-too || return
  alluxio fill data 9 1000
  wanted 1
  check "1 worker is left" wait_until 90 present_is 1
  wanted 3
  check "it ends at 3 workers" ends_at 3
}

case_era_c() {
  local before
  step "4 -> 2 with Fluid of era C"
  begin era-c --workers 4 --era C || return
  alluxio fill data 12 1000
  before=$(held_files)
  wanted 2
  check "it ends at 2 workers" ends_at 2
  check "they kept their files" kept "$before" 0 1
  check "Fluid shows 2 workers" wait_until 30 desired_is 2
}
