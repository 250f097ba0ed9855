internal import CNghttp2

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
    // Fields of our answers are few and short: a table of them would cost more memory than it saves bytes.
    unsafe nghttp2_option_set_max_deflate_dynamic_table_size(options, 0)
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
            // It was counted where its frame began.
            unsafe recorder.pointee.controlFrames -= 1
            unsafe recorder.pointee.open(frame.pointee.hd.stream_id)
        }
        return 0
    }
    unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) {
        _, frame, name, nameCount, value, count, _, user in
        guard let frame = unsafe frame, let recorder = unsafe recorder(user) else { return 0 }
        let name = unsafe UnsafeBufferPointer(start: name, count: nameCount)
        let value = unsafe UnsafeBufferPointer(start: value, count: count)
        let isTrailer = unsafe frame.pointee.headers.cat != NGHTTP2_HCAT_REQUEST
        let goesOn = unsafe recorder.pointee.field(frame.pointee.hd.stream_id, name, value, isTrailer: isTrailer)
        // A head can't be left half-read, for the fields that later ones refer to: so the connection ends.
        return goesOn ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
    }
}

/// Counts frames where they begin: nghttp2 does not tell of those that it passes over.
private func setServerFrameCallback(_ callbacks: OpaquePointer?) {
    unsafe nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks) { _, header, user in
        guard let header = unsafe header?.pointee, let recorder = unsafe recorder(user) else { return 0 }
        let isLast = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
        let isMore = header.type == NGHTTP2_CONTINUATION.rawValue
        let isHead = isMore || header.type == NGHTTP2_HEADERS.rawValue
        guard unsafe recorder.pointee.frame(headBytes: isHead ? header.length : nil, isMore: isMore) else {
            return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
        }
        switch UInt32(header.type) {
        case NGHTTP2_RST_STREAM.rawValue, NGHTTP2_CONTINUATION.rawValue, NGHTTP2_WINDOW_UPDATE.rawValue:
            break
        case NGHTTP2_DATA.rawValue:
            let isPadded = header.flags & UInt8(NGHTTP2_FLAG_PADDED.rawValue) != 0
            let isTiny = isPadded || header.length < HTTP2ServerRecorder.tinyDataBytes
            if isTiny && !isLast { unsafe recorder.pointee.controlFrames += 1 }
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
            unsafe recorder.pointee.endHead()
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
