/// How a gRPC call ended (gRPC core, "Status codes and their use in gRPC").
public struct GRPCStatus: Error, Sendable, Hashable, CustomStringConvertible {
    /// The code; 0 is success.
    public var code: Int
    /// The server's words, decoded; empty if there are none.
    public var message: String

    /// Makes a status.
    public init(code: Int, message: String = "") {
        self.code = code
        self.message = message
    }

    /// Whether the call succeeded.
    public var isOK: Bool { code == 0 }

    /// Whether the server takes no such call of this caller, however often it is tried.
    public var isRefusalOfCaller: Bool {
        [Self.permissionDenied, Self.unimplemented, Self.unauthenticated].contains(code)
    }

    /// Success.
    public static let ok = GRPCStatus(code: 0)

    /// The caller gave the call up.
    public static let cancelled = 1
    /// Anything else; Alluxio's ordinary refusals too.
    public static let unknown = 2
    /// The request is wrong whatever the server's state is.
    public static let invalidArgument = 3
    /// Not done in time; it may still be done.
    public static let deadlineExceeded = 4
    /// There is no such thing.
    public static let notFound = 5
    /// The caller may not.
    public static let permissionDenied = 7
    /// The server, or a quota, has no more.
    public static let resourceExhausted = 8
    /// The server does not know the method.
    public static let unimplemented = 12
    /// The protocol was broken.
    public static let `internal` = 13
    /// The server can't be reached or is not ready; try again.
    public static let unavailable = 14
    /// The caller is not known.
    public static let unauthenticated = 16

    /// Name, number and message, for people.
    public var description: String {
        let names = [
            "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
            "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE",
            "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
        ]
        let name = names.indices.contains(code) ? names[code] : "code"
        return "\(name) (\(code))" + (message.isEmpty ? "" : ": \(message)")
    }
}

extension GRPCStatus {
    /// Reads the status of a call from its trailers, or from the head of an answer that is trailers only.
    ///
    /// Returns nil where there is no readable `grpc-status`; the message is percent-decoded, and what is no valid
    /// escape stays as it is (gRPC over HTTP/2, "Responses").
    init?(_ fields: [HTTPField]) {
        guard let field = fields.first(where: { $0.name == "grpc-status" }), let code = Int(field.value), code >= 0
        else { return nil }
        let text = fields.first { $0.name == "grpc-message" }?.value ?? ""
        self.init(code: code, message: Self.percentDecoded(text))
    }

    private static func percentDecoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let high = rest.first.flatMap(Self.digit),
                let low = rest.dropFirst().first.flatMap(Self.digit)
            {
                bytes.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
