import Kubernetes
import Rules
import Testing
import Wire

@testable import Controller

/// What is made of what the API server and the workers say.
@Suite struct `A look` {
    private static func page(_ blocks: JSON) throws -> WorkerListPage {
        let file: JSON = [
            "id": 1, "absolutePath": "/f", "persistenceState": "PERSISTED", "pinned": false, "blocksOnTier": blocks,
        ]
        let body: JSON = ["ntotalFile": 1, "fatalError": "", "orderedTierAliases": [], "fileInfos": [file]]
        var parser = JSONParser()
        return WorkerListPage(try parser.parse(body.encoded()))
    }

    @Test func `a file's bytes are the sum of its blocks, and unknown where one has none`() throws {
        let block: JSON = ["blockLength": 5]
        #expect(try Self.page(["MEM": [block, block], "SSD": [block]]).entries?.map(\.file.bytes) == [15])
        #expect(try Self.page([:]).entries?.map(\.file.bytes) == [0])
        for wrong in [["MEM": [["blockLength": -1]]], ["MEM": [[:]]], ["MEM": [["blockLength": "5"]]], "MEM", [block]]
            as [JSON]
        {
            #expect(try Self.page(wrong).entries == nil, "\(wrong)")
        }
    }

    @Test func `whoever was asked and has ended by the end of the look is not forgotten`() {
        func pod(_ uid: String) -> Pod { Pod(meta: ObjectMeta(name: uid, namespace: "d", uid: uid)) }
        var target = DrainTarget(key: ObjectKey(namespace: "d", name: "r"))
        target.pods = [pod("a")]
        let snapshots = Snapshots(settings: ReconcilerSettings())
        #expect(snapshots.snapshot(of: target, asked: [pod("a"), pod("b")]).departed.map(\.uid) == ["b"])
        target.trouble = .definitionMissing
        #expect(snapshots.snapshot(of: target, asked: [pod("b")]).departed.isEmpty)
    }

    @Test func `nobody removes a DaemonSet's workers unless that was said`() {
        #expect(ReconcilerSettings().daemonRemoval == .unattended)
    }
}
