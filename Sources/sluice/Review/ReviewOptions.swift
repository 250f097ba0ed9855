internal import Rules

/// What `sluice review` can be told.
struct ReviewOptions: Sendable {
    /// What is shown of each object.
    enum Output: String, CaseIterable, Sendable {
        /// The manifests as they would be admitted, with every remark as a comment.
        case text
        /// The manifests alone; remarks go to standard error.
        case yaml
        /// The JSON patch of each object, a line each.
        case patch
        /// Everything, for programs.
        case json
    }

    var output = Output.text
    var flavour = CRDFlavour.disablePrometheus
    var namespace = "default"
    var policy = AdmissionPolicy()
    /// Whether each file or folder is a cluster of its own.
    var isEach = false
    /// Whether what a cluster has is judged, instead of files.
    var isServer = false
    /// The only namespace of the cluster that is looked at; nil for all.
    var serverNamespace: String?
    var kubeconfig: String?
    var context: String?

    static let options: [CommandOption] = [
        CommandOption(
            name: "output", letter: "o", argument: .required("text|yaml|patch|json"),
            summary: "annotated manifests, manifests alone, JSON patches, or everything", defaultText: "text"),
        CommandOption(
            name: "namespace", letter: "n", argument: .required("NAME"),
            summary: "of objects that name none; with --server the only one", defaultText: "default; all"),
        CommandOption(
            name: "each",
            summary: "each FILE or DIR, or each folder of a single DIR, is a cluster of its own"),
        CommandOption(
            name: "crd-flavour", argument: .required("monitoring|disablePrometheus"),
            summary: "the AlluxioRuntime of the 2021 proposal, or of Fluid's releases",
            defaultText: "disablePrometheus"),
        CommandOption(
            name: "missing-target", argument: .required("warn|deny"),
            summary: "what an HPA gets whose runtime is not among what is given", defaultText: "warn"),
        CommandOption(
            name: "default-max-replicas", argument: .required("N"),
            summary: "the maximum of a runtime that names none (D103)", defaultText: "10"),
        CommandOption(name: "server", summary: "judge what a cluster has today, instead of files"),
        CommandOption(
            name: "kubeconfig", argument: .required("FILE"),
            summary: "of that cluster; else KUBECONFIG, the pod's account, ~/.kube/config"),
        CommandOption(
            name: "context", argument: .required("NAME"), summary: "the kubeconfig's context; else its current one"),
    ]

    init() {}

    init(_ arguments: ParsedArguments) throws(UsageError) {
        for option in arguments.options {
            do throws(SettingError) {
                switch option.name {
                case "output": output = try SettingValue.choice(option.value, of: Output.self)
                case "namespace":
                    guard !option.value.isEmpty else { throw SettingError(message: "it may not be empty") }
                    namespace = option.value
                    serverNamespace = option.value
                case "crd-flavour": flavour = try SettingValue.choice(option.value, of: CRDFlavour.self)
                case "missing-target":
                    policy.missingTarget = try SettingValue.choice(
                        option.value, of: AdmissionPolicy.MissingTarget.self)
                case "default-max-replicas":
                    policy.defaultMaximum = Int64(try SettingValue.count(option.value, in: 1...Int(Int32.max)))
                case "each": isEach = true
                case "server": isServer = true
                case "kubeconfig": kubeconfig = option.value
                case "context": context = option.value
                default: break
                }
            } catch {
                throw UsageError(message: "--\(option.name): \(error.message)")
            }
        }
        if isServer, let operand = arguments.operands.first {
            throw UsageError(
                message: "--server judges what a cluster has, and takes no files such as \(operand)",
                hint: "leave one of them out")
        }
        guard isServer || kubeconfig == nil && context == nil else {
            throw UsageError(message: "--kubeconfig and --context are for --server")
        }
    }
}
