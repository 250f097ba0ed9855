internal import Kubernetes
internal import Rules
