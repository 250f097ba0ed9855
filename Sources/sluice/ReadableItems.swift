internal import Kubernetes
internal import Wire

/// The items of a list that can be read, and a line for each that can't.
struct ReadableItems<Object> {
    private(set) var objects: [Object] = []
    /// Such as `AlluxioRuntime default/hbase is left out: spec.replicas is not an integer`.
    private(set) var problems: [String] = []

    init(_ items: JSONValue?, of kind: String, read: (JSONValue) throws(ObjectError) -> Object) {
        guard let items else { return }
        for item in items.elements {
            do throws(ObjectError) {
                objects.append(try read(item))
            } catch {
                let namespace = item["metadata"]?["namespace"]?.string ?? "?"
                let name = item["metadata"]?["name"]?.string ?? "?"
                problems.append("\(kind) \(namespace)/\(name) is left out: \(error)")
            }
        }
    }
}
