# shellcheck shell=bash
# Sourced by `demo`: how a step is shown, what it is compared with, and what is counted.

# Colours only on a terminal.
if [ -t 1 ]; then bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'; else bold='' dim='' green='' red='' plain=''; fi

steps=0 checks=0 failures=0
output='' status=0   # of the last `run`
log_seen=0           # bytes of Sluice's log that were shown

say() { printf '%s\n' "$*"; }
progress() { printf '%s\n' "${dim}[$(elapsed)] $*${plain}"; }
elapsed() { printf '%3d s' $SECONDS; }
die() { printf '%s\n' "demo: $*" >&2; exit 1; }

step() { # HEADING
  steps=$((steps + 1))
  printf '\n%s\n' "$bold$steps. $*$plain"
}

# The command as one would type it.
typed() {
  local word
  printf '%s' "$bold\$"
  for word in "$@"; do
    case $word in
      '' | *[!A-Za-z0-9_./:=,@%+-]*) printf " '%s'" "${word//\'/\'\\\'\'}" ;;
      *) printf ' %s' "$word" ;;
    esac
  done
  printf '%s\n' "$plain"
}

run() { # COMMAND...: shows it and what it says; sets output and status
  typed "$@"
  status=0
  output=$("$@" 2>&1) || status=$?
  [ -z "$output" ] || printf '%s\n' "$output"
}

# What Sluice wrote since the last time, as soon as it is there.
log_lines() {
  local tries
  for tries in $(seq 20); do
    [ "$(stat -c %s "$log")" -le "$log_seen" ] || break
    sleep 0.05
  done
  tail -c "+$((log_seen + 1))" "$log" | sed "s/^/  ${dim}sluice: /;s/\$/$plain/"
  log_seen=$(stat -c %s "$log")
}

check() { # WHAT COMMAND...: the command's status says whether it is so
  local what=$1
  shift
  checks=$((checks + 1))
  if "$@" >"$scratch/check" 2>&1; then
    printf '  %s\n' "${green}ok$plain      $what"
  else
    failures=$((failures + 1))
    printf '  %s\n' "${red}FAILED$plain  $what"
    sed 's/^/          /' "$scratch/check"
  fi
}

# What `run` said and how it ended.
succeeded() { [ "$status" = 0 ] || { say "status $status"; return 1; }; }
refused() { [ "$status" != 0 ] || { say "it was not refused"; return 1; }; }
says() { # TEXT
  case $output in *"$1"*) ;; *) say "its output does not have: $1"; return 1 ;; esac
}

# The world, as the API server has it.
field() { # OBJECT JSONPATH WANTED
  local seen
  seen=$(kubectl get "$1" -o "jsonpath={$2}") || return 1
  [ "$seen" = "$3" ] || { say "$1 has $2 = '$seen', wanted '$3'"; return 1; }
}
annotation() { # OBJECT NAME WANTED
  field "$1" ".metadata.annotations.${2//./\\.}" "$3"
}
absent() { # OBJECT
  local seen
  seen=$(kubectl get "$1" --ignore-not-found -o name) || return 1
  [ -z "$seen" ] || { say "$1 is there"; return 1; }
}

wait_until() { # SECONDS COMMAND...
  local tries=$(($1 * 10))
  shift
  while ! "$@" >"$scratch/wait" 2>&1; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { cat "$scratch/wait"; return 1; }
    sleep 0.1
  done
}

peak_memory() { awk '/^VmHWM:/ { printf "%.1f MiB", $2 / 1024 }' "/proc/$1/status"; } # PID
below_peak() { [ "$(awk '/^VmHWM:/ { print $2 }' "/proc/$1/status")" -le "$2" ]; } # PID KiB

free_port() { # prints a port that nobody listens on, below those that the kernel gives out
  local port
  while :; do
    port=$((18000 + RANDOM % 2000))
    (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  echo "$port"
}

summary() { # says how it went; status 0 if all was as it should be
  printf '\n%s\n' "$bold$((checks - failures)) passed, $failures failed ($steps steps, $SECONDS s)$plain"
  [ "$failures" = 0 ]
}
