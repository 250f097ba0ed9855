internal import CNghttp2

/// Where nghttp2's callbacks write what they are told; nothing is acted upon before nghttp2 has returned.
struct HTTP2ClientRecorder {
    /// A request's body and how far it was sent.
    struct Body {
        var bytes: [UInt8]
        var sent = 0
        /// Whether more will be appended.
        var isOpen: Bool

        mutating func append(_ more: [UInt8]) {
            if sent == bytes.count {
                bytes = more
                sent = 0
            } else {
                bytes += more
            }
        }
    }

    /// The head that is being received: HTTP/2 never interleaves two on a connection.
    struct PartialHead {
        var status: Int?
        var headers: [HTTPField] = []
        var byteCount = 0
    }

    let headBytesLimit: Int
    let fieldCountLimit: Int
    var events: [HTTP2ClientEvent] = []
    var bodies: [Int32: Body] = [:]
    var partial = PartialHead()

    /// Returns false where the head grows beyond the limits.
    mutating func field(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) -> Bool {
        // What RFC 9113, section 6.5.2, counts for each field.
        partial.byteCount += name.count + value.count + 32
        guard partial.byteCount <= headBytesLimit, partial.headers.count < fieldCountLimit else { return false }
        let field = HTTPField(
            unsafe String(decoding: name, as: UTF8.self), unsafe String(decoding: value, as: UTF8.self))
        if field.name == ":status" {
            // nghttp2 has checked that it is three digits.
            partial.status = Int(field.value)
        } else {
            partial.headers.append(field)
        }
        return true
    }

    mutating func frame(_ header: nghttp2_frame_hd, isHead: Bool) {
        if isHead {
            if let status = partial.status {
                let head = HTTPResponseHead(status: status, headers: partial.headers)
                if status >= 200 { events.append(.head(stream: header.stream_id, head)) }
            } else {
                events.append(.trailers(stream: header.stream_id, partial.headers))
            }
            partial = PartialHead()
        }
        if header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0 { events.append(.end(stream: header.stream_id)) }
    }
}

/// What nghttp2 was given as user data for as long as it is being called.
private func recorder(_ pointer: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<HTTP2ClientRecorder>? {
    unsafe pointer?.assumingMemoryBound(to: HTTP2ClientRecorder.self)
}

/// Hands out the next part of a request's body.
let readBody: nghttp2_data_source_read_callback = { _, stream, buffer, length, flags, _, user in
    guard let recorder = unsafe recorder(user), var body = unsafe recorder.pointee.bodies[stream],
        let buffer = unsafe buffer, let flags = unsafe flags
    else { return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
    let count = min(length, body.bytes.count - body.sent)
    unsafe body.bytes.withUnsafeBufferPointer { source in
        if let start = source.baseAddress { unsafe buffer.update(from: start + body.sent, count: count) }
    }
    if count == 0, body.isOpen { return Int(NGHTTP2_ERR_DEFERRED.rawValue) }
    body.sent += count
    if body.sent == body.bytes.count, !body.isOpen {
        unsafe flags.pointee |= UInt32(NGHTTP2_DATA_FLAG_EOF.rawValue)
        unsafe recorder.pointee.bodies[stream] = nil
    } else {
        unsafe recorder.pointee.bodies[stream] = body
    }
    return count
}

/// Returns a client session with all callbacks set, or nil where there is no memory for one.
func makeClientSession() -> OpaquePointer? {
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
    // We open the windows ourselves: by what was consumed.
    unsafe nghttp2_option_set_no_auto_window_update(options, 1)
    unsafe nghttp2_option_set_max_outbound_ack(options, 100)
    unsafe nghttp2_option_set_max_settings(options, 32)
    unsafe nghttp2_option_set_max_continuations(options, 16)
    unsafe setHeadCallbacks(callbacks)
    unsafe setStreamCallbacks(callbacks)
    guard unsafe nghttp2_session_client_new2(&session, callbacks, nil, options) == 0 else { return nil }
    return unsafe session
}

private func setHeadCallbacks(_ callbacks: OpaquePointer?) {
    unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, _, user in
        unsafe recorder(user)?.pointee.partial = HTTP2ClientRecorder.PartialHead()
        return 0
    }
    unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) { _, _, name, nameCount, value, count, _, user in
        let name = unsafe UnsafeBufferPointer(start: name, count: nameCount)
        let value = unsafe UnsafeBufferPointer(start: value, count: count)
        guard let recorder = unsafe recorder(user), unsafe recorder.pointee.field(name, value) else {
            // Resets the stream; the connection goes on.
            return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
        }
        return 0
    }
}

private func setStreamCallbacks(_ callbacks: OpaquePointer?) {
    unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, user in
        guard let frame = unsafe frame, let recorder = unsafe recorder(user) else { return 0 }
        let header = unsafe frame.pointee.hd
        switch UInt32(header.type) {
        case NGHTTP2_HEADERS.rawValue:
            unsafe recorder.pointee.frame(header, isHead: true)
        case NGHTTP2_DATA.rawValue:
            unsafe recorder.pointee.frame(header, isHead: false)
        case NGHTTP2_GOAWAY.rawValue:
            let goAway = unsafe frame.pointee.goaway
            unsafe recorder.pointee.events.append(
                .goAway(lastStream: unsafe goAway.last_stream_id, code: unsafe goAway.error_code))
        case NGHTTP2_PING.rawValue where header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0:
            let payload = unsafe withUnsafeBytes(of: frame.pointee.ping.opaque_data) {
                unsafe $0.loadUnaligned(as: UInt64.self)
            }
            unsafe recorder.pointee.events.append(.pong(UInt64(bigEndian: payload)))
        default:
            break
        }
        return 0
    }
    unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
        session, _, stream, data, count, user in
        guard let recorder = unsafe recorder(user), count > 0 else { return 0 }
        unsafe recorder.pointee.events.append(
            .data(stream: stream, unsafe [UInt8](UnsafeBufferPointer(start: data, count: count))))
        return unsafe nghttp2_session_consume_connection(session, count)
    }
    unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, stream, code, user in
        guard let recorder = unsafe recorder(user) else { return 0 }
        unsafe recorder.pointee.bodies[stream] = nil
        unsafe recorder.pointee.events.append(.closed(stream: stream, code: code))
        return 0
    }
    unsafe nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks) { _, frame, _, user in
        // A request that waited inside when the server went away: it was never sent.
        guard let frame = unsafe frame, let recorder = unsafe recorder(user) else { return 0 }
        let header = unsafe frame.pointee.hd
        guard UInt32(header.type) == NGHTTP2_HEADERS.rawValue else { return 0 }
        unsafe recorder.pointee.bodies[header.stream_id] = nil
        unsafe recorder.pointee.events.append(
            .closed(stream: header.stream_id, code: NGHTTP2_REFUSED_STREAM.rawValue))
        return 0
    }
}
