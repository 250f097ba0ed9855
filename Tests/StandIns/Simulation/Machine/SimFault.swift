/// One thing that goes wrong: with which calls, how, how often, and from when to when.
struct SimFault {
    enum Effect: Hashable {
        /// Refused with this status, and with the time after which to come again, if any.
        case status(Int, retryAfter: Int64?)
        /// Never arrives; whoever asked waits for its time to be over.
        case lost
        /// Carried out, but the answer never comes.
        case answerLost
        /// Carried out, but the connection breaks before the answer.
        case cut
        /// The connection can't be made.
        case unreachable
        /// Answered so much later.
        case slow(Int64)
        /// Begins so much later to do what it is to do.
        case late(Int64)
        /// A command that is ended by SIGKILL before it has done anything.
        case killed
        /// A command that is ended by SIGKILL after it has done its work.
        case killedLate
        /// A command that says what nobody can read, and has done nothing.
        case garbage
        /// A command that refuses with some other error.
        case refused
        /// A command that says that it does not know the worker.
        case notKnown
        /// A command that reaches no master.
        case noMaster
        /// A list that comes drop by drop.
        case trickling
        /// A worker that shows no files (`alluxio.web.file.info.enabled=false`).
        case hidden
        /// A worker whose answers are whole but of another form.
        case strange
    }

    /// What a call must be: one of its tags, such as `list pods`, `exec free` or `worker hbase-worker-2`.
    var tag: String
    var effect: Effect
    var percent: Int
    var from: Int64
    var until: Int64
    /// Which replica it hits; nil means each.
    var process: Int?

    var shown: String { "\(tag): \(effect) \(percent) % from \(from.shown) until \(until.shown)" }
}

/// All that goes wrong in a world.
struct SimFaults {
    var list: [SimFault] = []

    /// What goes wrong with this call, drawn now.
    func effect(_ tags: [String], process: Int, now: Int64, _ random: SimRandom) -> SimFault.Effect? {
        for fault in list
        where fault.from <= now && now < fault.until && tags.contains(fault.tag)
            && (fault.process == nil || fault.process == process)
        {
            if fault.percent >= 100 || random.chance(fault.percent) { return fault.effect }
        }
        return nil
    }

    /// Whether anything of this kind goes wrong now.
    func isActive(_ tag: String, now: Int64) -> Bool {
        list.contains { $0.from <= now && now < $0.until && $0.tag == tag }
    }
}
