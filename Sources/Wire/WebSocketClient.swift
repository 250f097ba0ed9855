internal import CWslay

/// What a client learns from the bytes of a WebSocket; pings are answered in silence.
public enum WebSocketEvent: Sendable, Hashable {
    /// A whole binary message.
    case binary([UInt8])
    /// A whole text message, in UTF-8.
    case text([UInt8])
    /// The server acknowledged a ping.
    case pong([UInt8])
    /// The server closed; the code is 1005 if it gave none (RFC 6455, section 7.4.1).
    case closed(code: UInt16, reason: [UInt8])
}

/// Why a WebSocket is of no more use.
public enum WebSocketError: Error, Sendable, Hashable {
    /// The server broke the protocol or a limit; the code is what it is told in our close frame, 1009 for a message
    /// that is too long.
    case violation(code: UInt16)
    /// No memory.
    case outOfMemory
}

/// The client's framing of a WebSocket, on wslay (RFC 6455): the server's bytes in, messages and bytes to send out.
///
/// Make it after the handshake, feed what arrives to `receive(_:)`, take messages by `takeEvents()`, and send what
/// `takeOutput()` gives after each other call. There is no clock and no socket in here; use it from one thread at
/// a time.
@safe
public struct WebSocketClient: ~Copyable {
    private let context: wslay_event_context_ptr
    /// What wslay's callbacks see; wslay takes its address once, so that it must not move.
    private let recorder: UnsafeMutablePointer<WebSocketRecorder>

    /// Opens the client's side.
    ///
    /// Messages longer than `messageBytesMax` end the connection. `mask` gives 32 fresh random bits for each frame; it
    /// has to be unpredictable (RFC 6455, section 10.3).
    public init(messageBytesMax: Int, mask: @escaping @Sendable () -> UInt32) throws(WebSocketError) {
        let recorder = UnsafeMutablePointer<WebSocketRecorder>.allocate(capacity: 1)
        unsafe recorder.initialize(to: WebSocketRecorder(mask: mask))
        var callbacks = webSocketCallbacks()
        var context: wslay_event_context_ptr?
        guard unsafe wslay_event_context_client_init(&context, &callbacks, recorder) == 0, let context = unsafe context
        else {
            unsafe recorder.deinitialize(count: 1)
            unsafe recorder.deallocate()
            throw .outOfMemory
        }
        unsafe wslay_event_config_set_max_recv_msg_length(context, UInt64(clamping: messageBytesMax))
        unsafe self.context = context
        unsafe self.recorder = recorder
    }

    deinit {
        unsafe wslay_event_context_free(context)
        unsafe recorder.deinitialize(count: 1)
        unsafe recorder.deallocate()
    }

    /// Takes in what arrived; messages before an error are kept for `takeEvents()`, and so is the close frame to send.
    public mutating func receive(_ bytes: Span<UInt8>) throws(WebSocketError) {
        unsafe recorder.pointee.input = [UInt8](capacity: bytes.count) { out in
            for index in bytes.indices { out.append(bytes[index]) }
        }
        unsafe recorder.pointee.inputRead = 0
        let result = unsafe wslay_event_recv(context)
        try flush()
        if result == WSLAY_ERR_NOMEM.rawValue { throw .outOfMemory }
        let closeReceived = unsafe wslay_event_get_close_received(context) != 0
        if result != 0 || (unsafe wslay_event_get_read_enabled(context)) == 0 && !closeReceived {
            let code = unsafe wslay_event_get_status_code_sent(context)
            throw .violation(code: code == 0 || code == 1005 || code == 1006 ? 1002 : code)
        }
    }

    /// Returns the messages since the last call, in their order.
    public mutating func takeEvents() -> [WebSocketEvent] {
        var events: [WebSocketEvent] = []
        unsafe swap(&events, &recorder.pointee.events)
        return events
    }

    /// Returns the bytes to send.
    public mutating func takeOutput() -> [UInt8] {
        var output: [UInt8] = []
        unsafe swap(&output, &recorder.pointee.output)
        return output
    }

    /// Queues a binary message.
    public mutating func send(_ message: [UInt8]) throws(WebSocketError) {
        try queue(WSLAY_BINARY_FRAME, message)
    }

    /// Queues a ping; `payload` has at most 125 bytes.
    public mutating func ping(_ payload: [UInt8] = []) throws(WebSocketError) {
        try queue(WSLAY_PING, Array(payload.prefix(125)))
    }

    /// Queues a close frame, after which nothing more is sent.
    public mutating func close(code: UInt16 = 1000) throws(WebSocketError) {
        // Fails only where a close frame is queued already.
        _ = unsafe wslay_event_queue_close(context, code, nil, 0)
        try flush()
    }

    private mutating func queue(_ kind: wslay_opcode, _ payload: [UInt8]) throws(WebSocketError) {
        let result = unsafe payload.withUnsafeBufferPointer { buffer in
            var message = unsafe wslay_event_msg(
                opcode: UInt8(kind.rawValue), msg: buffer.baseAddress, msg_length: buffer.count)
            return unsafe wslay_event_queue_msg(context, &message)
        }
        // After a close frame nothing is queued any more, which is no error of the connection.
        guard result == 0 || result == WSLAY_ERR_NO_MORE_MSG.rawValue else { throw .outOfMemory }
        try flush()
    }

    private mutating func flush() throws(WebSocketError) {
        guard unsafe wslay_event_send(context) == 0 else { throw .outOfMemory }
    }
}
