# shellcheck shell=bash
# The command line of each server of the control plane, written as a script DIR/run/NAME that can be run again.

version_at_least() { # COMPONENT MINOR
  local minor
  minor=$("$(find_component "$1")" --version | sed -n 's/^Kubernetes v1\.\([0-9]*\).*/\1/p')
  [ "${minor:-0}" -ge "$2" ]
}

write_server() { # DIR NAME WORD...
  local file=$1/run/$2
  shift 2
  { echo "#!/bin/sh"; printf 'exec'; printf " '%s'" "$@"; echo; } >"$file"
  chmod +x "$file"
}

write_etcd() { # DIR ADDRESS CLIENT-PORT PEER-PORT
  local peer=http://$2:$4
  write_server "$1" etcd "$(find_tool etcd)" --name=local --data-dir="$1/etcd" --unsafe-no-fsync --log-level=warn --logger=zap \
    --listen-client-urls="http://$2:$3" --advertise-client-urls="http://$2:$3" \
    --listen-peer-urls="$peer" --initial-advertise-peer-urls="$peer" --initial-cluster="local=$peer"
}

write_apiserver() { # DIR ETCD-URL BIND-ADDRESS ADVERTISED-ADDRESS PORT [FLAG...]
  local dir=$1 pki=$1/pki etcd=$2 bind=$3 advertised=$4 port=$5
  shift 5
  write_server "$dir" kube-apiserver "$(find_component kube-apiserver)" --etcd-servers="$etcd" \
    --bind-address="$bind" --advertise-address="$advertised" --secure-port="$port" \
    --tls-cert-file="$pki/apiserver.crt" --tls-private-key-file="$pki/apiserver.key" --client-ca-file="$pki/ca.crt" \
    --service-account-issuer=https://kubernetes.default.svc --service-account-key-file="$pki/service-account.key" \
    --service-account-signing-key-file="$pki/service-account.key" --service-cluster-ip-range="$SERVICE_NETWORK" \
    --authorization-mode=Node,RBAC --allow-privileged=true \
    --kubelet-client-certificate="$pki/kubelet-client.crt" --kubelet-client-key="$pki/kubelet-client.key" \
    --kubelet-preferred-address-types=InternalIP \
    --requestheader-client-ca-file="$pki/ca.crt" --requestheader-allowed-names=front-proxy-client \
    --requestheader-extra-headers-prefix=X-Remote-Extra- --requestheader-group-headers=X-Remote-Group \
    --requestheader-username-headers=X-Remote-User --enable-aggregator-routing=true \
    --proxy-client-cert-file="$pki/front-proxy.crt" --proxy-client-key-file="$pki/front-proxy.key" \
    --profiling=false "$@"
}

# It starts beside the API server, before that has made the roles: without the tolerance it would give up at once.
write_controller_manager() { # DIR PORT HPA-SYNC [FLAG...]
  local dir=$1 pki=$1/pki port=$2 sync=$3 only_old=()
  shift 3
  # An insecure port and the HPA's choice of client exist only in old versions.
  version_at_least kube-controller-manager 24 || only_old=(--port=0 --horizontal-pod-autoscaler-use-rest-clients=true)
  write_server "$dir" kube-controller-manager "$(find_component kube-controller-manager)" \
    --kubeconfig="$pki/controller-manager.kubeconfig" --authentication-kubeconfig="$pki/controller-manager.kubeconfig" \
    --authorization-kubeconfig="$pki/controller-manager.kubeconfig" --leader-elect=false \
    --bind-address=127.0.0.1 --secure-port="$port" --cert-dir="$dir/controller-manager" \
    --authentication-tolerate-lookup-failure=true \
    --use-service-account-credentials=true --service-account-private-key-file="$pki/service-account.key" \
    --root-ca-file="$pki/ca.crt" --cluster-signing-cert-file="$pki/ca.crt" --cluster-signing-key-file="$pki/ca.key" \
    --horizontal-pod-autoscaler-sync-period="$sync" "${only_old[@]+"${only_old[@]}"}" "$@"
}

write_scheduler() { # DIR PORT
  local kubeconfig=$1/pki/scheduler.kubeconfig only_old=()
  version_at_least kube-scheduler 24 || only_old=(--port=0)
  write_server "$1" kube-scheduler "$(find_component kube-scheduler)" --kubeconfig="$kubeconfig" \
    --authentication-kubeconfig="$kubeconfig" --authorization-kubeconfig="$kubeconfig" --leader-elect=false \
    --bind-address=127.0.0.1 --secure-port="$2" --cert-dir="$1/scheduler" "${only_old[@]+"${only_old[@]}"}"
}
