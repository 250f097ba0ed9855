internal import Wire

/// A file or folder as the master's list has it; only what a drain needs.
struct AlluxioFileStatus: Sendable, Hashable {
    /// One block and the workers that hold it, by their ids.
    struct Block: Sendable, Hashable {
        var id: Int64 = 0
        var byteCount: Int64 = 0
        var workers: [Int64] = []
    }

    var path = ""
    var byteCount: Int64 = 0
    var isCompleted = false
    var isFolder = false
    var isPinned = false
    /// Whether the under storage has all of it.
    var isPersisted = false
    /// How many replicas Alluxio keeps up by itself.
    var replicationMin: Int64 = 0
    var blocks: [Block] = []

    /// Reads a `FileInfo`; what is absent is its default, as protobuf has it.
    init(_ reader: ProtobufReader) throws(ProtobufError) {
        var reader = reader
        while let (number, value) = try reader.next() {
            switch number {
            case 3: path = reader.text(value) ?? ""
            case 5: byteCount = value.int64 ?? 0
            case 8: isCompleted = value.bool ?? false
            case 9: isFolder = value.bool ?? false
            case 10: isPinned = value.bool ?? false
            case 19: isPersisted = reader.text(value) == "PERSISTED"
            case 21:
                if let block = try reader.message(value).map(Self.fileBlock) ?? nil { blocks.append(block) }
            case 30: replicationMin = value.int64 ?? 0
            default: break
            }
        }
    }

    private static func fileBlock(_ reader: ProtobufReader) throws(ProtobufError) -> Block? {
        var reader = reader
        while let (number, value) = try reader.next() {
            if number == 1, let info = reader.message(value) { return try block(info) }
        }
        return nil
    }

    private static func block(_ reader: ProtobufReader) throws(ProtobufError) -> Block {
        var reader = reader
        var block = Block()
        while let (number, value) = try reader.next() {
            switch number {
            case 1: block.id = value.int64 ?? 0
            case 2: block.byteCount = value.int64 ?? 0
            case 3:
                guard var location = reader.message(value) else { continue }
                while let (number, value) = try location.next() {
                    if number == 1, let worker = value.int64 { block.workers.append(worker) }
                }
            default: break
            }
        }
        return block
    }
}

/// A worker that the master has heard of lately.
struct AlluxioWorkerStatus: Sendable, Hashable {
    var id: Int64 = 0
    /// What it calls itself: under Fluid its node's address.
    var host = ""
    /// Its pod's address where the pod has a network of its own, else empty.
    var containerHost = ""
    var rpcPort: Int64 = 0
    var webPort: Int64 = 0
    /// `In Service` (2.9.0), `ACTIVE` (2.9.4 and newer).
    var state = ""
    var capacityBytes: Int64 = 0
    /// Up to 10 s old: never a proof of anything.
    var usedBytes: Int64 = 0
    var startMilliseconds: Int64 = 0

    init() {}

    /// Reads a `WorkerInfo`.
    init(_ reader: ProtobufReader) throws(ProtobufError) {
        var reader = reader
        while let (number, value) = try reader.next() {
            switch number {
            case 1: id = value.int64 ?? 0
            case 2: if let address = reader.message(value) { try readAddress(address) }
            case 4: state = reader.text(value) ?? ""
            case 5: capacityBytes = value.int64 ?? 0
            case 6: usedBytes = value.int64 ?? 0
            case 7: startMilliseconds = value.int64 ?? 0
            default: break
            }
        }
    }

    private mutating func readAddress(_ reader: ProtobufReader) throws(ProtobufError) {
        var reader = reader
        while let (number, value) = try reader.next() {
            switch number {
            case 1: host = reader.text(value) ?? ""
            case 2: rpcPort = value.int64 ?? 0
            case 4: webPort = value.int64 ?? 0
            case 7: containerHost = reader.text(value) ?? ""
            default: break
            }
        }
    }
}
