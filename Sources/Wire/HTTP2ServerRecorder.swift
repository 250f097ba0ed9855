/// Where nghttp2's callbacks write what they are told; nothing is acted upon before nghttp2 has returned.
struct HTTP2ServerRecorder {
    /// One request, from its first frame to the end of its answer.
    struct Stream {
        var request = HTTPRequest(method: "", target: "")
        var authority: String?
        /// The size of the head as RFC 9113, section 6.5.2, counts it; trailers count with it.
        var headBytes = 0
        /// What its body may grow to before more is charged.
        var bodyRoom = 0
        /// What it adds to `bufferedBytes`.
        var charge = 0
        /// Whether all of the request has come.
        var isComplete = false
        /// Whether it was handed on, refused or answered: what comes later is dropped.
        var isHandedOn = false
        var hasAnswer = false
        var answer: [UInt8] = []
        var answerSent = 0
    }

    let requestLimits: HTTP1Limits
    let limits: HTTP2ServerLimits
    var streams: [Int32: Stream] = [:]
    var events: [HTTP2ServerEvent] = []
    /// Streams whose answer is complete while the request is not: the client is told to stop sending.
    var answeredEarly: [Int32] = []
    /// Bytes of requests and answers that live streams hold, a body in full from its `content-length` on.
    private(set) var bufferedBytes = 0
    /// Frames of the current second that bring no request on.
    var controlFrames = 0
    /// Bytes of the frames of a head of which more is to come: nghttp2 keeps a field that has no end yet, and tells nobody.
    private(set) var unfinishedHeadBytes = 0
    /// How many fields were unpacked so far, those of refused heads included.
    private(set) var fieldsUnpacked = 0

    /// The most fields of a request.
    private static let maximumFields = HTTP1RequestHead.maximumFields
    /// A head that goes on after it was refused is unpacked to so many times its limit; then the connection ends.
    private static let headLimitTimes = 2
    /// What a stream takes besides its bytes, here and in nghttp2.
    static let streamBytes = 1 << 10
    /// A table keeps room for no more than so many times the streams that it has.
    private static let roomTimes = 8
    /// DATA of fewer bytes counts as a frame that only costs work, but for a body's last.
    static let tinyDataBytes = 16

    mutating func open(_ id: Int32) {
        streams[id] = Stream()
        charge(id, Self.streamBytes)
        events.append(.opened(stream: id))
    }

    private mutating func charge(_ id: Int32, _ bytes: Int) {
        streams[id]?.charge += bytes
        bufferedBytes += bytes
    }

    /// A frame begins; `headBytes` is how long it is where it brings a head or more of one, else nil.
    ///
    /// Gives false if the head is longer as it is packed than any is unpacked to.
    mutating func frame(headBytes: Int?, isMore: Bool) -> Bool {
        unfinishedHeadBytes = (isMore ? unfinishedHeadBytes : 0) + (headBytes ?? 0)
        return unfinishedHeadBytes <= requestLimits.headerBytes * Self.headLimitTimes
    }

    /// A head has come to its end.
    mutating func endHead() { unfinishedHeadBytes = 0 }

    /// Takes a field of a head or of trailers; false if so much came after its refusal that nothing more is unpacked.
    mutating func field(
        _ id: Int32, _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, isTrailer: Bool
    ) -> Bool {
        fieldsUnpacked += 1
        guard var stream = streams[id] else { return true }
        let bytes = name.count + value.count + 32
        stream.headBytes += bytes
        let limit = requestLimits.headerBytes
        if stream.isHandedOn || isTrailer {
            streams[id]?.headBytes = stream.headBytes
            return stream.headBytes <= limit * Self.headLimitTimes
        }
        if stream.headBytes > limit || stream.request.headers.count >= Self.maximumFields {
            streams[id]?.headBytes = stream.headBytes
            drop(id)
            let reason = "The request's head has more than \(limit) bytes, or too many fields."
            events.append(.rejected(stream: id, HTTP1Error(431, reason)))
            return true
        }
        let field = HTTPField(
            unsafe String(decoding: name, as: UTF8.self), unsafe String(decoding: value, as: UTF8.self))
        switch field.name {
        case ":method": stream.request.method = field.value
        case ":path": stream.request.target = field.value
        case ":authority": stream.authority = field.value
        case ":scheme": break
        default: stream.request.headers.append(field)
        }
        streams[id] = stream
        charge(id, bytes)
        return true
    }

