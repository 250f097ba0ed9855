/// What the rules look at in a write of `alluxioruntimes/scale`: HPAs and `kubectl scale` come this way.
public struct ScaleFacts: Sendable, Hashable {
    /// The runtime's namespace.
    public var namespace: String
    /// The runtime's name.
    public var name: String
    /// `spec.replicas` before; an absent field there is 0.
    public var oldReplicas: Field<Int64>
    /// `spec.replicas` as asked for; an absent field is 0, since Go drops a zero.
    public var newReplicas: Field<Int64>

    /// Makes the facts of one scale request.
    public init(namespace: String, name: String, oldReplicas: Field<Int64>, newReplicas: Field<Int64>) {
        self.namespace = namespace
        self.name = name
        self.oldReplicas = oldReplicas
        self.newReplicas = newReplicas
    }
}
