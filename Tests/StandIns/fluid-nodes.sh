# shellcheck shell=bash
# shellcheck disable=SC2154 # of `fluid`, which sources this: its arguments, and the variables of its function `sync`
# The eras of Fluid whose workers are a DaemonSet, placed by the labels of nodes.

common=data.fluid.io/storage-$namespace-$name

# What `sync` does about a DaemonSet; the runtime is $object, its worker set $set, and $wanted workers are wanted.
sync_nodes() {
  local node
  counted=$(jq '.status.currentWorkerNumberScheduled // empty' <<<"$object")
  desired=$(jq '.status.desiredWorkerNumberScheduled // 0' <<<"$object")
  if [ -z "$counted" ]; then
    counted=0
    for node in $(nodes_with =true); do label "$node" true && counted=$((counted + 1)); done
    desired=$counted
  elif [ "$wanted" -gt "$counted" ]; then
    counted=$(nodes_with =true | wc -l)
    for node in $(nodes_with '!'); do
      [ "$counted" -lt "$wanted" ] || break
      label "$node" true && counted=$((counted + 1)) && echo "placed a worker on $node"
    done
    desired=$wanted
  elif [ "$wanted" -lt "$counted" ]; then
    if [ "$era" = A ]; then echo "from $counted to $wanted: scale in to be implemented"
    else scale_in; fi
  fi
  status "$object" "$desired" "$counted" "$(jq '.status.numberReady // 0' <<<"$set")"
}

nodes_with() { # =true|!: the nodes that have the common label, or have it not
  local selector=$common$1
  [ "$1" != '!' ] || selector="!$common"
  api GET "/api/v1/nodes?labelSelector=${selector//\//%2F}" | jq -r '.items[].metadata.name'
}

label() { # NODE true|false: gives a node the labels of a worker, or takes them away
  jq -n --argjson placed "$2" --arg id "$namespace-$name" --arg owner "${namespace}_$name" '"data.fluid.io/storage-" as $prefix |
    {($prefix + $id): "true", ($prefix + "alluxio-" + $id): "true", ($prefix + "human-alluxio-mem-" + $id): "256MiB",
     ($prefix + "human-alluxio-total-" + $id): "256MiB", fluid_exclusive: $owner} |
    {metadata: {labels: (if $placed then . else map_values(null) end)}}' |
    api PATCH "/api/v1/nodes/$1" merge-patch+json >/dev/null
}

# Era B: the least used of the nodes that no pod needs lose their labels, whatever their workers hold.
scale_in() {
  local used node
  # By the nodes themselves: the status may not have been written, when somebody else wrote at that moment.
  counted=$(nodes_with =true | wc -l)
  used=$(used_bytes)
  for node in $(free_nodes | while read -r node address; do echo "$(awk -v host="$address" '$1 == host { print $2 }' <<<"$used") $node"; done |
    awk '{ print (NF > 1 ? $1 : 0), $NF }' | sort -n | cut -d ' ' -f 2); do
    [ "$counted" -gt "$wanted" ] || break
    label "$node" false && counted=$((counted - 1)) && echo "took the worker from $node"
  done
  desired=$wanted
  [ "$counted" = "$wanted" ] ||
    echo "RuntimeScaleInFailed: workers are being used by some pods (expected replicas: $wanted, current replicas: $counted)"
}

free_nodes() { # nodes with a worker on which no pod that has not ended mounts the dataset; each with its address
  local users
  users=$(api GET "/api/v1/namespaces/$namespace/pods" | jq -c --arg name "$name" '[.items[]
    | select(.status.phase != "Succeeded" and .status.phase != "Failed")
    | select(any(.spec.volumes[]?; .persistentVolumeClaim.claimName == $name)) | .spec.nodeName]')
  api GET "/api/v1/nodes?labelSelector=${common//\//%2F}=true" | jq -r --argjson users "$users" '.items[]
    | select(.metadata.name as $node | $users | index($node) | not)
    | .metadata.name + " " + (.status.addresses[] | select(.type == "InternalIP").address)'
}

# Lines of "address bytes", by Alluxio's own report. On Fluid's host network a worker that comes back is the lost one again;
# in pods' network the lost one stays in the report beside it, so only the live ones are asked for.
used_bytes() {
  kubectl --namespace "$namespace" exec "$name-master-0" -c alluxio-master -- alluxio fsadmin report capacity -live 2>/dev/null |
    awk 'function bytes(text) { match(text, /[A-Z]+$/); return text * 1024 ^ (index("BKMGT", substr(text, RSTART, 1)) - 1) }
      / capacity / { worker = $1 } $1 == "used" && worker { print worker, bytes($2); worker = "" }' || true
}
