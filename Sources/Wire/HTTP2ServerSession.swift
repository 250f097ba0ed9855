internal import CNghttp2

/// What a server learns from the bytes of an HTTP/2 connection.
public enum HTTP2ServerEvent: Sendable {
    /// A request has begun.
    case opened(stream: Int32)
    /// A whole request; answer it by `respond(_:to:)`.
    case request(stream: Int32, HTTPRequest)
    /// A request is too large or can't be served; answer it with the error's status.
    case rejected(stream: Int32, HTTP1Error)
    /// A request is over, answered or not; its number means nothing any more.
    case closed(stream: Int32)
}

/// Why an HTTP/2 connection is of no more use.
public struct HTTP2ServerError: Error, Sendable, Hashable {
    /// nghttp2's code, or 0 if a limit of ours was exceeded.
    public let code: Int
    /// What happened.
    public let reason: String
}

/// The server's half of HTTP/2 on nghttp2: a client's bytes in, requests and the bytes to send out (RFC 9113).
///
/// Feed what arrives to `receive(_:second:)`, take events by `takeEvents()`, and send what `output(into:)` gives, after
/// each other call as well, until it gives nothing. Use it from one thread at a time. Every defence against floods is
/// set by `HTTP2ServerLimits`; if one of them is exceeded `receive` throws, or nghttp2 says goodbye in its own way:
/// then `isFinished` turns true.
@safe
public struct HTTP2ServerSession: ~Copyable {
    private let session: OpaquePointer
    /// What the callbacks write into; nghttp2 knows its address only while it is called.
    private var recorder: HTTP2ServerRecorder
    private var second: Int64 = .min

