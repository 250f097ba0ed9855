import Wire

/// A master's list of many blocks, whose bytes are made as they are read: as many as the client's windows have room for.
struct EndlessList {
    private let stream: UInt32
    /// One message of the list, with its prefix: the same again and again.
    private let message: [UInt8]
    private var messagesLeft: Int
    private var offset = 0
    private var hasHead = false
    private(set) var isOver = false

    private static let filesOfMessage = 1_000
    static let blocksOfFile = 10

    /// About so many blocks, all of them on the worker of this id.
    init(stream: UInt32, blocks: Int, worker: Int64) {
        self.stream = stream
        var list = ProtobufWriter()
        for file in 0..<Self.filesOfMessage {
            list.add(1) { info in
                info.add(3, "/folder/of/a/usual/depth/file-\(file)")
                info.add(8, true)
                info.add(19, "PERSISTED")
                for block in 0..<Self.blocksOfFile {
                    info.add(21) { part in
                        part.add(1) { part in
                            part.add(1, Int64(file) << 32 + Int64(block))
                            part.add(2, 1 << 26 as Int64)
                            part.add(3) {
                                $0.add(1, worker); $0.add(3, "MEM")
                            }
                        }
                    }
                }
            }
        }
        message = [0] + HTTP2Frame.bigEndian(UInt32(list.bytes.count)) + list.bytes
        messagesLeft = max(blocks / (Self.filesOfMessage * Self.blocksOfFile), 1)
    }

    /// The next frames, for so many bytes of the connection's and the stream's window; takes from them what it sends.
    mutating func frames(_ windows: inout [UInt32: Int]) -> [UInt8] {
        var bytes: [UInt8] = []
        if !hasHead {
            bytes += HTTP2Frame.head(stream, [(":status", "200"), ("content-type", "application/grpc")]).bytes
        }
        hasHead = true
        while messagesLeft > 0, bytes.count < 256 << 10 {
            let room = min(windows[0] ?? 0, windows[stream] ?? 0, 16_384, message.count - offset)
            guard room > 0 else { return bytes }
            for key in [0, stream] { windows[key, default: 0] -= room }
            bytes += HTTP2Frame.data(stream, Array(message[offset..<offset + room])).bytes
            offset += room
            if offset == message.count { (offset, messagesLeft) = (0, messagesLeft - 1) }
        }
        if messagesLeft == 0, !isOver {
            let end = HTTP2Frame.endHeaders | HTTP2Frame.endStream
            bytes += HTTP2Frame.head(stream, [("grpc-status", "0")], flags: end).bytes
            isOver = true
        }
        return bytes
    }
}
