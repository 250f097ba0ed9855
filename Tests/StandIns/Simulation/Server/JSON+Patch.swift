import Wire

extension JSON {
    /// Changed by a JSON patch (RFC 6902); nil if a test fails or a place is not there.
    func patched(with operations: JSON) -> JSON? {
        var result = self
        for operation in operations.elements {
            guard let path = operation["path"]?.string, let parts = JSONPointer.split(path) else { return nil }
            switch operation["op"]?.string {
            case "test":
                guard let found = result.value(at: parts[...]), let wanted = operation["value"],
                    found.isEquivalent(to: wanted)
                else { return nil }
            case "add", "replace":
                guard let value = operation["value"],
                    let changed = result.replacing(
                        parts[...], with: value, isInserted: operation["op"]?.string == "add")
                else { return nil }
                result = changed
            case "remove":
                guard let changed = result.replacing(parts[...], with: nil, isInserted: false) else { return nil }
                result = changed
            default: return nil
            }
        }
        return result
    }

    private func value(at path: ArraySlice<String>) -> JSON? {
        guard let first = path.first else { return self }
        let next = Int(first).flatMap { self[$0] } ?? self[first]
        return next?.value(at: path.dropFirst())
    }

    private func replacing(_ path: ArraySlice<String>, with value: JSON?, isInserted: Bool) -> JSON? {
        guard let first = path.first else { return value }
        let isLast = path.count == 1
        switch self {
        case .object:
            var result = self
            if isLast {
                guard isInserted || result[first] != nil else { return nil }
                result[first] = value
            } else {
                guard let inner = result[first]?.replacing(path.dropFirst(), with: value, isInserted: isInserted)
                else { return nil }
                result[first] = inner
            }
            return result
        case .array(var elements):
            let index = first == "-" ? elements.count : Int(first) ?? -1
            guard index >= 0, index < elements.count || (isLast && isInserted && index == elements.count) else {
                return nil
            }
            if !isLast {
                guard let inner = elements[index].replacing(path.dropFirst(), with: value, isInserted: isInserted)
                else { return nil }
                elements[index] = inner
            } else if let value {
                if isInserted { elements.insert(value, at: index) } else { elements[index] = value }
            } else {
                elements.remove(at: index)
            }
            return .array(elements)
        default: return nil
        }
    }
}
