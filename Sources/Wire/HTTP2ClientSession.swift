internal import CNghttp2

/// What a client learns from the bytes of an HTTP/2 connection.
public enum HTTP2ClientEvent: Sendable, Hashable {
    /// The final head of a stream's response; interim heads are passed over in silence.
    case head(stream: Int32, HTTPResponseHead)
    /// A part of a stream's body, never empty; its window is given back by `consume(_:of:)`.
    case data(stream: Int32, [UInt8])
    /// The fields after a stream's body; the `end` comes next.
    case trailers(stream: Int32, [HTTPField])
    /// The response of a stream is complete.
    case end(stream: Int32)
    /// The stream is over, with the code of RFC 9113, section 7; without an `end` before it, the response is cut.
    case closed(stream: Int32, code: UInt32)
    /// The server takes no more requests on this connection; those above `lastStream` were not looked at.
    case goAway(lastStream: Int32, code: UInt32)
    /// The server acknowledged a ping with this payload.
    case pong(UInt64)
}

/// Why an HTTP/2 connection is of no more use, or a request cannot be sent on it.
public enum HTTP2ClientError: Error, Sendable, Hashable {
    /// nghttp2 gave up on the connection; the text is its own.
    case connection(code: Int, String)
    /// The request has a part that HTTP/2 forbids: a connection-specific field, a bad name, a control character.
    case invalidRequest
    /// The connection takes no new requests: it is going away, or its stream numbers are used up.
    case notAccepting
    /// No memory for a session.
    case outOfMemory
}

/// The client's half of HTTP/2 on nghttp2: the server's bytes in, events and the bytes to send out (RFC 9113).
///
/// Feed what arrives to `receive(_:)`, take events by `takeEvents()`, and send what `output(into:)` gives, after each
/// other call as well, until it gives nothing. There is no clock and no socket in here; use it from one thread at a
/// time. A stream's window is opened again only for what the caller says to have consumed, while the connection's
/// window is opened at once: so one response that nobody reads never holds up the others, and what is buffered
/// for it is at most `Limits.streamWindowBytes`.
@safe
public struct HTTP2ClientSession: ~Copyable {
    /// What a server may make the session keep.
    public struct Limits: Sendable {
        /// Window of each stream, the most that is sent to us and not consumed, in bytes; 256 KiB unless set.
        public var streamWindowBytes: Int32
        /// Window of the connection in bytes; 4 MiB unless set.
        public var connectionWindowBytes: Int32
        /// The most bytes of names and values in a head; 64 KiB unless set.
        public var headBytes: Int
        /// The most fields in a head; 256 unless set.
        public var fieldCount: Int

        /// Makes limits.
        public init(
            streamWindowBytes: Int32 = 256 << 10, connectionWindowBytes: Int32 = 4 << 20, headBytes: Int = 64 << 10,
            fieldCount: Int = 256
        ) {
            self.streamWindowBytes = streamWindowBytes
            self.connectionWindowBytes = connectionWindowBytes
            self.headBytes = headBytes
            self.fieldCount = fieldCount
        }
    }

    private let session: OpaquePointer
    /// What the callbacks write into; nghttp2 knows its address only while it is called.
    private var recorder: HTTP2ClientRecorder

