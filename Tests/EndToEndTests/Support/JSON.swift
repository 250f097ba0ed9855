import Foundation

/// A JSON value as tests look at it: `object["spec"]["replicas"].int`.
struct JSON: @unchecked Sendable, CustomStringConvertible {
    private let value: Any?

    init(_ value: Any?) { self.value = value is NSNull ? nil : value }
    init(text: String) throws {
        self.init(try JSONSerialization.jsonObject(with: Data(text.utf8), options: [.fragmentsAllowed]))
    }

    subscript(key: String) -> JSON { JSON((value as? [String: Any])?[key]) }
    subscript(index: Int) -> JSON { JSON((value as? [Any]).flatMap { $0.indices.contains(index) ? $0[index] : nil }) }

    var isAbsent: Bool { value == nil }
    var string: String? { value as? String }
    var int: Int? { (value as? NSNumber)?.intValue }
    var bool: Bool? { (value as? NSNumber)?.boolValue }
    var array: [JSON] { (value as? [Any])?.map(JSON.init) ?? [] }
    var keys: [String] { (value as? [String: Any])?.keys.sorted() ?? [] }
    var strings: [String] { array.compactMap(\.string) }

    /// The value as text, keys in order; for comparisons and failures.
    var description: String {
        guard let value,
            let data = try? JSONSerialization.data(
                withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys, .withoutEscapingSlashes])
        else { return "null" }
        return String(decoding: data, as: UTF8.self)
    }
}

/// Writes what tests build of dictionaries and arrays.
func json(_ value: Any) -> String {
    JSON(value).description
}
