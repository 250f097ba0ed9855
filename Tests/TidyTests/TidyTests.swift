import Testing

/// What one file does against a house rule; collected, so that a test shows all of them at once.
struct Offence: CustomStringConvertible, Equatable {
    let path: String
    let line: Int
    let what: String
    var description: String { "\(path):\(line): \(what)" }
}

@Suite struct `The source tree` {
    /// What each module may import; a C module only where it is named here, and only hidden from others.
    static let mayImport: [String: Set<String>] = [
        "Rules": [],
        "Wire": ["COpenSSL", "CNghttp2", "CSimdjson", "CWslay", "Glibc", "Synchronization"],
        "Transport": ["Wire", "CLinux", "Glibc", "Synchronization"],
        "Kubernetes": ["Wire", "CYAML", "Glibc", "Synchronization"],
        "Controller": ["Rules", "Kubernetes", "Wire", "Synchronization"],
        "sluice": [
            "Controller", "Transport", "Kubernetes", "Rules", "Wire", "CLinux", "Glibc", "Synchronization", "Dispatch",
        ],
    ]
    static let cModules: Set = ["CLinux", "COpenSSL", "CNghttp2", "CSimdjson", "CYAML", "CWslay"]
    static let testFolders: Set = [
        "RulesTests", "WireTests", "TransportTests", "KubernetesTests", "ControllerTests", "SluiceTests", "TidyTests",
        "EndToEndTests", "SimulationTests", "StandIns", "Fuzz", "Bench", "Cluster", "Mutants",
    ]

    @Test func `is found, and is this repository`() {
        #expect(SourceTree.files.contains { $0.path == "Package.swift" })
        #expect(SourceTree.sources.count > 10)
    }

    @Test func `has every Swift file in a known folder`() {
        let lost = SourceTree.swift.filter { file in
            switch file.components.first {
            case "Package.swift": file.components.count > 1
            case "Sources": Self.mayImport[file.components[1]] == nil
            case "Tests": !Self.testFolders.contains(file.components[1])
            default: true
            }
        }
        #expect(lost.map(\.path) == [])
    }

    @Test func `has C only in the C modules`() {
        let lost = SourceTree.files.filter { file in
            guard let ending = file.path.split(separator: ".").last, file.path.contains(".") else { return false }
            return ["h", "c", "cpp", "modulemap"].contains(ending)
                && !(file.components.count > 2 && Self.cModules.contains(file.components[1]))
        }
        #expect(lost.filter { !$0.path.hasPrefix("Tests/Fuzz/") }.map(\.path) == [])
    }

    @Test func `imports only what its module may`() {
        var offences: [Offence] = []
        for file in SourceTree.sources {
            let allowed = Self.mayImport[file.components[1]] ?? []
            for found in SourceCode(file.text).imports {
                if !allowed.contains(found.module) {
                    offences.append(Offence(path: file.path, line: found.line, what: "imports \(found.module)"))
                } else if Self.cModules.contains(found.module), !found.hidden {
                    offences.append(Offence(path: file.path, line: found.line, what: "shows \(found.module) to others"))
                }
            }
        }
        #expect(offences == [])
    }

    @Test func `keeps its files short`() {
        let long = SourceTree.swift.filter { file in
            let lines = file.lines.count - 1
            return lines > (file.path.hasPrefix("Tests/") ? 600 : 400)
        }
        #expect(long.map { "\($0.path): \($0.lines.count - 1) lines" } == [])
    }

    @Test func `calls nothing that is banned`() {
        #expect(SourceTree.sources.flatMap { BannedCalls.offences(in: $0) } == [])
    }

    @Test func `is written for whoever reads it`() {
        #expect(SourceTree.files.flatMap { ForbiddenWords.offences(in: $0) } == [])
    }

    @Test func `is plain text without stray blanks`() {
        var offences: [Offence] = []
        for file in SourceTree.files where !file.path.contains("/Fixtures/") && !file.path.contains("/FailCases/") {
            func note(_ line: Int, _ what: String) { offences.append(Offence(path: file.path, line: line, what: what)) }
            if !file.text.isEmpty, !file.text.hasSuffix("\n") { note(file.lines.count, "no newline at the end") }
            if file.text.contains("\r") { note(1, "has carriage returns") }
            for (index, line) in file.lines.enumerated() {
                if line.last == " " || line.last == "\t" { note(index + 1, "ends in a blank") }
                if line.contains("\t"), file.components.last != "Makefile" { note(index + 1, "has a tab") }
                if line.utf8.count > 140, file.path.hasSuffix(".yaml") || file.components.last == "Makefile" {
                    note(index + 1, "is \(line.count) columns wide")
                }
            }
        }
        #expect(offences == [])
    }

    @Test func `has scripts that stop where something is wrong`() {
        let scripts = SourceTree.files.filter {
            $0.text.hasPrefix("#!/usr/bin/env bash") || $0.text.hasPrefix("#!/bin/bash")
        }
        let careless = scripts.filter { script in
            // A script that counts failures goes on after them, but not with a variable that is not there.
            !script.lines.contains { $0.hasPrefix("set -e") || $0.hasPrefix("set -u") }
        }
        #expect(!scripts.isEmpty)
        #expect(careless.map(\.path) == [])
    }
}
