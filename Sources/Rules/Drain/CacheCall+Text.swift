extension CacheCall {
    /// What is asked, for people.
    public var text: String {
        switch self {
        case .free(let path, _): "free \(path.text)"
        case .remove(let blocks, _): "remove \(counted(blocks.count, "block"))"
        case .takeOutOfService(let worker, let isByRPC):
            "take \(worker.name) out of service\(isByRPC ? " by RPC" : "")"
        case .takeBack(let worker): "take \(worker.name) back into service"
        }
    }
}

extension CacheAnswer {
    /// What came of it, for people.
    public var text: String {
        switch self {
        case .done: "done"
        case .absent: "there is no such thing"
        case .stillHeld: "a reader holds some of it, or it is stuck"
        case .notPersisted(let path): "\(path.text) is not persisted"
        case .pinned(let path): "\(path.text) is pinned"
        case .unsupported(let said): "not known to this client: \(said)"
        case .noMaster(let said): "no master answers: \(said)"
        case .unreachable(let why): "out of reach: \(why)"
        case .forbidden(let what): "Sluice may not \(what)"
        case .unknown(let why): "nobody knows: \(why)"
        case .failed(let said): said
        }
    }
}
