/// What an HTTP/2 client may do; beyond each number there is an attack with a name.
public struct HTTP2ServerLimits: Sendable, Hashable {
    /// The most requests of one connection at a time; more are refused, stream by stream.
    public var concurrentStreams = 100
    /// Each stream's window, the most bytes of a body that are under way before we say more, in bytes.
    public var streamWindowBytes = 256 << 10
    /// The connection's window over all streams, in bytes.
    public var connectionWindowBytes = 1 << 20
    /// How many streams a client may reset at once (rapid reset, CVE-2023-44487); beyond it the connection ends.
    public var resetBurst = 200
    /// How many streams a client may reset each second in the long run.
    public var resetsPerSecond = 50
    /// The most CONTINUATION frames of one head (CVE-2024-28182); beyond it the connection ends.
    public var continuations = 8
    /// The most entries of a SETTINGS frame (CVE-2020-11080); beyond it the connection ends.
    public var settingsEntries = 32
    /// The most acknowledgements that wait for a client that does not read (CVE-2019-9512, CVE-2019-9515).
    public var outboundAcknowledgements = 100
    /// The most frames each second that bring no request on: PING, SETTINGS, PRIORITY, padded or tiny DATA,
    /// HEADERS that open no stream, and streams that end before their request is complete, whoever ends them
    /// (CVE-2019-9513, CVE-2019-9518, CVE-2025-8671).
    public var controlFramesPerSecond = 500

    /// Makes the default limits.
    public init() {}
}
