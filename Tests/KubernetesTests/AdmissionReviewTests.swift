import Kubernetes
import Testing
import Wire

@Suite struct AdmissionReviewTests {
    static let review = """
        {"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{\
        "uid":"705ab4f5-6393-11e8-b7cc-42010a800002",\
        "kind":{"group":"autoscaling","version":"v1","kind":"Scale"},\
        "resource":{"group":"data.fluid.io","version":"v1alpha1","resource":"alluxioruntimes"},"subResource":"scale",\
        "requestKind":{"group":"autoscaling","version":"v1","kind":"Scale"},\
        "name":"hbase","namespace":"fluid","operation":"UPDATE",\
        "userInfo":{"username":"admin","uid":"1","groups":["system:authenticated","a\\u0062"]},\
        "object":{"spec":{"replicas":3}},"oldObject":{"spec":{"replicas":1}},"dryRun":true,\
        "options":{"kind":"UpdateOptions"}}}
        """

    private func read(_ text: String) throws -> AdmissionReview {
        var parser = JSONParser()
        return try AdmissionReview(parser.parse(Array(text.utf8)))
    }

    @Test func `all parts of a review are read`() throws {
        let review = try read(Self.review)
        #expect(review.version == .v1)
        #expect(review.uid == "705ab4f5-6393-11e8-b7cc-42010a800002")
        #expect(review.kind == AdmissionReview.Kind(group: "autoscaling", version: "v1", kind: "Scale"))
        #expect(review.requestKind == review.kind)
        #expect(review.resource == .alluxioRuntimes)
        #expect(review.subResource == "scale")
        #expect(review.key == ObjectKey(namespace: "fluid", name: "hbase"))
        #expect(review.operation == .update)
        #expect(review.username == "admin")
        #expect(review.groups == ["system:authenticated", "ab"])
        #expect(review.isDryRun)
        #expect(review.object?["spec"]?["replicas"]?.int64 == 3)
        #expect(review.oldObject?["spec"]?["replicas"]?.int64 == 1)
        #expect(review.options?["kind"]?.isString("UpdateOptions") == true)
    }

    @Test func `v1beta1 and what may be absent are read`() throws {
        let review = try read(
            """
            {"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1","request":{"uid":"u","operation":"CREATE",\
            "kind":{"group":"","version":"v1","kind":"Pod"},"resource":{"group":"","version":"v1","resource":"pods"},\
            "object":{},"oldObject":null,"unknown":[1]}}
            """)
        #expect(review.version == .v1beta1)
        #expect(review.oldObject == nil)
        #expect(review.name.isEmpty && review.namespace.isEmpty && review.username.isEmpty)
        #expect(!review.isDryRun)
        #expect(review.groups.isEmpty)
        #expect(review.resource == .pods)
    }

    @Test(arguments: [
        ("\"AdmissionReview\"", "\"Other\"", "kind is not AdmissionReview"),
        (
            "admission.k8s.io/v1", "admission.k8s.io/v2",
            "apiVersion is neither admission.k8s.io/v1 nor admission.k8s.io/v1beta1"
        ),
        ("\"apiVersion\"", "\"version\"", "apiVersion is missing"),
        ("\"request\"", "\"response\"", "request is missing"),
        ("\"request\":{", "\"request\":[],\"x\":{", "request is not an object"),
        ("\"uid\":\"705ab4f5-6393-11e8-b7cc-42010a800002\"", "\"uid\":\"\"", "request.uid is missing"),
        ("\"uid\":\"705ab4f5-6393-11e8-b7cc-42010a800002\"", "\"uid\":5", "request.uid is missing"),
        ("UPDATE", "PATCH", "request.operation is none of CREATE, UPDATE, DELETE and CONNECT"),
        ("\"operation\"", "\"o\"", "request.operation is missing"),
        ("\"resource\":{", "\"r\":{", "request.resource is missing"),
        ("\"kind\":{", "\"k\":{", "request.kind is missing"),
        ("\"kind\":\"Scale\"", "\"k\":1", "request.kind.kind is missing"),
        ("\"resource\":\"alluxioruntimes\"", "\"resource\":1", "request.resource.resource is not a string"),
        ("\"name\":\"hbase\"", "\"name\":{}", "request.name is not a string"),
        ("\"dryRun\":true", "\"dryRun\":\"yes\"", "request.dryRun is not true or false"),
        ("\"object\":{\"spec\":{\"replicas\":3}}", "\"object\":\"x\"", "request.object is not an object"),
        ("\"object\":{\"spec\":{\"replicas\":3}}", "\"object\":null", "request.object is missing"),
        ("\"oldObject\":{\"spec\":{\"replicas\":1}}", "\"o\":1", "request.oldObject is missing"),
        ("\"username\":\"admin\"", "\"username\":1", "request.userInfo.username is not a string"),
    ])
    func `a review that can't be judged is told, with its uid where it has one`(
        part: String, replacement: String, problem: String
    ) throws {
        let text = Self.review.replacing(part, with: replacement)
        try #require(text != Self.review)
        let error = try #require(throws: AdmissionReviewError.self) { try self.read(text) }
        #expect(error.problem == problem)
        let hasUID = !problem.contains("uid") && text.contains("\"request\":{")
        #expect(error.uid == (hasUID ? "705ab4f5-6393-11e8-b7cc-42010a800002" : ""))
    }

