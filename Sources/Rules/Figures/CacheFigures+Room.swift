extension CacheFigures {
    /// The figures with the room of these pods, no more and no less.
    ///
    /// An autoscaler multiplies a cache's ratio by the pods that are ready when it looks. Where the ratio is of other
    /// workers (of a new pod whose worker the master did not list yet, or of one that is gone and counts as live for up to
    /// `alluxio.master.worker.timeout`, 5 minutes), the product is a worker too many or too few, and the next look takes it
    /// back.
    ///
    /// - Parameter pods: the names of the worker pods that are ready. One that no figure is known of has the room of the
    ///   average worker. Where no figure is known of any, all stays as it is.
    public func withRoom(of pods: Set<String>) -> CacheFigures {
        let known = workers.filter { pods.contains($0.pod) }
        guard !known.isEmpty else { return self }
        var result = self
        let room = known.map(\.use).reduce(CacheUse(totalBytes: 0, usedBytes: 0), +).totalBytes
        let average = Double(room) / Double(known.count)
        let missing = Int64(exactly: (average * Double(pods.count - known.count)).rounded()) ?? .max
        let (total, isTooMuch) = room.addingReportingOverflow(missing)
        result.whole.totalBytes = isTooMuch ? .max : total
        return result
    }
}
