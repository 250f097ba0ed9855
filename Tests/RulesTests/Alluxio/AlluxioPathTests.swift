import Rules
import Testing

@Suite struct `What may stand on the command line` {
    @Test func `a path is passed as it is, as UTF-8, or not at all`() {
        let table: [(String, AlluxioPath.Spelling)] = [
            ("/", .plain), ("/a", .plain), ("/a b", .plain), ("/ a", .plain), ("/a ", .plain), ("/-f", .plain),
            ("/d/-Dfoo=bar", .plain), ("/-Xmx1g", .plain), ("/a;rm -rf $HOME`x`&|>", .plain), ("/a'\"", .plain),
            ("/%20", .plain),
            ("/..a", .plain), ("/a..", .plain), ("/...", .plain),
            ("/ü", .unicode), ("/u\u{301}", .unicode), ("/😀", .unicode), ("/\u{A0}", .unicode),
            ("", .refused(.notAbsolute)), ("a", .refused(.notAbsolute)), ("-f", .refused(.notAbsolute)),
            ("alluxio://h:1/a", .refused(.notAbsolute)), ("-Dx=/a", .refused(.notAbsolute)),
            ("/a*b", .refused(.wildcard)), ("/*", .refused(.wildcard)), ("/q?m", .refused(.query)),
            ("/a\\b", .refused(.backslash)),
            ("/a\nb", .refused(.control)), ("/a\r\nb", .refused(.control)), ("/a\tb", .refused(.control)),
            ("/\u{7F}", .refused(.control)),
            ("/\u{0}", .refused(.control)), ("/\u{85}", .refused(.control)), ("/\u{2028}", .refused(.control)),
            ("/a/", .refused(.notNormal)), ("//a", .refused(.notNormal)), ("/a//b", .refused(.notNormal)),
            ("/a/./b", .refused(.notNormal)), ("/a/../b", .refused(.notNormal)), ("/..", .refused(.notNormal)),
            ("/\u{FFFD}", .refused(.unreadable)),
            ("/" + String(repeating: "x", count: 5000), .refused(.tooLong)),
        ]
        for (text, spelling) in table {
            #expect(AlluxioPath(text).spelling == spelling, "\(text)")
            #expect((AlluxioCommand.free(AlluxioPath(text)) != nil) == AlluxioPath(text).isPassable, "\(text)")
        }
    }

    @Test func `paths are told apart byte by byte`() {
        let composed = AlluxioPath("/\u{E9}")
        let decomposed = AlluxioPath("/e\u{301}")
        #expect(composed.text == decomposed.text)
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect(AlluxioPath("/a") < "/a/b" && AlluxioPath("/a-b") < "/a/b")
    }

    @Test func `folders and what is inside`() {
        #expect(AlluxioPath("/a/b").parent == "/a" && AlluxioPath("/a").parent == "/" && AlluxioPath("/").parent == nil)
        #expect(AlluxioPath("a/b").parent == nil)
        #expect(
            AlluxioPath("/a/b").isInside("/a") && AlluxioPath("/a").isInside("/a") && AlluxioPath("/a").isInside("/"))
        #expect(!AlluxioPath("/ab").isInside("/a") && !AlluxioPath("/").isInside("/a"))
    }

    @Test func `the argument vectors are what the client takes`() {
        let machine = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        let fs = ["alluxio", "fs"] + machine
        let admin = ["alluxio", "fsadmin"] + machine
        #expect(AlluxioCommand.free("/a b")?.arguments == fs + ["free", "/a b"])
        #expect(AlluxioCommand.free("/ü")?.arguments == ["env", "LC_ALL=C.UTF-8"] + fs + ["free", "/ü"])
        #expect(AlluxioCommand.reportCapacity.arguments == admin + ["report", "capacity"])
        #expect(AlluxioCommand.reportSummary.arguments == admin + ["report", "summary"])
        let refresh = "-Dalluxio.user.worker.list.refresh.interval=1s"
        let decommission = AlluxioCommand.decommission(host: "10.0.0.1", webPort: 30000, limitSeconds: 90)
        #expect(
            decommission?.arguments
                == ["timeout", "90"] + admin + [refresh, "decommissionWorker", "-a", "10.0.0.1:30000"])
        #expect(AlluxioCommand.enable(host: "fd00::1", webPort: 1)?.arguments.last == "[fd00::1]:1")
        for host in ["", "-Dx", "a b", "a,b", "a;b", "a/b", "ü", String(repeating: "a", count: 300)] {
            #expect(AlluxioCommand.enable(host: host, webPort: 30000) == nil, "\(host)")
        }
        for port in [-1, 0, 65536] {
            #expect(AlluxioCommand.decommission(host: "h", webPort: port, limitSeconds: 1) == nil)
        }
    }
}
