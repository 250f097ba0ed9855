internal import Rules
internal import Wire

/// The record of a drain as the text of an annotation: JSON with a version.
enum DrainRecordCoding {
    /// The version that is written and read; any other is no record, and the drain begins again.
    static let version: Int64 = 1
    /// The longest text that is read, in bytes; annotations of an object have 256 KiB together.
    static let textMaximumBytes = 200 << 10

    /// The largest number of workers or rounds that is believed: anybody may write an annotation.
    static let countMaximum = Int(Int32.max)

    /// Writes a record; `left` is what each leaving worker holds, for people and `sluice status`.
    static func text(_ record: DrainRecord, left: [DrainWorkerLeft], at now: Timestamp) -> String {
        var json: JSON = [
            "version": .integer(version), "state": .string(record.state.rawValue),
            "workerSet": .string(record.workerSetUID), "runtime": .string(record.runtimeUID),
            "target": .integer(Int64(record.target)), "startedAt": time(record.startedAt),
            "stateSince": time(record.stateSince), "round": .integer(Int64(record.round)),
            "ran": .integer(record.ranMilliseconds), "bytesAtStart": .integer(record.bytesAtStart),
            "leaving": .array(record.leaving.map { ["name": .string($0.name), "uid": .string($0.uid)] }),
        ]
        json["roundEndedAt"] = record.roundEndedAt.map(time)
        json["runsSince"] = record.runsSince.map(time)
        json["restsUntil"] = record.restsUntil.map(time)
        json["drainedAt"] = record.drainedAt.map(time)
        json["fallback"] = record.fallback.map(JSON.string)
        json["acceptance"] = record.acceptance.map { .string($0.rawValue) }
        json["blocked"] = record.blocked.map { blocked in
            [
                "reason": .string(blocked.reason), "text": .string(blocked.text), "remedy": .string(blocked.remedy),
                "since": time(blocked.since),
            ]
        }
        if !record.ranIn.isEmpty {
            json["ranIn"] = .array(record.ranIn.sorted().map(JSON.string))
        }
        if !record.repin.isEmpty {
            json["repin"] = .array(record.repin.map { .string($0.text) })
        }
        if !record.undo.isEmpty {
            json["undo"] = .array(record.undo.map(undo))
        }
        if !left.isEmpty {
            json["left"] = .array(left.map(\.json))
            json["leftAt"] = time(now)
        }
        return String(decoding: json.encoded(), as: UTF8.self)
    }

    private static func time(_ timestamp: Timestamp) -> JSON {
        .integer(timestamp.millisecondsSinceEpoch)
    }

    private static func undo(_ undo: DrainRecord.Undo) -> JSON {
        [
            "name": .string(undo.name), "uid": .string(undo.uid), "host": .string(undo.host),
            "webPort": .integer(Int64(undo.webPort)), "enabled": .bool(undo.isEnabled),
        ]
    }

    /// Reads a record; nil if it is none of this version, or anything in it can't be read.
    static func record(_ text: String) -> DrainRecord? {
        guard text.utf8.count <= textMaximumBytes else {
            return nil
        }
        var parser = JSONParser(bytesMax: textMaximumBytes, depthMax: 8)
        // What can't be read is no record: the drain begins again, which costs time and nothing else.
        guard let value = try? parser.parse(Array(text.utf8)) else {
            return nil
        }
        return record(value)
    }

    private static func record(_ value: JSONValue) -> DrainRecord? {
        guard value["version"]?.int64 == version,
            let state = value["state"]?.string.flatMap({ DrainState(rawValue: $0) }),
            state != .idle, let workerSet = value["workerSet"]?.string, let runtime = value["runtime"]?.string,
            let target = integer(value["target"]), (0...countMaximum).contains(target),
            let startedAt = timestamp(value["startedAt"]),
            let stateSince = timestamp(value["stateSince"]), let leaving = leaving(value["leaving"])
        else {
            return nil
        }
        var record = DrainRecord(
            workerSetUID: workerSet, runtimeUID: runtime, target: target, leaving: leaving, now: startedAt)
        record.state = state
        record.stateSince = stateSince
        record.round = min(max(0, integer(value["round"]) ?? 0), countMaximum)
        record.ranMilliseconds = value["ran"]?.int64 ?? 0
        record.bytesAtStart = value["bytesAtStart"]?.int64 ?? 0
        record.roundEndedAt = timestamp(value["roundEndedAt"])
        record.runsSince = timestamp(value["runsSince"])
        record.restsUntil = timestamp(value["restsUntil"])
        record.drainedAt = timestamp(value["drainedAt"])
        record.fallback = value["fallback"]?.string
        record.acceptance = value["acceptance"]?.string.flatMap { DrainRecord.Acceptance(rawValue: $0) }
        record.blocked = blocked(value["blocked"])
        record.repin = (value["repin"].map { Array($0.elements) } ?? []).compactMap {
            $0.string.map { AlluxioPath($0) }
        }
        record.ranIn = Set((value["ranIn"].map { Array($0.elements) } ?? []).compactMap(\.string))
        guard let undo = undo(value["undo"]) else {
            return nil
        }
        record.undo = undo
        return record
    }

    private static func integer(_ value: JSONValue?) -> Int? {
        value?.int64.flatMap { Int(exactly: $0) }
    }

    private static func timestamp(_ value: JSONValue?) -> Timestamp? {
        value?.int64.map { Timestamp(millisecondsSinceEpoch: $0) }
    }

    private static func leaving(_ value: JSONValue?) -> [DrainRecord.Leaving]? {
        guard let value, value.kind == .array else {
            return nil
        }
        var result: [DrainRecord.Leaving] = []
        for element in value.elements {
            guard let name = element["name"]?.string, let uid = element["uid"]?.string else {
                return nil
            }
            result.append(DrainRecord.Leaving(name: name, uid: uid))
        }
        return result
    }

    private static func undo(_ value: JSONValue?) -> [DrainRecord.Undo]? {
        guard let value else {
            return []
        }
        var result: [DrainRecord.Undo] = []
        for element in value.elements {
            guard let name = element["name"]?.string, let uid = element["uid"]?.string,
                let host = element["host"]?.string, let port = integer(element["webPort"])
            else {
                return nil
            }
            let isEnabled = element["enabled"]?.bool ?? false
            result.append(DrainRecord.Undo(name: name, uid: uid, host: host, webPort: port, isEnabled: isEnabled))
        }
        return result
    }

    private static func blocked(_ value: JSONValue?) -> DrainRecord.Blocked? {
        guard let value, let reason = value["reason"]?.string, let text = value["text"]?.string,
            let remedy = value["remedy"]?.string, let since = timestamp(value["since"])
        else {
            return nil
        }
        return DrainRecord.Blocked(reason: reason, text: text, remedy: remedy, since: since)
    }
}

/// What a leaving worker still holds, as it is shown.
struct DrainWorkerLeft: Sendable, Hashable {
    var name: String
    /// Nil if its list can't be read.
    var files: Int?
    var bytes: Int64?

    var json: JSON {
        var json: JSON = ["name": .string(name)]
        json["files"] = files.map { .integer(Int64($0)) }
        json["bytes"] = bytes.map(JSON.integer)
        return json
    }
}