    @Test(arguments: [
        ("\"uid\":\"705ab4f5-6393-11e8-b7cc-42010a800002\"", "uid", "request.uid has more than 1024 bytes"),
        ("\"name\":\"hbase\"", "name", "request.name has more than 1024 bytes"),
        ("\"namespace\":\"fluid\"", "namespace", "request.namespace has more than 1024 bytes"),
        ("\"subResource\":\"scale\"", "subResource", "request.subResource has more than 1024 bytes"),
        ("\"operation\":\"UPDATE\"", "operation", "request.operation has more than 1024 bytes"),
        ("\"kind\":\"Scale\"", "kind", "request.kind.kind has more than 1024 bytes"),
    ])
    func `names that no object could have are refused, and not echoed`(
        part: String, member: String, problem: String
    ) throws {
        for count in [1024, 1025, 2_000_000] {
            let text = Self.review.replacing(part, with: "\"\(member)\":\"\(String(repeating: "a", count: count))\"")
            try #require(text != Self.review)
            if count == 1024, member != "operation" {
                #expect(throws: Never.self) { try self.read(text) }
            } else if count > 1024 {
                let error = try #require(throws: AdmissionReviewError.self) { try self.read(text) }
                #expect(error.problem == problem)
                #expect(error.uid.utf8.count <= 64)
            }
        }
    }

    @Test func `a user's name is cut`() throws {
        let text = Self.review.replacing("\"admin\"", with: "\"\(String(repeating: "é", count: 1_000_000))\"")
        #expect(try read(text).username.utf8.count <= 1024)
    }

    @Test func `a refusal is answered in the version that was asked in, if that is one of ours`() throws {
        for (asked, answered) in [("v1beta1", AdmissionReview.Version.v1beta1), ("v1", .v1), ("v2", .v1)] {
            let text = Self.review.replacing("k8s.io/v1", with: "k8s.io/" + asked).replacing("UPDATE", with: "PATCH")
            let error = try #require(throws: AdmissionReviewError.self) { try self.read(text) }
            #expect(error.version == answered)
        }
    }

    @Test func `anything but an object is refused`() throws {
        for text in ["[]", "1", "\"x\"", "null"] {
            #expect(throws: AdmissionReviewError.self) { try self.read(text) }
        }
    }

    @Test func `the answer is in the version that was asked in`() {
        let response = AdmissionResponse(uid: "u", isAllowed: true)
        #expect(
            String(decoding: response.encoded(version: .v1beta1), as: UTF8.self)
                == #"{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview","response":{"uid":"u","allowed":true}}"#
        )
        #expect(
            String(decoding: response.encoded(version: .v1), as: UTF8.self)
                == #"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"u","allowed":true}}"#
        )
    }

    @Test func `all parts of an answer are written`() throws {
        let patch = Array(#"[{"op":"add","path":"/spec/replicas","value":1}]"#.utf8)
        let response = AdmissionResponse(
            uid: "u", isAllowed: false, status: .init(code: 422, reason: "Invalid", message: "line 1\n\"two\""),
            patch: patch,
            warnings: ["w1", "w\u{e9}"], auditAnnotations: [.init(key: "codes", value: "E101")])
        var parser = JSONParser()
        let root = try parser.parse(response.encoded(version: .v1))
        #expect(
            JSON(root)["response"] == [
                "uid": "u", "allowed": false,
                "status": ["status": "Failure", "code": 422, "reason": "Invalid", "message": "line 1\n\"two\""],
                "patchType": "JSONPatch", "patch": .string(Base64.encode(patch)), "warnings": ["w1", "wé"],
                "auditAnnotations": ["codes": "E101"],
            ])
    }

    @Test func `an unreadable review is refused with 400`() throws {
        let response = AdmissionResponse(refusing: AdmissionReviewError(uid: "u", problem: "request is missing"))
        #expect(!response.isAllowed)
        #expect(response.uid == "u")
        #expect(response.status == .init(code: 400, reason: "BadRequest", message: "request is missing"))
    }

    @Test func `changed reviews never trap`() {
        let base = Array(Self.review.utf8)
        var parser = JSONParser()
        for seed in 0..<5_000 {
            var generator = Jitter(seed: UInt64(seed))
            var bytes = base
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let place = Int.random(in: bytes.indices, using: &generator)
                switch Int.random(in: 0...2, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0x20...0x7E, using: &generator)
                case 1: bytes.remove(at: place)
                default: bytes.insert(Array("{}[]\",:01".utf8).randomElement(using: &generator) ?? 0, at: place)
                }
            }
            // That it returns is the point.
            _ = try? AdmissionReview(parser.parse(bytes)).groups
        }
    }
}
