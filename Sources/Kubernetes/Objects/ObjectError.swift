/// Why an object can't be read: a field that has another type than its schema says.
public struct ObjectError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The field's path, such as `spec.tieredstore.levels[0].quota`; empty for the object as a whole.
    public var path: String
    /// What is wrong, such as `is not an integer`.
    public var problem: String

    /// Makes an error.
    public init(path: String = "", problem: String) {
        self.path = path
        self.problem = problem
    }

    /// Path and problem, for people.
    public var description: String { path.isEmpty ? "the object \(problem)" : "\(path) \(problem)" }

    /// The same error, seen from one level further up.
    func below(_ parent: String) -> ObjectError {
        guard !path.isEmpty else { return ObjectError(path: parent, problem: problem) }
        return ObjectError(path: path.hasPrefix("[") ? parent + path : "\(parent).\(path)", problem: problem)
    }
}
