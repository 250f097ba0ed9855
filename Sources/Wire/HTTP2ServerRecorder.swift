internal import CNghttp2

/// Where nghttp2's callbacks write what they are told; nothing is acted upon before nghttp2 has returned.
struct HTTP2ServerRecorder {
    /// One request, from its first frame to the end of its answer.
    struct Stream {
        var request = HTTPRequest(method: "", target: "")
        var authority: String?
        /// The size of the head as RFC 9113, section 6.5.2, counts it.
        var headBytes = 0
        var bodyBytes = 0
        /// Whether all of the request has come.
        var isComplete = false
        /// Whether it was handed on, or refused: what comes later is dropped.
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
    /// Bytes of requests and answers that live streams hold.
    var bufferedBytes = 0
    /// Control frames of the current second.
    var controlFrames = 0

    /// The most fields of a request.
    private static let maximumFields = HTTP1RequestHead.maximumFields

    mutating func open(_ id: Int32) {
        streams[id] = Stream()
        events.append(.opened(stream: id))
    }

    mutating func field(_ id: Int32, _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
        guard var stream = streams[id], !stream.isHandedOn else { return }
        stream.headBytes += name.count + value.count + 32
        if stream.headBytes > requestLimits.headerBytes || stream.request.headers.count >= Self.maximumFields {
            stream.isHandedOn = true
            stream.request = HTTPRequest(method: "", target: "")
            let reason = "The request's head has more than \(requestLimits.headerBytes) bytes, or too many fields."
            events.append(.rejected(stream: id, HTTP1Error(431, reason)))
            streams[id] = stream
            return
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
    }

    /// The head is there; `isLast` if there is no body.
    mutating func head(_ id: Int32, isLast: Bool) {
        guard var stream = streams[id], !stream.isHandedOn else { return }
        if let authority = stream.authority, !stream.request.headers.contains(where: { $0.name == "host" }) {
            stream.request.headers.insert(HTTPField("host", authority), at: 0)
        }
        stream.isComplete = isLast
        let declared = stream.request.headers.first { $0.name == "content-length" }.flatMap { Int($0.value) }
        if let declared, declared > requestLimits.bodyBytes {
            streams[id] = stream
            refuseBody(id)
            return
        }
        if stream.request.target.isEmpty {
            stream.isHandedOn = true
            events.append(.rejected(stream: id, HTTP1Error(501, "CONNECT is not supported.")))
        } else if !isLast, let declared {
            // nghttp2 holds the client to what it declared.
            stream.request.body.reserveCapacity(min(declared, 64 << 10) + 64)
        }
        streams[id] = stream
        if isLast { handOn(id) }
    }

    mutating func data(_ id: Int32, _ bytes: UnsafeBufferPointer<UInt8>) {
        guard let stream = streams[id], !stream.isHandedOn else { return }
        guard bytes.count <= requestLimits.bodyBytes - stream.bodyBytes else {
            refuseBody(id)
            return
        }
        // In place: taking the stream out would copy its body.
        unsafe streams[id]?.request.body.append(contentsOf: bytes)
        streams[id]?.bodyBytes += bytes.count
        bufferedBytes += bytes.count
    }

    private mutating func refuseBody(_ id: Int32) {
        streams[id]?.isHandedOn = true
        streams[id]?.request.body = []
        let reason = "The body is too large; at most \(requestLimits.bodyBytes) bytes are taken."
        events.append(.rejected(stream: id, HTTP1Error(413, reason)))
    }

    /// The client has sent all of a request.
    mutating func end(_ id: Int32) {
        streams[id]?.isComplete = true
        handOn(id)
    }

    private mutating func handOn(_ id: Int32) {
        guard let stream = streams[id], !stream.isHandedOn else { return }
        events.append(.request(stream: id, stream.request))
        streams[id]?.isHandedOn = true
        streams[id]?.request = HTTPRequest(method: "", target: "")
    }

    mutating func close(_ id: Int32) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        bufferedBytes -= stream.bodyBytes + stream.answer.count
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

/// What nghttp2 was given as user data for as long as it is being called.
private func recorder(_ pointer: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<HTTP2ServerRecorder>? {
    unsafe pointer?.assumingMemoryBound(to: HTTP2ServerRecorder.self)
}

/// Hands out the next part of an answer's body.
let readServerAnswer: nghttp2_data_source_read_callback = { _, stream, buffer, length, flags, _, user in
    guard let recorder = unsafe recorder(user), let flags = unsafe flags,
        let part = unsafe recorder.pointee.nextOfAnswer(
            stream, into: UnsafeMutableBufferPointer(start: buffer, count: length))
    else { return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
    if part.isLast { unsafe flags.pointee |= UInt32(NGHTTP2_DATA_FLAG_EOF.rawValue) }
    return part.count
}

/// Returns a server session with all callbacks and defences set, or nil where there is no memory for one.
func makeServerSession(_ limits: HTTP2ServerLimits) -> OpaquePointer? {
    var callbacks: OpaquePointer?
    var options: OpaquePointer?
    var session: OpaquePointer?
    defer {
        unsafe nghttp2_session_callbacks_del(callbacks)
        unsafe nghttp2_option_del(options)
    }
    guard unsafe nghttp2_session_callbacks_new(&callbacks) == 0, unsafe nghttp2_option_new(&options) == 0 else {
        return nil
    }
    unsafe nghttp2_option_set_stream_reset_rate_limit(
        options, UInt64(clamping: limits.resetBurst), UInt64(clamping: limits.resetsPerSecond))
    unsafe nghttp2_option_set_max_continuations(options, max(0, limits.continuations))
    unsafe nghttp2_option_set_max_settings(options, max(1, limits.settingsEntries))
    unsafe nghttp2_option_set_max_outbound_ack(options, max(1, limits.outboundAcknowledgements))
    // Closed streams would be kept for a priority tree that nobody uses.
    unsafe nghttp2_option_set_no_closed_streams(options, 1)
    unsafe setServerHeadCallbacks(callbacks)
    unsafe setServerFrameCallback(callbacks)
    unsafe setServerStreamCallbacks(callbacks)
    guard unsafe nghttp2_session_server_new2(&session, callbacks, nil, options) == 0 else { return nil }
    return unsafe session
}

private func setServerHeadCallbacks(_ callbacks: OpaquePointer?) {
    unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, user in
        guard let frame = unsafe frame, let recorder = unsafe recorder(user) else { return 0 }
        if unsafe frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST {
            unsafe recorder.pointee.open(frame.pointee.hd.stream_id)
        }
        return 0
    }
    unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) {
        _, frame, name, nameCount, value, count, _, user in
        guard let frame = unsafe frame, let recorder = unsafe recorder(user) else { return 0 }
        // Trailers are passed over.
        guard unsafe frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST else { return 0 }
        let name = unsafe UnsafeBufferPointer(start: name, count: nameCount)
        let value = unsafe UnsafeBufferPointer(start: value, count: count)
        unsafe recorder.pointee.field(frame.pointee.hd.stream_id, name, value)
        return 0
    }
}

/// Counts frames where they begin: nghttp2 does not tell of those that it passes over.
private func setServerFrameCallback(_ callbacks: OpaquePointer?) {
    unsafe nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks) { _, header, user in
        guard let header = unsafe header?.pointee, let recorder = unsafe recorder(user) else { return 0 }
        let isLast = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
        switch UInt32(header.type) {
        case NGHTTP2_HEADERS.rawValue, NGHTTP2_RST_STREAM.rawValue, NGHTTP2_CONTINUATION.rawValue,
            NGHTTP2_WINDOW_UPDATE.rawValue:
            break
        case NGHTTP2_DATA.rawValue:
            if header.length == 0 && !isLast { unsafe recorder.pointee.controlFrames += 1 }
        default:
            unsafe recorder.pointee.controlFrames += 1
        }
        return 0
    }
}

private func setServerStreamCallbacks(_ callbacks: OpaquePointer?) {
    unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, user in
        guard let frame = unsafe frame, let recorder = unsafe recorder(user) else { return 0 }
        let header = unsafe frame.pointee.hd
        let isLast = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
        switch UInt32(header.type) {
        case NGHTTP2_HEADERS.rawValue:
            if unsafe frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST {
                unsafe recorder.pointee.head(header.stream_id, isLast: isLast)
            } else if isLast {
                unsafe recorder.pointee.end(header.stream_id)
            }
        case NGHTTP2_DATA.rawValue:
            if isLast { unsafe recorder.pointee.end(header.stream_id) }
        default: break
        }
        return 0
    }
    unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, stream, data, count, user in
        guard let recorder = unsafe recorder(user) else { return 0 }
        unsafe recorder.pointee.data(stream, UnsafeBufferPointer(start: data, count: count))
        return 0
    }
    unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, stream, _, user in
        guard let recorder = unsafe recorder(user) else { return 0 }
        unsafe recorder.pointee.close(stream)
        return 0
    }
}
