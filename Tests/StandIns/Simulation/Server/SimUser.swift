/// Who asks the API server.
enum SimUser: Hashable, CustomStringConvertible {
    /// A process of an installation of ours: of which installation, and which of its processes.
    case sluice(installation: Int, process: Int)
    case fluid
    case person
    /// The controllers of Kubernetes, and kubelets.
    case kubernetes

    /// The name as admission sees it.
    var name: String {
        switch self {
        case .sluice(let installation, _): "system:serviceaccount:sluice-\(installation):sluice"
        case .fluid: "system:serviceaccount:fluid-system:alluxioruntime-controller"
        case .person: "kubernetes-admin"
        case .kubernetes: "system:kube-controller-manager"
        }
    }

    var isSluice: Bool { if case .sluice = self { true } else { false } }

    var description: String {
        switch self {
        case .sluice(let installation, let process): "sluice-\(installation)/\(process)"
        case .fluid: "fluid"
        case .person: "person"
        case .kubernetes: "kubernetes"
        }
    }
}
