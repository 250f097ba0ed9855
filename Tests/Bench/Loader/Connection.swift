import Foundation
import Transport
import Wire

/// Why a call gave nothing; for whoever reads the output.
struct Failure: Error, CustomStringConvertible {
    let description: String
}

/// A connection to a master or worker of Alluxio, authenticated.
final class Connection {
    private let stream: ClientByteStream
    private var session: GRPCClientSession
    private let id = UUID().uuidString.lowercased()

    /// Connects to `HOST:PORT` and says who it is.
    init(_ loop: EventLoop, _ address: String) async throws {
        let parts = address.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1]) else {
            throw Failure(description: "\(address): no HOST:PORT")
        }
        stream = try await ClientByteStream.connect(
            loop: loop, endpoint: ClientEndpoint(host: String(parts[0]), port: port), timeout: .seconds(10))
        session = try GRPCClientSession(authority: address)
        var message = ProtobufWriter()
        message.add(2, [0] + Array("root".utf8) + [0] + Array("none".utf8))
        message.add(3, id)
        message.add(4, 1 as Int64)
        let call = try session.start("/alluxio.grpc.sasl.SaslAuthenticationService/authenticate")
        // The stream stays open: Alluxio forgets a caller whose stream ends.
        session.send(message.bytes, on: call, isLast: false)
        while true {
            for event in try await events(timeout: .seconds(30)) {
                if case .message = event { return }
                if case .ended(_, let status) = event { throw Failure(description: "\(address): \(status)") }
            }
        }
    }

    /// Makes a call and hands over the parts of its messages.
    func call(
        _ method: String, _ request: ProtobufWriter, timeout: Duration,
        receive: ([UInt8], Bool) throws -> Void = { _, _ in }
    ) async throws {
        let call = try session.start(
            "/alluxio.grpc.\(method)", metadata: [HTTPField("channel-id", id)], timeout: timeout)
        session.send(request.bytes, on: call, isLast: true)
        while true {
            for event in try await events(timeout: timeout) {
                switch event {
                case .message(call, let part, let isLast):
                    session.consume(part.count, of: call)
                    try receive(part, isLast)
                case .ended(call, let status):
                    guard status.isOK else { throw Failure(description: "\(method): \(status)") }
                    return
                default: break
                }
            }
        }
    }

    private func events(timeout: Duration) async throws -> [GRPCClientEvent] {
        while true {
            var output: [UInt8] = []
            try session.output(into: &output)
            if output.isEmpty { break }
            try await stream.send(output)
        }
        guard let bytes = try await stream.receive(timeout: timeout) else {
            throw Failure(description: "no answer in time")
        }
        guard !bytes.isEmpty else { throw Failure(description: "the server closed the connection") }
        try session.receive(bytes.span)
        return session.takeEvents()
    }
}
