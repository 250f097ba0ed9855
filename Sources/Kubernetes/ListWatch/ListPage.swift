internal import Wire

/// One page of a list.
public struct ListPage: Sendable {
    /// The objects; those of built-in kinds have neither `apiVersion` nor `kind` here.
    var items: JSONElements
    /// How many there are.
    var itemCount: Int
    /// From where a watch goes on, once the last page is read.
    var resourceVersion: String
    /// What asks for the next page; nil on the last one.
    var continueToken: String?

    /// Reads the answer to a list.
    init(_ value: JSONValue) throws(ClusterError) {
        guard let version = value["metadata"]?["resourceVersion"]?.string, !version.isEmpty else {
            throw .unreadable("a list without metadata.resourceVersion")
        }
        // An empty list of a custom resource may come with `items: null`.
        let items = value["items"]
        guard items == nil || items?.isNull == true || items?.kind == .array else {
            throw .unreadable("a list whose items are no list")
        }
        self.items = (items ?? value).elements
        itemCount = items?.count ?? 0
        resourceVersion = version
        let token = value["metadata"]?["continue"]?.string ?? ""
        continueToken = token.isEmpty ? nil : token
    }
}

/// One event of a watch.
enum WatchEvent {
    /// An object was created or changed.
    case updated(JSONValue)
    /// An object was deleted.
    case deleted(JSONValue)
    /// Nothing happened up to this version.
    case bookmark(resourceVersion: String)
    /// The server gave up.
    case failed(ClusterError)

    /// Reads one line of a watch; nil for a type that we do not know.
    init?(_ value: JSONValue) throws(ClusterError) {
        guard let type = value["type"]?.string, let object = value["object"] else {
            throw .unreadable("a watch event without type or object")
        }
        switch type {
        case "ADDED", "MODIFIED": self = .updated(object)
        case "DELETED": self = .deleted(object)
        case "BOOKMARK": self = .bookmark(resourceVersion: Self.version(of: object) ?? "")
        case "ERROR": self = .failed(.status(APIStatus(object)))
        default: return nil
        }
    }

    /// The version that a watch goes on from after this event; nil if the event says none.
    var resourceVersion: String? {
        switch self {
        case .updated(let object), .deleted(let object): Self.version(of: object)
        case .bookmark(let version): version.isEmpty ? nil : version
        case .failed: nil
        }
    }

    private static func version(of object: JSONValue) -> String? {
        guard let version = object["metadata"]?["resourceVersion"]?.string, !version.isEmpty else { return nil }
        return version
    }
}

/// Cuts a stream of bytes into lines.
struct LineSplitter {
    /// The longest line: an event holds an object, of which etcd stores 1.5 MiB.
    static let lineBytesMax = APIRequest.defaultResponseBytesMax

    private var rest: [UInt8] = []

    /// Takes more bytes and returns the lines that are whole now, without line ends and without empty ones.
    mutating func take(_ bytes: [UInt8]) throws(ClusterError) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var start = 0
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = rest + bytes[start..<end]
            rest.removeAll(keepingCapacity: false)
            start = end + 1
            guard line.count <= Self.lineBytesMax else { throw .tooLarge(bytesMax: Self.lineBytesMax) }
            if !line.isEmpty { lines.append(line) }
        }
        rest += bytes[start...]
        guard rest.count <= Self.lineBytesMax else { throw .tooLarge(bytesMax: Self.lineBytesMax) }
        return lines
    }
}
