# shellcheck shell=bash
# Images without a registry: busybox and files of our own in one layer, as a docker archive.

find_busybox() { # Debian's busybox-static
  local path
  path=$(find_tool busybox)
  [ -n "$path" ] || die "no busybox; install the package busybox-static"
  echo "$path"
}

# The libraries that a program loads, and what loads them, where it looks for them.
libraries_of() { ldd "$1" | grep -o '/[^ ]*' | sed 's/.*/&=&/'; } # FILE

make_image() { # ARCHIVE NAME [--program FILE=PATH-IN-IMAGE] [FILE=PATH-IN-IMAGE...]
  local archive=$1 name=$2 work applet pair target start='"Cmd": ["/bin/sleep", "2147483647"]'
  shift 2
  if [ "${1:-}" = --program ]; then
    start="\"Entrypoint\": [\"${2#*=}\"]"
    # shellcheck disable=SC2046 # words
    set -- "${@:2}" $(libraries_of "${2%%=*}")
  fi
  work=$(mktemp -d)
  mkdir -p "$work"/root/{bin,tmp,etc}
  cp "$(find_busybox)" "$work/root/bin/busybox"
  for applet in $("$work/root/bin/busybox" --list); do
    [ "$applet" = busybox ] || ln -s busybox "$work/root/bin/$applet"
  done
  echo 'root:x:0:0:root:/:/bin/sh' >"$work/root/etc/passwd"
  for pair in "$@"; do
    target=$work/root/${pair#*=}
    mkdir -p "$(dirname "$target")"
    cp -RL "${pair%%=*}" "$target"
  done
  tar -C "$work/root" --owner=0 --group=0 --sort=name -cf "$work/layer.tar" .
  cat >"$work/config.json" <<END
{"architecture": "$(dpkg --print-architecture)", "os": "linux",
 "config": {"Env": ["PATH=/usr/local/bin:/usr/bin:/bin"], $start},
 "rootfs": {"type": "layers", "diff_ids": ["sha256:$(sha256sum "$work/layer.tar" | cut -d ' ' -f 1)"]}}
END
  echo "[{\"Config\": \"config.json\", \"RepoTags\": [\"$name\"], \"Layers\": [\"layer.tar\"]}]" >"$work/manifest.json"
  tar -C "$work" -cf "$archive" manifest.json config.json layer.tar
  rm -rf "$work"
}

import_image() { # N ARCHIVE
  inside ctr --address "/run/containerd-$1.sock" --namespace k8s.io images import --snapshotter native - <"$2" >/dev/null
}

# `cluster image DIR NAME [--program FILE=PATH-IN-IMAGE] [FILE=PATH-IN-IMAGE...]`
image() {
  local archive node
  need_cluster "${1:-}"
  [ "$NODES" != 0 ] || die "image: this cluster has no node (cluster up --node)"
  archive=$(mktemp)
  # shellcheck disable=SC2064 # now
  trap "rm -f '$archive'" EXIT
  make_image "$archive" "${2:?NAME of the image is missing}" "${@:3}"
  for node in $(seq "$NODES"); do import_image "$node" "$archive"; done
}
