import Testing

@Suite struct `The scanner of the tidy tests` {
    @Test func `takes comments and the inside of literals out`() {
        let source = SourceCode(
            #"""
            let text = "try! \"print(\" // no" // as! here
            /* fatalError( /* nested */ still */ call()
            let raw = ##"a "# print("##
            """#)
        #expect(source.code == [#"let text = "" "#, " call()", #"let raw = """#])
        #expect(source.commented == [0, 1])
    }

    @Test func `keeps line numbers across literals of several lines`() {
        let source = SourceCode("let text = \"\"\"\n    print(\"x\")\n    \"\"\"\nprint(text)\n")
        #expect(source.code == [#"let text = ""#, "", #"""#, "print(text)", ""])
    }

    @Test func `reads imports of each form`() {
        let source = SourceCode(
            "import Wire\ninternal import CLinux\n@testable public import struct Rules.Patch\n// import X\n")
        #expect(source.imports.map(\.module) == ["Wire", "CLinux", "Rules"])
        #expect(source.imports.map(\.hidden) == [true, true, false])
    }

    @Test(arguments: [
        "let x = try! read()", "y as! Int", "fatalError(\"no\")", "Task { run() }", "print(1)", "let x = try? read()",
        "final class Owner: @unchecked Sendable {",
    ])
    func `finds what is banned`(line: String) {
        #expect(BannedCalls.offences(in: SourceFile(path: "Sources/Rules/X.swift", text: line)).count == 1)
    }

    @Test(arguments: [
        "blueprint(1)", "let task = MyTask { }", "// print(1)", "let x = \"print(1)\"",
        "let x = try? read()  // gone is fine",
    ])
    func `lets pass what only looks like it`(line: String) {
        #expect(BannedCalls.offences(in: SourceFile(path: "Sources/Rules/X.swift", text: line)) == [])
    }

    @Test func `finds words of ours`() {
        let lines = [
            "see DESIGN" + " 4.7", "an ag" + "ent did it", "in /work" + "/x", "user-agent: curl", "design 4",
            "reagents",
        ]
        let file = SourceFile(path: "README.md", text: lines.joined(separator: "\n"))
        #expect(ForbiddenWords.offences(in: file).map(\.line) == [1, 2, 3])
    }
}