    /// Opens the server's side of a connection; the settings are the first output.
    public init(
        requestLimits: HTTP1Limits = HTTP1Limits(), limits: HTTP2ServerLimits = HTTP2ServerLimits()
    ) throws(HTTP2ServerError) {
        guard let session = unsafe makeServerSession(limits) else {
            throw HTTP2ServerError(code: Int(NGHTTP2_ERR_NOMEM.rawValue), reason: "no memory for a session")
        }
        let settings = [
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue),
                value: UInt32(clamping: limits.concurrentStreams)),
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue),
                value: UInt32(clamping: limits.streamWindowBytes)),
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue),
                value: UInt32(clamping: requestLimits.headerBytes)),
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES.rawValue), value: 1),
        ]
        let submitted = unsafe nghttp2_submit_settings(session, 0, settings, settings.count)
        let window = unsafe nghttp2_session_set_local_window_size(
            session, 0, 0, Int32(clamping: limits.connectionWindowBytes))
        guard submitted == 0, window == 0 else {
            unsafe nghttp2_session_del(session)
            throw HTTP2ServerError(code: Int(min(submitted, window)), reason: "nghttp2 refuses our settings")
        }
        recorder = HTTP2ServerRecorder(requestLimits: requestLimits, limits: limits)
        unsafe self.session = session
    }

    deinit {
        unsafe nghttp2_session_del(session)
    }

    /// Whether the connection has come to its end by the protocol, and may be closed once all output is sent.
    public var isFinished: Bool {
        unsafe nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0
    }

    /// How many requests are not over.
    public var openStreams: Int { recorder.streams.count }

    /// How many bytes are kept of requests, a body in full from its `content-length` on, of answers, of frames that wait to
    /// be sent, and of fields that later heads may refer to (RFC 7541, section 2.3.2).
    public var bufferedBytes: Int {
        recorder.bufferedBytes + recorder.unfinishedHeadBytes * Self.unpackedTimes
            + (unsafe nghttp2_session_get_outbound_queue_size(session)) * Self.queuedFrameBytes
            + fieldTableBytes
    }

    /// Whether a head has begun of which more is to come: nothing else can be read before that.
    public var hasUnfinishedHead: Bool { recorder.unfinishedHeadBytes > 0 }

    /// What nghttp2 takes for each byte of a field that has no end yet: Huffman's code may have eight letters in five bytes.
    private static let unpackedTimes = 2

    /// What nghttp2 takes for each byte that a table of fields has by its own count: 7.1 where each has a name of a letter.
    ///
    /// A smaller table than the default can't be had: clients of Go before 1.19 go on with that, and break off.
    private static let tableTimes = 7

    /// What nghttp2 takes for a frame that waits.
    private static let queuedFrameBytes = 200

    /// What the fields take that later heads may refer to.
    var fieldTableBytes: Int {
        (unsafe nghttp2_session_get_hd_inflate_dynamic_table_size(session)) * Self.tableTimes
    }

    /// How many bytes there are in the table of our answers' fields, by the protocol's count.
    var answerTableBytes: Int { unsafe nghttp2_session_get_hd_deflate_dynamic_table_size(session) }

    /// How many fields of heads were unpacked so far.
    var fieldsUnpacked: Int { recorder.fieldsUnpacked }

    /// Which of the requests that are still coming takes the most bytes; nil if none is coming.
    public var largestIncomplete: Int32? {
        recorder.streams.filter { !$0.value.isHandedOn }.max { $0.value.charge < $1.value.charge }?.key
    }

    /// Takes in what arrived; what it means is in `takeEvents()`, also when this throws.
    ///
    /// `second` is any count of seconds that goes up; frames that only cost work are counted by it.
    public mutating func receive(_ bytes: Span<UInt8>, second: Int64) throws(HTTP2ServerError) {
        if second != self.second {
            self.second = second
            recorder.controlFrames = 0
        }
        let session = unsafe session
        let count = unsafe withUnsafeMutablePointer(to: &recorder) { pointer in
            unsafe nghttp2_session_set_user_data(session, pointer)
            defer { unsafe nghttp2_session_set_user_data(session, nil) }
            return unsafe bytes.withUnsafeBufferPointer {
                unsafe nghttp2_session_mem_recv(session, $0.baseAddress, $0.count)
            }
        }
        guard count == bytes.count else {
            if count == NGHTTP2_ERR_CALLBACK_FAILURE.rawValue { sayEnough() }
            throw failure(count)
        }
        guard recorder.controlFrames <= recorder.limits.controlFramesPerSecond else {
            sayEnough()
            throw HTTP2ServerError(code: 0, reason: "too many control frames in a second")
        }
    }

    private func sayEnough() {
        // It fails only for lack of memory; then the connection ends without a word.
        _ = unsafe nghttp2_session_terminate_session(session, NGHTTP2_ENHANCE_YOUR_CALM.rawValue)
    }

    /// What has happened since the last call, in order.
    public mutating func takeEvents() -> [HTTP2ServerEvent] {
        var events: [HTTP2ServerEvent] = []
        swap(&events, &recorder.events)
        return events
    }

    /// Answers a request; false if it is over, was answered before, or the answer can't be sent.
    ///
    /// If the request is not all there, as after `.rejected`, the client is told to stop sending it, and what it still
    /// sends is dropped.
    @discardableResult
    public mutating func respond(_ response: HTTPResponse, to stream: Int32, isHead: Bool = false, date: [UInt8] = [])
        -> Bool
    {
        guard recorder.streams[stream]?.hasAnswer == false else { return false }
        let body = isHead ? [] : response.body
        let block = HTTP2ResponseFields(response, date: date)
        recorder.answer(stream, body)
        let isAllThere = recorder.streams[stream]?.isComplete == true
        let session = unsafe session
        let result = unsafe block.withFields { fields in
            // Without a body the head ends the stream, but for a client that is to be stopped the data's end is waited for.
            if body.isEmpty && isAllThere {
                return unsafe nghttp2_submit_response(session, stream, fields.baseAddress, fields.count, nil)
            }
            var provider = unsafe nghttp2_data_provider()
            unsafe provider.read_callback = readServerAnswer
            return unsafe nghttp2_submit_response(session, stream, fields.baseAddress, fields.count, &provider)
        }
        return result == 0
    }

    /// Says that of a request that was handed on and waits for its answer no more than so many bytes are kept.
    public mutating func keep(_ bytes: Int, of stream: Int32) {
        recorder.keep(stream, bytes: bytes)
    }

    /// Ends one request without an answer, or in the middle of it.
    public mutating func reset(_ stream: Int32) {
        _ = unsafe nghttp2_submit_rst_stream(session, 0, stream, NGHTTP2_CANCEL.rawValue)
    }

    /// Says that no new requests should come, while those under way are still taken (RFC 9113, section 6.8).
    public mutating func announceShutdown() {
        _ = unsafe nghttp2_submit_shutdown_notice(session)
    }

    /// Takes no new requests from now on, and says which was the last that counts.
    public mutating func goAway() {
        _ = unsafe nghttp2_submit_goaway(
            session, 0, nghttp2_session_get_last_proc_stream_id(session), NGHTTP2_NO_ERROR.rawValue, nil, 0)
    }

    /// Appends what is to be sent, at least one frame if there is any, and no more once `limit` bytes are reached.
    public mutating func output(into output: inout [UInt8], limit: Int = 64 << 10) throws(HTTP2ServerError) {
        let session = unsafe session
        while output.count < limit {
            var start: UnsafePointer<UInt8>?
            let count = unsafe withUnsafeMutablePointer(to: &recorder) { pointer in
                unsafe nghttp2_session_set_user_data(session, pointer)
                defer { unsafe nghttp2_session_set_user_data(session, nil) }
                return unsafe nghttp2_session_mem_send(session, &start)
            }
            guard count >= 0 else { throw failure(count) }
            if count > 0 {
                unsafe output.append(contentsOf: UnsafeBufferPointer(start: start, count: count))
                continue
            }
            // Whoever sends on after its answer is told that nobody listens: RFC 9113, section 8.1.
            guard !recorder.answeredEarly.isEmpty else { return }
            for stream in recorder.answeredEarly {
                _ = unsafe nghttp2_submit_rst_stream(session, 0, stream, NGHTTP2_NO_ERROR.rawValue)
            }
            recorder.answeredEarly = []
        }
    }

    private func failure(_ code: Int) -> HTTP2ServerError {
        HTTP2ServerError(
            code: code, reason: unsafe String(cString: nghttp2_strerror(Int32(truncatingIfNeeded: code))))
    }
}
