import Foundation
import Testing

/// What an attacker, or a broken proxy, may send.
///
/// Each has its documented answer; the process stays up, and the next
/// good request is answered.
@Suite(.serialized, .timeLimit(.minutes(5))) struct `Bad input over a socket` {
    /// Sends something, then something good on another connection.
    func survives(_ test: (Alone.Loaded) async throws -> Void) async throws {
        let alone = try await Alone.shared.load()
        try await test(alone)
        let good = try alone.post(json(review(.runtime, "CREATE", runtime("cache", replicas: 1))))
        #expect(good.json["response"]["allowed"].bool == true, "\(good)")
        #expect(alone.sluice.isRunning)
    }

    /// A review that can't be read is refused, since an HTTP error would admit it where the policy is Ignore.
    func expectUnreadable(_ answer: Answer, uid: String = "", location: SourceLocation = #_sourceLocation) {
        #expect(answer.status == 200, "\(answer)", sourceLocation: location)
        let response = answer.json["response"]
        #expect(response["allowed"].bool == false, "\(answer)", sourceLocation: location)
        #expect(response["uid"].string == uid, "\(answer)", sourceLocation: location)
        #expect(response["status"]["code"].int == 400, "\(answer)", sourceLocation: location)
        #expect(response["status"]["message"].string?.hasPrefix("E001 ") == true, "\(answer)", sourceLocation: location)
    }

    @Test(arguments: ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
    func `is a method other than POST`(method: String) async throws {
        try await survives { alone in
            let answer = try alone.post("{}", method: method)
            #expect(answer.status == 405)
        }
    }

    @Test(arguments: ["/", "/validate/", "/mutate2", "/healthz", "/metrics", "//validate", "/validate%00"])
    func `is a path that is not there`(path: String) async throws {
        try await survives { alone in
            let answer = try alone.post("{}", to: path)
            #expect(answer.status == 404)
        }
    }

    @Test(arguments: ["text/plain", "application/x-www-form-urlencoded", "application/jsonish", nil])
    func `is another content type`(type: String?) async throws {
        try await survives { alone in
            let answer = try alone.post(json(review(.runtime, "CREATE", runtime("cache"))), type: type)
            #expect(answer.status == 415)
        }
    }

    static let unreadable = [
        "", " ", "{", "null", "[]", "7", #""text""#, "{}", #"{"request":7}"#, #"{"request":{}}"#, "{\"a\":tru}", "{}{}",
        #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}"#,
        #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":null}"#,
        #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":7}}"#,
        #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v7","request":{"uid":""}}"#,
        "{\"a\":\"\u{0}\"}", #"{"a":"\ud800"}"#, #"{"a":1e999999}"#,
    ]

    @Test(arguments: unreadable) func `is no review`(body: String) async throws {
        try await survives { alone in expectUnreadable(try alone.post(body)) }
    }

    @Test func `is a review in an unknown version, or of an unknown kind`() async throws {
        try await survives { alone in
            var unknown = review(.runtime, "CREATE", runtime("cache"), version: "v7")
            expectUnreadable(try alone.post(json(unknown)), uid: "00000000-0000-4000-8000-000000000001")
            unknown = review(.runtime, "CREATE", runtime("cache"))
            unknown["kind"] = "AdmissionRevue"
            expectUnreadable(try alone.post(json(unknown)), uid: "00000000-0000-4000-8000-000000000001")
        }
    }

    @Test func `is a runtime in a version that is not known`() async throws {
        try await survives { alone in
            let text = json(review(.runtime, "CREATE", runtime("cache"))).replacing("v1alpha1", with: "v9")
            let response = try alone.post(text).json["response"]
            #expect(response["allowed"].bool == false)
            #expect(response["status"]["code"].int == 400)
            #expect(response["status"]["message"].string?.contains("E002") == true)
        }
    }

    @Test func `is cut off anywhere`() async throws {
        try await survives { alone in
            let whole = Data(json(review(.runtime, "CREATE", runtime("cache", tiers: [memory]))).utf8)
            for length in stride(from: 1, to: whole.count, by: 97) {
                expectUnreadable(try alone.post(whole.prefix(length)))
            }
        }
    }

    @Test func `is nested too deeply`() async throws {
        try await survives { alone in
            for depth in [1100, 100_000] {
                let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
                expectUnreadable(try alone.post(nested))
                expectUnreadable(try alone.post(String(repeating: #"{"a":"#, count: depth)))
            }
        }
    }

    @Test func `is no UTF-8`() async throws {
        try await survives { alone in
            let text = json(review(.runtime, "CREATE", runtime("CACHE")))
            for bytes: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0x80]] {
                var body = Data(text.utf8)
                let place = try #require(body.range(of: Data("CACHE".utf8)))
                body.replaceSubrange(place, with: bytes)
                expectUnreadable(try alone.post(body))
            }
        }
    }

    @Test func `has a key twice, of which the last one counts, as in Go`() async throws {
        try await survives { alone in
            let text = json(review(.runtime, "CREATE", runtime("cache", replicas: 1)))
            let negative = text.replacing(#""replicas":1"#, with: #""replicas":1,"replicas":-1"#)
            let denied = try alone.post(negative).json["response"]
            #expect(denied["allowed"].bool == false)
            let positive = text.replacing(#""replicas":1"#, with: #""replicas":-1,"replicas":1"#)
            let allowed = try alone.post(positive).json["response"]
            #expect(allowed["allowed"].bool == true)
        }
    }

    @Test func `has fields of the wrong type`() async throws {
        try await survives { alone in
            let specs: [[String: Any]] = [
                ["replicas": "three"], ["replicas": 1.5], ["replicas": [1]], ["disablePrometheus": "no"],
                [
                    "tieredstore": [
                        "levels": [["mediumtype": "MEM", "path": 7, "quota": ["x"], "high": 0.95] as [String: Any]]
                    ]
                ],
            ]
            for spec in specs {
                let response = try alone.post(json(review(.runtime, "CREATE", runtime("cache", spec: spec)))).json[
                    "response"]
                #expect(response["allowed"].bool == false, "\(spec)")
                #expect(response["status"]["message"].string?.contains("E112") == true, "\(response)")
            }
            // What no rule looks into passes, whatever it is.
            for spec: [String: Any] in [["tieredstore": 7], ["tieredstore": ["levels": "x"]], ["worker": [1]]] {
                let answer = try alone.post(json(review(.runtime, "CREATE", runtime("cache", spec: spec))))
                #expect(answer.status == 200, "\(answer)")
                #expect(!answer.json["response"]["allowed"].isAbsent, "\(answer)")
            }
            let strange = json(review(.runtime, "CREATE", runtime("cache"))).replacing(
                #""spec":{}"#, with: #""spec":[1]"#)
            #expect(try alone.post(strange, to: "/mutate").status == 200)
        }
    }

    @Test func `is an object of 3 MiB, which is judged like any other`() async throws {
        try await survives { alone in
            var large = runtime("cache", replicas: -1)
            large["data"] = String(repeating: "x", count: 3 << 20)
            let denied = try alone.post(json(review(.runtime, "CREATE", large)))
            #expect(denied.json["response"]["status"]["message"].string?.contains("E103") == true)
            let both = json(review(.runtime, "UPDATE", large, old: large))
            #expect(try alone.post(both).json["response"]["allowed"].bool == true)
        }
    }

    @Test func `is a body above the limit`() async throws {
        try await survives { alone in
            let body = String(repeating: " ", count: (8 << 20) + 1)
            let answer = try alone.post(body, options: ["--header", "Expect:"])
            #expect(answer.status == 413, "\(answer)")
        }
    }

    @Test func `is a head above the limit`() async throws {
        try await survives { alone in
            let header = "X-Long: " + String(repeating: "x", count: 17 << 10)
            let answer = try alone.post("{}", options: ["--header", header])
            #expect(answer.status == 431, "\(answer)")
        }
    }

    @Test func `is no HTTP, or a wrong one`() async throws {
        try await survives { alone in
            let lines = [
                "hello\r\n\r\n", "POST /validate HTTP/9.9\r\nHost: a\r\n\r\n", "POST /validate HTTP/1.1\r\n\r\n",
                "POST /validate HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
                "POST /validate HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
                "POST /validate HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}",
                "POST /validate HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                "POST /validate HTTP/1.1\r\nHost : a\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n",
            ]
            for line in lines {
                let answer = try alone.raw(line).output
                #expect(
                    answer.hasPrefix("HTTP/1.1 4") || answer.hasPrefix("HTTP/1.1 5"),
                    "\(line.debugDescription): \(answer)")
            }
        }
    }

    @Test func `is half a request on a connection that is then closed`() async throws {
        try await survives { alone in
            let answer = try alone.raw("POST /validate HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{").output
            #expect(!answer.contains("200 OK"))
        }
    }

    @Test func `leaves memory where it was`() async throws {
        try await survives { alone in
            let before = try #require(try alone.sluice.metric("process_resident_memory_bytes"))
            let body = Data(String(repeating: "[", count: 4 << 20).utf8)
            for _ in 0..<20 { expectUnreadable(try alone.post(body)) }
            let after = try #require(try alone.sluice.metric("process_resident_memory_bytes"))
            #expect(after < before + Double(64 << 20), "\(before) -> \(after)")
        }
    }
}
