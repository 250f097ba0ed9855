internal import CWslay

/// Where wslay's callbacks read from and write to.
struct WebSocketRecorder {
    let mask: @Sendable () -> UInt32
    var input: [UInt8] = []
    var inputRead = 0
    var output: [UInt8] = []
    var events: [WebSocketEvent] = []

    init(mask: @escaping @Sendable () -> UInt32) {
        self.mask = mask
    }

    mutating func message(_ argument: wslay_event_on_msg_recv_arg) {
        let bytes = unsafe [UInt8](UnsafeBufferPointer(start: argument.msg, count: argument.msg_length))
        switch unsafe UInt32(argument.opcode) {
        case WSLAY_BINARY_FRAME.rawValue: events.append(.binary(bytes))
        case WSLAY_TEXT_FRAME.rawValue: events.append(.text(bytes))
        case WSLAY_PONG.rawValue: events.append(.pong(bytes))
        case WSLAY_CONNECTION_CLOSE.rawValue:
            let code = unsafe argument.status_code
            // The code's two bytes come first.
            events.append(.closed(code: code == 0 ? 1005 : code, reason: Array(bytes.dropFirst(2))))
        default: break
        }
    }
}

private func recorder(_ pointer: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<WebSocketRecorder>? {
    unsafe pointer?.assumingMemoryBound(to: WebSocketRecorder.self)
}

func webSocketCallbacks() -> wslay_event_callbacks {
    var callbacks = wslay_event_callbacks()
    unsafe callbacks.recv_callback = { context, buffer, length, _, user in
        guard let recorder = unsafe recorder(user), let buffer = unsafe buffer else { return -1 }
        let start = unsafe recorder.pointee.inputRead
        let count = unsafe min(length, recorder.pointee.input.count - start)
        guard count > 0 else {
            unsafe wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK.rawValue)
            return -1
        }
        unsafe recorder.pointee.input.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { unsafe buffer.update(from: base + start, count: count) }
        }
        unsafe recorder.pointee.inputRead = start + count
        return count
    }
    unsafe callbacks.send_callback = { _, data, length, _, user in
        guard let recorder = unsafe recorder(user) else { return -1 }
        unsafe recorder.pointee.output.append(contentsOf: UnsafeBufferPointer(start: data, count: length))
        return length
    }
    unsafe callbacks.genmask_callback = { _, buffer, length, user in
        guard let recorder = unsafe recorder(user), let buffer = unsafe buffer else { return -1 }
        var bits: UInt32 = 0
        for index in 0..<length {
            if index % 4 == 0 { bits = unsafe recorder.pointee.mask() }
            unsafe buffer[index] = UInt8(truncatingIfNeeded: bits >> UInt32(index % 4 * 8))
        }
        return 0
    }
    unsafe callbacks.on_msg_recv_callback = { _, argument, user in
        guard let recorder = unsafe recorder(user), let argument = unsafe argument else { return }
        unsafe recorder.pointee.message(argument.pointee)
    }
    return callbacks
}
