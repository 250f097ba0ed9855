# shellcheck shell=bash
# Certificates and kubeconfigs: one authority, short keys (EC P-256: 10 ms each), all below DIR/pki.

new_authority() { # DIR/pki
  mkdir -p "$1"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=local-kubernetes \
    -keyout "$1/ca.key" -out "$1/ca.crt" 2>/dev/null
}

# Without names it is a client certificate only.
new_certificate() { # DIR/pki FILE SUBJECT [SUBJECT-ALTERNATIVE-NAMES]
  local pki=$1 file=$1/$2
  {
    echo "basicConstraints=CA:FALSE"
    echo "extendedKeyUsage=clientAuth${4:+,serverAuth}"
    [ -z "${4:-}" ] || echo "subjectAltName=$4"
  } >"$file.extensions"
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "$3" -keyout "$file.key" -out "$file.csr" 2>/dev/null
  # A random serial number, so that two of these at once need no common file.
  openssl x509 -req -in "$file.csr" -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -set_serial "0x$(openssl rand -hex 16)" \
    -days 30 -extfile "$file.extensions" -out "$file.crt" 2>/dev/null
  rm "$file.csr" "$file.extensions"
}

as_base64() { base64 -w 0 <"$1"; }

# Everything is inside the file, so that it can be copied anywhere.
new_kubeconfig() { # DIR/pki CERTIFICATE SERVER FILE
  (
    umask 077
    cat >"$4.new" <<END
apiVersion: v1
kind: Config
clusters:
- name: local
  cluster: {server: "$3", certificate-authority-data: $(as_base64 "$1/ca.crt")}
users:
- name: $2
  user: {client-certificate-data: $(as_base64 "$1/$2.crt"), client-key-data: $(as_base64 "$1/$2.key")}
contexts:
- name: local
  context: {cluster: local, user: $2}
current-context: local
END
    mv "$4.new" "$4"
  )
}

all_certificates() { # DIR SERVER ADDRESS...
  local pki=$1/pki server=$2 kubeconfig=$1/kubeconfig names
  shift 2
  names="DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:$SERVICE_ADDRESS"
  for address in "$@"; do names="$names,IP:$address"; done
  new_authority "$pki"
  new_certificate "$pki" apiserver /CN=kube-apiserver "$names"
  new_certificate "$pki" kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client
  new_certificate "$pki" front-proxy /CN=front-proxy-client
  new_certificate "$pki" admin /O=system:masters/CN=admin
  new_certificate "$pki" controller-manager /CN=system:kube-controller-manager
  new_certificate "$pki" scheduler /CN=system:kube-scheduler
  openssl genrsa -out "$pki/service-account.key" 2048 2>/dev/null
  for user in controller-manager scheduler; do new_kubeconfig "$pki" "$user" "$server" "$pki/$user.kubeconfig"; done
  new_kubeconfig "$pki" admin "$server" "$kubeconfig"
}

# `cluster user DIR NAME [GROUP...]`
user() {
  local name group subject=""
  need_cluster "${1:-}"
  name=${2:?NAME is missing}
  shift 2
  [[ $name =~ ^[A-Za-z0-9:.@_-]+$ ]] || die "$name: not a name for a user"
  for group in "$@"; do subject="$subject/O=$group"; done
  # A user's certificate is no server's, and its file can't be taken for one of the cluster's own.
  new_certificate "$dir/pki" "user-$name" "$subject/CN=$name"
  new_kubeconfig "$dir/pki" "user-$name" "$SERVER" "$dir/$name.kubeconfig"
  echo "$dir/$name.kubeconfig"
}
