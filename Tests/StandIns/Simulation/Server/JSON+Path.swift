import Wire

extension JSON {
    /// The value below these names.
    func at(_ path: String...) -> JSON? {
        var value = self
        for name in path {
            guard let next = value[name] else { return nil }
            value = next
        }
        return value
    }

    /// Sets the value below these names, and makes objects on the way; nil removes it.
    mutating func set(_ path: [String], _ value: JSON?) {
        guard let first = path.first else { return }
        if path.count == 1 {
            self[first] = value
            return
        }
        var inner = self[first] ?? [:]
        if case .object = inner {} else { inner = [:] }
        inner.set(Array(path.dropFirst()), value)
        self[first] = inner
    }

    /// The texts of an object of texts, such as labels.
    var texts: [String: String] {
        var result: [String: String] = [:]
        for member in members { result[member.name] = member.value.string }
        return result
    }

    /// Changed by a merge patch (RFC 7386).
    func merged(with patch: JSON) -> JSON {
        guard case .object(let changes) = patch else { return patch }
        var result: JSON = [:]
        if case .object = self { result = self }
        for change in changes {
            if change.value.isNull {
                result[change.name] = Optional<JSON>.none
            } else {
                result[change.name] = (result[change.name] ?? [:]).merged(with: change.value)
            }
        }
        return result
    }
}