    /// The head is there; `isLast` if there is no body.
    mutating func head(_ id: Int32, isLast: Bool) {
        guard var stream = streams[id] else { return }
        stream.isComplete = isLast
        guard !stream.isHandedOn else {
            streams[id] = stream
            return
        }
        if let authority = stream.authority, !stream.request.headers.contains(where: { $0.name == "host" }) {
            stream.request.headers.insert(HTTPField("host", authority), at: 0)
        }
        let declared = stream.request.headers.first { $0.name == "content-length" }.flatMap { Int($0.value) }
        let isTarget = !stream.request.target.isEmpty
        streams[id] = stream
        if let declared, declared > requestLimits.bodyBytes {
            refuseBody(id)
        } else if !isTarget {
            drop(id)
            events.append(.rejected(stream: id, HTTP1Error(501, "CONNECT is not supported.")))
        } else if isLast {
            handOn(id)
        } else if let declared, declared > 0 {
            // nghttp2 holds the client to what it declared. All of it is taken, since all of it is counted: a body that
            // grows would be there twice while it is moved. The rest is what a JSON reader wants behind it.
            streams[id]?.request.body.reserveCapacity(declared + JSONParser.paddingBytes)
            streams[id]?.bodyRoom = declared
            charge(id, declared)
        }
    }

    mutating func data(_ id: Int32, _ bytes: UnsafeBufferPointer<UInt8>) {
        // Field by field and in place: a stream that is taken out would have its body copied by the append.
        guard streams[id]?.isHandedOn == false, let known = streams[id]?.request.body.count,
            let room = streams[id]?.bodyRoom
        else { return }
        guard bytes.count <= requestLimits.bodyBytes - known else {
            refuseBody(id)
            return
        }
        unsafe streams[id]?.request.body.append(contentsOf: bytes)
        guard known + bytes.count > room else { return }
        let grown = streams[id]?.request.body.capacity ?? 0
        streams[id]?.bodyRoom = grown
        charge(id, grown - room)
    }

    private mutating func refuseBody(_ id: Int32) {
        drop(id)
        let reason = "The body is too large; at most \(requestLimits.bodyBytes) bytes are taken."
        events.append(.rejected(stream: id, HTTP1Error(413, reason)))
    }

    /// Forgets what there is of a request; what still comes of it is dropped.
    mutating func drop(_ id: Int32) {
        guard let stream = streams[id] else { return }
        streams[id]?.isHandedOn = true
        streams[id]?.request = HTTPRequest(method: "", target: "")
        charge(id, Self.streamBytes + stream.answer.count - stream.charge)
    }

    /// The client has sent all of a request.
    mutating func end(_ id: Int32) {
        streams[id]?.isComplete = true
        handOn(id)
    }

    /// The request's bytes stay charged until its handler has what it needs of them.
    private mutating func handOn(_ id: Int32) {
        guard let stream = streams[id], !stream.isHandedOn else { return }
        events.append(.request(stream: id, stream.request))
        streams[id]?.isHandedOn = true
        streams[id]?.request = HTTPRequest(method: "", target: "")
    }

    /// The request was handed on, and its bytes are gone but for as many.
    mutating func keep(_ id: Int32, bytes: Int) {
        guard let stream = streams[id], !stream.hasAnswer else { return }
        charge(id, Self.streamBytes + bytes - stream.charge)
    }

    /// Takes an answer; whatever the request took is given back.
    mutating func answer(_ id: Int32, _ body: [UInt8]) {
        streams[id]?.hasAnswer = true
        streams[id]?.answer = body
        drop(id)
    }

    mutating func close(_ id: Int32) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        bufferedBytes -= stream.charge
        // A table keeps the room of its fullest moment, and there may be a thousand connections.
        if streams.capacity > Self.roomTimes * max(1, streams.count) {
            streams = Dictionary(uniqueKeysWithValues: streams.lazy.map { ($0.key, $0.value) })
        }
        if !stream.isComplete { controlFrames += 1 }
        events.append(.closed(stream: id))
    }

    /// Copies the next part of an answer into nghttp2's frame; nil if there is no such answer.
    mutating func nextOfAnswer(_ id: Int32, into buffer: UnsafeMutableBufferPointer<UInt8>) -> (
        count: Int, isLast: Bool
    )? {
        guard let stream = streams[id], stream.hasAnswer else { return nil }
        let count = min(buffer.count, stream.answer.count - stream.answerSent)
        unsafe stream.answer.withUnsafeBufferPointer { source in
            guard let from = source.baseAddress, let to = buffer.baseAddress else { return }
            unsafe to.update(from: from + stream.answerSent, count: count)
        }
        streams[id]?.answerSent += count
        let isLast = stream.answerSent + count == stream.answer.count
        if isLast && !stream.isComplete { answeredEarly.append(id) }
        return (count, isLast)
    }
}
