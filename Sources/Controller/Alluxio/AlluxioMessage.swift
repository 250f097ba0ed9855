internal import Wire

/// The methods of Alluxio's RPC that are called; the same in 2.9.0 and 2.9.6 where nothing else is said.
enum AlluxioMethod {
    static let authenticate = "/alluxio.grpc.sasl.SaslAuthenticationService/authenticate"
    /// Files with their blocks and who holds them, as a stream.
    static let listStatus = "/alluxio.grpc.file.FileSystemMasterClientService/ListStatus"
    /// The workers that the master has heard of lately.
    static let workerInfoList = "/alluxio.grpc.block.BlockMasterClientService/GetWorkerInfoList"
    /// Takes a worker out of service; 2.9.4 and newer.
    static let decommissionWorker = "/alluxio.grpc.block.BlockMasterClientService/DecommissionWorker"
    /// Removes one block from the worker that is called, whatever it is of: the caller has to know.
    static let removeBlock = "/alluxio.grpc.block.BlockWorker/RemoveBlock"
}

/// What is sent, by the field numbers of Alluxio's own descriptors.
enum AlluxioMessage {
    /// SASL's PLAIN: no authorization identity, the user, any password; bound to the id that all calls carry.
    static func authentication(user: String, channelID: String) -> [UInt8] {
        var message = ProtobufWriter()
        message.add(2, [0] + Array(user.utf8) + [0] + Array("noPassword".utf8))
        message.add(3, channelID)
        message.add(4, 1 as Int64)  // SIMPLE
        message.add(5, "sluice")
        return message.bytes
    }

    /// Whether the server's answer says that the authentication has succeeded.
    static func isAuthenticated(_ answer: [UInt8]) -> Bool {
        var reader = ProtobufReader(answer)
        // A message that can't be read says nothing of the kind.
        while let field = try? reader.next() {
            if field.number == 1 { return field.value.int64 == 1 }
        }
        return false
    }

    /// Everything below a path, as the master knows it: nothing is looked up in the under storage.
    static func listStatus(_ path: String) -> [UInt8] {
        var message = ProtobufWriter()
        message.add(1, path)
        message.add(2) { options in
            options.add(2, 0 as Int64)  // never load metadata
            options.add(3) { $0.add(1, -1 as Int64) }  // never synchronize
            options.add(4, true)  // recursively
        }
        return message.bytes
    }

    static func removeBlock(_ id: Int64) -> [UInt8] {
        var message = ProtobufWriter()
        message.add(1, id)
        return message.bytes
    }

    /// The block of a request made by `removeBlock`.
    static func blockID(ofRemoval request: [UInt8]) -> Int64? {
        var reader = ProtobufReader(request)
        // What we wrote ourselves is readable.
        return (try? reader.next())?.value.int64
    }

    /// Whoever is at its address after it may register, as after the client's own command: else the master would refuse
    /// the next worker there for good.
    static func decommissionWorker(host: String, webPort: Int) -> [UInt8] {
        var message = ProtobufWriter()
        message.add(1, host)
        message.add(2, Int64(webPort))
        message.add(3, true)
        return message.bytes
    }
}
