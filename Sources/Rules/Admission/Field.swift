/// One field of an object as it was received: outside of the API server's own checks it may be anything.
public enum Field<Value: Sendable & Hashable>: Sendable, Hashable {
    /// The field is not there, or null, which Kubernetes reads as the same.
    case absent
    /// The field has a value of the right type.
    case present(Value)
    /// The field has something of another type; `seen` shows it as JSON, cut to a few dozen characters.
    case unreadable(seen: String)

    /// The value, if there is one of the right type.
    public var value: Value? {
        if case .present(let value) = self { value } else { nil }
    }

    /// Says whether the field is absent or null.
    public var isAbsent: Bool {
        if case .absent = self { true } else { false }
    }
}

/// Whether an object that holds other fields is there.
public enum Container: Sendable, Hashable {
    /// Not there, or null: it has to be made before something can be put into it.
    case absent
    /// There, and an object.
    case object
    /// There, and not an object: nothing may be put into it.
    case unreadable
}
