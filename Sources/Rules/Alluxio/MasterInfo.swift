/// What the leading master says of itself and of its workers: `GET /api/v1/master/info`, up to 10 s old.
public struct MasterInfo: Sendable, Hashable {
    /// One live worker.
    public struct Worker: Sendable, Hashable {
        /// The name it registered under: under Fluid the node's address.
        public var host: String
        /// The pod's address in a container network, else empty.
        public var containerHost: String
        /// Its web port.
        public var webPort: Int

        /// Makes a worker.
        public init(host: String, containerHost: String, webPort: Int) {
            self.host = host
            self.containerHost = containerHost
            self.webPort = webPort
        }

        /// Whether this is the worker of a pod, told by the node's and the pod's address, or by the port on a shared host.
        public func isPod(nodeAddress: String?, podAddress: String?, webPort: Int?) -> Bool {
            guard host == nodeAddress || host == podAddress else {
                return false
            }
            if !containerHost.isEmpty {
                return containerHost == podAddress
            }
            return webPort == nil || self.webPort == webPort
        }
    }

    /// The master's version, if it is one that we can read.
    public var version: AlluxioVersion?
    /// When it was started, in milliseconds since 1970; nil if it does not say.
    public var startedMilliseconds: Int64?
    /// The live workers.
    public var workers: [Worker]
    /// The workers that it has lost: their blocks may lie on their nodes.
    public var lostWorkers: [Worker]

    /// Makes the answer.
    public init(
        version: AlluxioVersion?, startedMilliseconds: Int64? = nil, workers: [Worker], lostWorkers: [Worker] = []
    ) {
        self.version = version
        self.startedMilliseconds = startedMilliseconds
        self.workers = workers
        self.lostWorkers = lostWorkers
    }
}
