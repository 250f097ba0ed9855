import Kubernetes

extension SimPlan {
    /// A plan as a seed draws it: most are ordinary in most ways, and odd in a few.
    static func drawn(seed: UInt64) -> SimPlan {
        let random = SimRandom(seed: seed &* 31 &+ 7)
        var plan = SimPlan()
        let era = random.weighted([(10, SimEra.d), (6, .c), (2, .a), (2, .b)])
        plan.runtimes = [.drawn(random, era, name: "hbase")]
        if random.chance(15) { plan.runtimes.append(.drawn(random, era, name: "spark")) }
        plan.drainsMax = random.weighted([(4, 4), (1, 1)])
        plan.nodes = plan.runtimes.map(\.workers).reduce(0, max) + 1 + random.below(3)
        plan.replicas = random.weighted([(5, 1), (2, 2)])
        if random.chance(4) { plan.installations = 2 }
        plan.hasDrainDefinition = !random.chance(3)
        if random.chance(25) { plan.leaseSeconds = (15, 5, 2) }
        plan.latency = random.weighted([(6, .milliseconds(20)), (2, .milliseconds(300)), (1, .milliseconds(600))])
        plan.lag = random.weighted([(6, .milliseconds(200)), (2, .seconds(2)), (1, .seconds(20))])
        plan.chaos = random.weighted([(3, .minutes(2)), (4, .minutes(4)), (2, .minutes(10))])
        // How much goes wrong: nothing, a little, much.
        switch random.below(4) {
        case 0:
            plan.disturbedEvery = nil
        case 1:
            plan.disturbedEvery = .seconds(60)
        case 2:
            plan.disturbedEvery = .seconds(25)
            plan.failingPercent = 2
        default:
            plan.disturbedEvery = .seconds(10)
            plan.failingPercent = random.pick([0, 5, 15])
        }
        if era == .d, random.chance(12) {
            // What few seeds would come to by themselves: the master's decommission, and a wish that changes meanwhile.
            plan.isFickle = true
            plan.runtimes[0].version = "2.9.6"
            plan.runtimes[0].writesEvery = random.pick([nil, .seconds(3)])
            plan.runtimes[0].annotations["sluice.dev/drain"] = "Decommission"
            plan.runtimes[0].annotations["sluice.dev/cooldown"] = "1s"
        }
        if random.chance(30) {
            // One thing that fails wholly, from some moment on; in a third of the cases for ever.
            plan.isForEver = random.chance(33)
            let from = random.between(0, plan.chaos / 2)
            plan.faults = [
                SimFault(
                    tag: random.pick(SimPeople.tags), effect: random.pick(SimPeople.lasting), percent: 100, from: from,
                    until: plan.isForEver ? .max : from + random.between(.seconds(20), plan.chaos))
            ]
        }
        return plan
    }
}

extension SimPlan {
    /// Takes over what somebody wrote down, and keeps how fast and how badly everything goes.
    mutating func take(_ named: SimPlan) {
        var plan = named
        (plan.latency, plan.lag, plan.leaseSeconds, plan.chaos) = (latency, lag, leaseSeconds, chaos)
        (plan.disturbedEvery, plan.failingPercent) = (disturbedEvery, failingPercent)
        self = plan
    }

    /// A quiet day: nothing fails, nobody reads or writes, and a lower count is wanted.
    static func ordinary(seed: UInt64) -> SimPlan {
        let random = SimRandom(seed: seed &* 17 &+ 3)
        var plan = SimPlan()
        plan.disturbedEvery = nil
        plan.runtimes[0].era = random.pick([.c, .d])
        plan.runtimes[0].workers = 2 + random.below(3)
        plan.runtimes[0].files = random.below(8)
        plan.runtimes[0].isParallel = random.chance(50)
        plan.runtimes[0].isOnHostPath = random.chance(50)
        plan.runtimes[0].hasHostNetwork = random.chance(50)
        plan.runtimes[0].annotations["sluice.dev/cooldown"] = "20s"
        return plan
    }
}

extension SimRuntimePlan {
    static func drawn(_ random: SimRandom, _ era: SimEra, name: String) -> SimRuntimePlan {
        var plan = SimRuntimePlan()
        plan.name = name
        plan.era = era
        plan.isOneWayDoor = era == .a || (era == .b && random.chance(50))
        plan.workers = random.weighted([(2, 2), (5, 3), (3, 4), (1, 6)])
        plan.version = random.weighted([(3, "2.9.0"), (2, "2.9.6")])
        if random.chance(25) {
            plan.tiers.append(SimTier(alias: "SSD", bytes: 8 << 30, folders: random.weighted([(3, 1), (1, 2)])))
            if random.chance(50) { (plan.reservedBytes, plan.reservedText) = (16 << 20, "16MB") }
        }
        plan.isOnHostPath = random.chance(70)
        plan.hasHostNetwork = random.chance(60)
        if random.chance(30) { plan.masterMemory = random.pick(["1Gi", "4Gi"]) }
        plan.isParallel = random.chance(75)
        if random.chance(8) { plan.ordinalsStart = 1 + random.below(3) }
        plan.isRolledOut = random.chance(25)
        plan.files = random.weighted([(1, 0), (5, 6), (4, 14), (1, 40)])
        plan.blocksPerFile = random.weighted([(6, 1), (1, 3)])
        plan.copies = random.weighted([(4, 1), (2, 2)])
        plan.unpersisted = random.weighted([(6, 0), (1, 10)])
        plan.pinned = random.weighted([(8, 0), (1, 10)])
        plan.stuckPermille = random.weighted([(6, 0), (1, 30)])
        plan.isWalkOrdered = random.chance(50)
        plan.listMicroseconds = random.weighted([(8, 1_400), (1, 200_000)])
        plan.readsEvery = random.weighted([(4, nil), (2, .seconds(20)), (1, .seconds(2)), (1, .milliseconds(300))])
        plan.writesEvery = random.weighted([(5, nil), (2, .seconds(30)), (1, .seconds(6))])
        plan.workerTimeout = random.weighted([(3, .minutes(5)), (1, .minutes(1))])
        plan.clientRefresh = random.weighted([(1, .minutes(2)), (1, .seconds(15))])
        plan.rpcRoutes = random.weighted([(4, [.direct, .portForward]), (2, [.direct]), (2, [.portForward]), (3, [])])
        plan.drawPolicies(random)
        return plan
    }

    private mutating func drawPolicies(_ random: SimRandom) {
        let choices: [(percent: Int, name: String, values: [String])] = [
            (25, "drain", ["Decommission", "Auto", "None"]), (8, "drain-scope", ["Path"]),
            (10, "drain-pinned", ["Evict", "Unpin"]),
            (30, "drain-deadline", ["1m", "3m"]), (30, "on-deadline", ["Hold", "Auto", "Remove"]),
            (50, "cooldown", ["1s", "20s", "5m"]), (10, "drain-client", ["Exec"]),
        ]
        for choice in choices where random.chance(choice.percent) {
            annotations["sluice.dev/\(choice.name)"] = random.pick(choice.values)
        }
    }
}
