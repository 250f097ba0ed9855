@testable import Rules

extension Sample {
    static let scales: [Sample] = [
        Sample("inside", scaled(1, 4)),
        Sample("0 is always allowed", scaled(3, 0, cluster(2, 4))),
        Sample("absent is 0", scaled(3, nil, cluster(2, 4))),
        Sample("unchanged outside", scaled(9, 9)),
        Sample("E301", scaled(4, 5)),
        Sample("E301, farther out", scaled(5, 6)),
        Sample("E302", scaled(2, 1, cluster(2, 4))),
        Sample("E302 after a suspension", scaled(0, 1, cluster(2, 4))),
        Sample("E303", scaled(2, -1)),
        Sample("W301", scaled(10, 11, cluster(1, 10, filledIn: true))),
        Sample("W302", scaled(9, 8)),
        Sample("W302, from below", scaled(1, 2, cluster(3, 4))),
        Sample("E302, through to the other side", scaled(6, 2, cluster(3, 4))),
        Sample("contradictory bounds are the runtime's matter", scaled(2, 3, cluster(5, 4))),
        Sample("a runtime that does not exist is the API server's matter", scaled(1, 100, cluster(.absent))),
        Sample("W303", scaled(1, 100, .unknown)),
        Sample("W304", scaled(3, 2, cluster(daemonWorkers()))),
        Sample(
            "E304, drained but not watched any more",
            scaled(3, 2, cluster(daemonWorkers(target: 2, drain)), policy: gated)),
        Sample("E304, no drain yet", scaled(3, 2, cluster(daemonWorkers()), policy: gated)),
        Sample(
            "E304 for 0, under way",
            scaled(3, 0, cluster(daemonWorkers(target: 0) { $0.state = .freeing }), policy: gated)),
        Sample("E304, blocked", scaled(3, 2, cluster(daemonWorkers(target: 2, block)), policy: gated)),
        Sample("drained", scaled(3, 2, cluster(daemonWorkers(target: 2, isWatched: true, drain)), policy: gated)),
        Sample(
            "E304, drained for another count",
            scaled(3, 1, cluster(daemonWorkers(target: 2, isWatched: true, drain)), policy: gated)),
        Sample("E304 and E302", scaled(3, 1, gatedWithMinimum, policy: gated)),
        Sample("removes nobody who is there", scaled(9, 3, cluster(daemonWorkers()), policy: gated)),
    ]

    private static func drain(_ record: inout DrainRecord) {
        record.state = .removing
    }
    private static func block(_ record: inout DrainRecord) {
        let obstacle = DrainObstacle.nodesInUse
        record.blocked = DrainRecord.Blocked(
            reason: obstacle.reason, text: obstacle.text, remedy: obstacle.remedy)
    }
    private static var gatedWithMinimum: ClusterFacts {
        var facts = cluster(2, 4)
        facts.daemonWorkers = daemonWorkers()
        return facts
    }

    static let reviews: [Sample] = [
        Sample("E001", ReviewRules.unreadable("request.uid is missing")),
        Sample("E002", ReviewRules.unknownRuntimeVersion("data.fluid.io/v1beta7")),
    ]
}
