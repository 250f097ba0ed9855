internal import Wire

/// Where a client connects to.
public struct ClientEndpoint: Sendable, Hashable {
    /// A DNS name, or an IP address without brackets.
    public var host: String
    /// The TCP port.
    public var port: UInt16
    /// The name that the certificate must be for, and that is sent as SNI; `host` unless set.
    public var serverName: String?

    /// Makes an endpoint.
    public init(host: String, port: UInt16, serverName: String? = nil) {
        self.host = host
        self.port = port
        self.serverName = serverName
    }

    /// Host and port as the `Host` field has them (RFC 9110, section 7.2).
    public var authority: String { host.utf8.contains(0x3A) ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// A client's times and limits.
public struct ClientSettings: Sendable {
    /// How long name resolution, connect and TLS handshake may take together; 10 s unless set.
    public var connectTimeout: Duration = .seconds(10)
    /// How long one address of several is tried; 3 s unless set.
    public var addressTimeout: Duration = .seconds(3)
    /// After how long without a byte an HTTP/2 server is pinged; 15 s unless set.
    public var pingInterval: Duration = .seconds(15)
    /// How long it may take until a byte comes after a ping, or the connection counts as dead; 10 s unless set.
    public var pingTimeout: Duration = .seconds(10)
    /// The most requests under way at a time, waiting ones included; 1024 unless set.
    public var requestsMax = 1024
    /// The most connections to a server without HTTP/2; 64 unless set.
    public var connectionsMax = 64
    /// The most execs at a time; 32 unless set.
    public var execsMax = 32
    /// How long an unused HTTP/1.1 connection is kept; 30 s unless set.
    public var keepAlive: Duration = .seconds(30)
    /// How many bytes a streamed answer may have that nobody has taken yet; 256 KiB unless set.
    public var streamBufferBytes: Int32 = 256 << 10
    /// The most bytes of all answers that are being collected, beyond which the one that grows fails; 40 MiB unless set.
    public var collectedBytesMax = 40 << 20
    /// How often a request is sent anew that was surely not carried out; 2 unless set.
    public var resendsMax = 2

    /// Speaks HTTP/2 without asking on plain text (RFC 9113, section 3.3): for tests of HTTP/2 without TLS.
    var assumesHTTP2 = false

    /// Makes settings with the defaults.
    public init() {}

    var http2Limits: HTTP2ClientSession.Limits { .init(streamWindowBytes: streamBufferBytes) }
}