    /// Opens the client's side of a connection; the preface and the settings are the first output.
    public init(limits: Limits = Limits()) throws(HTTP2ClientError) {
        guard let session = unsafe makeClientSession() else { throw .outOfMemory }
        let settings = [
            nghttp2_settings_entry(settings_id: Int32(NGHTTP2_SETTINGS_ENABLE_PUSH.rawValue), value: 0),
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue),
                value: UInt32(clamping: limits.streamWindowBytes)),
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue),
                value: UInt32(clamping: limits.headBytes)),
        ]
        let submitted = unsafe nghttp2_submit_settings(session, 0, settings, settings.count)
        let window = unsafe nghttp2_session_set_local_window_size(session, 0, 0, limits.connectionWindowBytes)
        guard submitted == 0, window == 0 else {
            unsafe nghttp2_session_del(session)
            throw .outOfMemory
        }
        recorder = HTTP2ClientRecorder(headBytesLimit: limits.headBytes, fieldCountLimit: limits.fieldCount)
        unsafe self.session = session
    }

    deinit {
        unsafe nghttp2_session_del(session)
    }

    /// Whether the connection has come to its end by the protocol, and may be closed once all output is sent.
    public var isFinished: Bool {
        unsafe nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0
    }

    /// Whether a new request would be sent: no GOAWAY was seen, and stream numbers are left.
    public var acceptsRequests: Bool {
        unsafe nghttp2_session_check_request_allowed(session) != 0
    }

    /// Queues a request, and returns the number of its stream.
    ///
    /// Beyond the number of streams that the server allows at a time, requests wait inside. A body that is open is
    /// continued by `send(_:on:isLast:)`.
    public mutating func submit(
        _ request: HTTPRequest, scheme: String, authority: String, isBodyOpen: Bool = false
    ) throws(HTTP2ClientError) -> Int32 {
        guard acceptsRequests else { throw .notAccepting }
        guard let block = HTTP2RequestFields(request, scheme: scheme, authority: authority) else {
            throw .invalidRequest
        }
        let session = unsafe session
        let hasBody = isBodyOpen || !request.body.isEmpty
        let stream = unsafe block.withFields { fields in
            guard hasBody else {
                return unsafe nghttp2_submit_request(session, nil, fields.baseAddress, fields.count, nil, nil)
            }
            var provider = unsafe nghttp2_data_provider()
            unsafe provider.read_callback = readBody
            return unsafe nghttp2_submit_request(session, nil, fields.baseAddress, fields.count, &provider, nil)
        }
        guard stream > 0 else {
            throw stream == NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE.rawValue ? .notAccepting : failure(Int(stream))
        }
        if hasBody { recorder.bodies[stream] = HTTP2ClientRecorder.Body(bytes: request.body, isOpen: isBodyOpen) }
        return stream
    }

    /// Appends to a request's body that was left open; a stream that is over, or whose body is whole, is ignored.
    public mutating func send(_ bytes: [UInt8], on stream: Int32, isLast: Bool) {
        guard recorder.bodies[stream]?.isOpen == true else { return }
        recorder.bodies[stream]?.append(bytes)
        recorder.bodies[stream]?.isOpen = !isLast
        // It fails where the body was not found empty yet, and so goes on by itself.
        _ = unsafe nghttp2_session_resume_data(session, stream)
    }

    /// Takes in what arrived; what it means is in `takeEvents()`, also when this throws.
    public mutating func receive(_ bytes: Span<UInt8>) throws(HTTP2ClientError) {
        let session = unsafe session
        let count = unsafe withUnsafeMutablePointer(to: &recorder) { pointer in
            unsafe nghttp2_session_set_user_data(session, pointer)
            defer { unsafe nghttp2_session_set_user_data(session, nil) }
            return unsafe bytes.withUnsafeBufferPointer {
                unsafe nghttp2_session_mem_recv(session, $0.baseAddress, $0.count)
            }
        }
        guard count == bytes.count else { throw failure(count) }
    }

    /// Appends what is to be sent, at least one frame if there is any, and no more once `limit` bytes are reached.
    public mutating func output(
        into output: inout [UInt8], limit: Int = 64 << 10
    ) throws(HTTP2ClientError) {
        let session = unsafe session
        while output.count < limit {
            var start: UnsafePointer<UInt8>?
            let count = unsafe withUnsafeMutablePointer(to: &recorder) { pointer in
                unsafe nghttp2_session_set_user_data(session, pointer)
                defer { unsafe nghttp2_session_set_user_data(session, nil) }
                return unsafe nghttp2_session_mem_send(session, &start)
            }
            guard count >= 0 else { throw failure(count) }
            guard count > 0, let start = unsafe start else { return }
            unsafe output.append(contentsOf: UnsafeBufferPointer(start: start, count: count))
        }
    }

    /// Returns what happened since the last call, in its order.
    public mutating func takeEvents() -> [HTTP2ClientEvent] {
        var events: [HTTP2ClientEvent] = []
        swap(&events, &recorder.events)
        return events
    }

    /// Lets the server send as many bytes more on a stream as were consumed of it; a stream that is over is ignored.
    public mutating func consume(_ byteCount: Int, of stream: Int32) {
        guard byteCount > 0 else { return }
        // The one error that is not an argument's is lack of memory, which the next output reports.
        _ = unsafe nghttp2_session_consume_stream(session, stream, byteCount)
    }

    /// Gives a stream up; `code` is one of RFC 9113, section 7, and CANCEL unless given.
    public mutating func reset(_ stream: Int32, code: UInt32 = 8) {
        recorder.bodies[stream] = nil
        // It fails only for lack of memory, which the next output reports.
        _ = unsafe nghttp2_submit_rst_stream(session, 0, stream, code)
    }

    /// Queues a ping; the server's answer is a `pong` with the same payload.
    public mutating func ping(_ payload: UInt64) {
        // It fails only for lack of memory, which the next output reports.
        let bytes = unsafe withUnsafeBytes(of: payload.bigEndian) { unsafe [UInt8]($0) }
        _ = unsafe nghttp2_submit_ping(session, 0, bytes)
    }

    /// Queues GOAWAY without an error, after which the session takes no more requests and reads nothing more.
    public mutating func goAway() {
        // It fails only for lack of memory, which the next output reports.
        _ = unsafe nghttp2_session_terminate_session(session, 0)
    }

    private func failure(_ code: Int) -> HTTP2ClientError {
        let text = unsafe nghttp2_strerror(Int32(clamping: code)).map { unsafe String(cString: $0) }
        return .connection(code: code, text ?? "unknown")
    }
}
