# shellcheck shell=bash
# Sourced by `drains`: what the client and a worker say, to the byte. It runs on a real Alluxio and on the stand-in, which is
# thereby held to what the real one does.

same_words() {
  local folder=$dir/ufs/$name/words file
  step "What Alluxio says"
  mkdir -p "$folder/sub"
  for file in a b sub/c; do head -c 1000 /dev/urandom >"$folder/$file"; done
  check "a folder is loaded" answers 0 $'/words/a loaded\n/words/b loaded\n/words/sub/c loaded\n/words/sub loaded\n/words loaded' fs load /words
  check "a worker's list has the fields that it should" list_has_fields
  check "of several paths the first is freed" answers 0 "$(freed a)" fs free /words/a /words/b
  check "the other one is not" cached 100% b
  check "a wildcard is each of its matches" answers 0 "$(freed a b sub)" fs free '/words/*'
  check "a slash at the end is none" answers 0 '/words was successfully freed from Alluxio space.' fs free /words/
  check "what follows a ? is no part of a path" answers 255 'Path "/words/q" does not exist.' fs free '/words/q?m'
  check "no path" answers 255 'Path "/nope" does not exist.' fs free /nope
  check "no match in a folder" answers 255 '/words/z* does not exist.' fs free '/words/z*'
  check "no match and no folder" \
    answers 255 'alluxio.exception.FileDoesNotExistException: Path "/nope" does not exist.' fs free '/nope/*'
  check "a path that is none" answers 255 'Path "words" is invalid.' fs free words
  check "no argument" answers 255 "Command free requires at least 1 arguments (0 provided)
$free_usage" fs free
  check "an option that is none" answers 255 "Failed to parse args for free: Unrecognized option: --include
$free_usage" fs free --include x /words
  refused_words
  check "no lost worker" answers 0 'No workers found.' fsadmin report capacity -lost
  check "the report's table" capacity_table
  case $(alluxio run fsadmin report summary | awk '$1 == "Version:" { print $2 }') in
    2.[3-8].* | 2.9.[0-3])
      check "no freeWorker" answers 255 'Usage: alluxio fs [generic options]' fs freeWorker 127.0.0.1
      check "as it says elsewhere" grep -qx 'freeWorker is an unknown command.' "$scratch/errors"
      ;;
    *) check "no such worker" answers 255 'Worker 127.0.0.1 is not found in Alluxio.' fs freeWorker 127.0.0.1 ;;
  esac
}
free_usage='Usage: free [-f] <path>
Frees the space occupied by a file or a directory in Alluxio. Specify -f to force freeing pinned files in the directory.'

# With a pinned file, and with one that is only in the cache.
refused_words() {
  # By heartbeats: loaded before that, it would still go.
  check "a freed folder's file is gone" wait_until 5 cached 0% sub/c
  alluxio run fs load /words >/dev/null
  check "a file is pinned" answers 0 "File '/words/sub/c' was successfully pinned." fs pin /words/sub/c
  check "a pinned file refuses its folder" answers 255 'Cannot free file /words/sub/c which is pinned. '\
'Please unpin it first or set the "forced" flag of free operation to true' fs free /words
  check "and is still cached" cached 100% sub/c
  check "by force it goes" answers 0 "$(freed sub/c)" fs free -f /words/sub/c
  check "and is not pinned any more" answers 0 '' fs ls -R -p /words
  check "a file is written to the cache alone" answers 0 "Copied file:///etc/alluxio/log4j.properties to /words/only" \
    fs -Dalluxio.user.file.writetype.default=MUST_CACHE cp file:///etc/alluxio/log4j.properties /words/only
  check "it refuses to be freed" answers 255 'Cannot free file /words/only which is not persisted' fs free /words/only
  check "by force too" answers 255 'Cannot free file /words/only which is not persisted' fs free -f /words
  check "and is still cached" cached 100% only
  check "it is persisted" answers 0 $'Found 1 files to persist.\n(1/1) Successfully persisted file: /words/only' fs persist /words
  check "now it goes" answers 0 "$(freed only)" fs free /words/only
}

answers() { # STATUS OUTPUT WORD...: of the client; the list of all commands, which ends a usage, does not count
  local code=0 said
  alluxio run "${@:3}" >"$scratch/said" 2>"$scratch/errors" || code=$?
  said=$(grep -v $'^\t' "$scratch/said" || true)
  same "$1 $2" "$code $said"
}
freed() { printf '/words/%s was successfully freed from Alluxio space.\n' "$@"; }
cached() { # SHARE FILE
  local said
  said=$(alluxio run fs ls "/words/$2")
  case $said in *" $1 /words/$2"*) ;; *) say "$said"; return 1 ;; esac
}

list_has_fields() {
  local pod page
  for pod in $(kubectl get pods -l "release=$name,role=alluxio-worker" -o name); do
    page=$(kubectl get --raw "/api/v1/namespaces/default/pods/http:${pod#pod/}:30000/proxy/api/v1/worker/webui_blockinfo?offset=0&limit=1")
    [ "$(jq .ntotalFile <<<"$page")" = 0 ] || break
  done
  same "$(tr -d '\n ' <<'END'
[["blockSizeBytes","fatalError","fileBlocksOnTier","fileInfos","invalidPathError","ntotalFile","orderedTierAliases","path"],
["absolutePath","blockIds","blockSizeBytes","blocksOnTier","creationTime","fileLocations","group","id","inAlluxio",
"inAlluxioPercentage","isDirectory","mode","modificationTime","name","onTierPercentages","owner","persistenceState","pinned","size"],
["blockLength","id","isInHighestTier","lastAccessTimeMs","locations"],1000,"1000B"]
END
  )" "$(jq -c '[keys, (.fileInfos[0] | keys, (.blocksOnTier.MEM[0] | keys, .blockLength), .size)]' <<<"$page")"
}

# All three workers have the node's name. Whose heartbeat is how old does not count, nor do the columns that 2.9.4 brought.
capacity_table() {
  wait_until 2 nothing_used || return # each look takes seconds
  alluxio run fsadmin report capacity -live | sed -E '/vCPUs/d; s/^([0-9.]+ +)[0-9]( +capacity)/\1N\2/' >"$scratch/said"
  same "Capacity information for live workers:"$' \n'"    Total Capacity: 768.00MB
        Tier: MEM  Size: 768.00MB
    Used Capacity: 0B
        Tier: MEM  Size: 0B
    Used Percentage: 0%
    Free Percentage: 100%" "$(head -n 8 "$scratch/said")" || return
  if grep -q Revision "$scratch/said"; then
    [ "$(grep -c "^$NODE_IP .* ACTIVE .* capacity  *256.00MB " "$scratch/said")" = 3 ]
  else
    same "$(printf '%-16s %-16s %-13s %s\n' 'Worker Name' 'Last Heartbeat' Storage MEM \
      "$NODE_IP" N capacity 256.00MB '' '' used '0B (0%)' "$NODE_IP" N capacity 256.00MB '' '' used '0B (0%)' \
      "$NODE_IP" N capacity 256.00MB '' '' used '0B (0%)')" "$(tail -n +9 "$scratch/said")"
  fi
}
nothing_used() { [ "$(alluxio run fs getUsedBytes)" = "Used Bytes: 0" ]; }
