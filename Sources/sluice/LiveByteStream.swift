internal import Kubernetes
internal import Transport

/// A byte stream to a pod, in the cluster's terms.
struct LiveByteStream: ByteStream {
    let stream: ClientByteStream

    func send(_ bytes: [UInt8]) async throws(ClusterError) {
        do throws(ClientError) { try await stream.send(bytes) } catch { throw ClusterError(error) }
    }

    func receive(timeout: Duration) async throws(ClusterError) -> [UInt8]? {
        do throws(ClientError) { return try await stream.receive(timeout: timeout) } catch { throw ClusterError(error) }
    }

    func close() { stream.close() }
}
