import Foundation
import Kubernetes
import Testing
import Wire

@testable import Controller

@Suite struct `Whom the API server passes on` {
    let now = Int64(Date().timeIntervalSince1970)

    @Test func `is known by its certificate and its headers`() throws {
        let samples = try FrontProxySamples(now: now)
        var headers = FrontProxySamples.headers("hpa", "system:serviceaccounts", "system:authenticated")
        headers += [
            HTTPField("x-remote-uid", "7"), HTTPField("x-remote-extra-scopes%2fa", "1"),
            HTTPField("x-remote-extra-scopes%2fa", "2"), HTTPField("accept", "*/*"),
        ]
        let user = try #require(samples.proxy().user(chain: samples.chain, headers: headers))
        #expect(user.name == "hpa" && user.uid == "7")
        #expect(user.groups == ["system:serviceaccounts", "system:authenticated"])
        #expect(user.extra == ["scopes/a": ["1", "2"]])
    }

    @Test func `is in the group of all who are known, unless it is in the other one`() throws {
        let samples = try FrontProxySamples(now: now)
        let proxy = try samples.proxy()
        for (name, groups, expected) in [
            ("system:kube-aggregator", [], ["system:authenticated"]), ("a", ["b"], ["b", "system:authenticated"]),
            ("system:anonymous", ["system:unauthenticated"], ["system:unauthenticated"]),
        ] as [(String, [String], [String])] {
            let headers = FrontProxySamples.headers(name) + groups.map { HTTPField("x-remote-group", $0) }
            #expect(proxy.user(chain: samples.chain, headers: headers)?.groups == expected)
        }
    }

    @Test func `is nobody without a certificate of its authority, whatever the headers say`() throws {
        let samples = try FrontProxySamples(now: now)
        let other = try FrontProxySamples(now: now)
        let headers = FrontProxySamples.headers("admin", "system:masters")
        let proxy = try samples.proxy()
        #expect(proxy.user(chain: [], headers: headers) == nil)
        #expect(proxy.user(chain: other.chain, headers: headers) == nil)
        #expect(proxy.user(chain: [[1, 2, 3]], headers: headers) == nil)
        #expect(proxy.user(chain: Array(repeating: samples.chain[0], count: 17), headers: headers) == nil)
        #expect(proxy.user(chain: other.chain + samples.chain, headers: headers) == nil)
        #expect(proxy.user(chain: samples.chain, headers: headers) != nil)
        #expect(proxy.user(chain: samples.chain, headers: []) == nil)
        #expect(proxy.user(chain: samples.chain, headers: [HTTPField("x-remote-user", "")]) == nil)
    }

    @Test func `needs one of the names that are allowed, and a certificate for clients`() throws {
        let headers = FrontProxySamples.headers("hpa")
        let stranger = try FrontProxySamples(commonName: "somebody", now: now)
        #expect(try stranger.proxy().user(chain: stranger.chain, headers: headers) == nil)
        #expect(try stranger.proxy(allowedNames: "[]").user(chain: stranger.chain, headers: headers) != nil)
        let server = try FrontProxySamples(usage: .server, now: now)
        #expect(try server.proxy(allowedNames: "[]").user(chain: server.chain, headers: headers) == nil)
        let old = try FrontProxySamples(now: now - 10 * 86_400)
        #expect(try old.proxy().user(chain: old.chain, headers: headers) == nil)
    }

    @Test(arguments: [
        "{}", #"{"data":{}}"#, #"{"data":{"requestheader-client-ca-file":"nonsense"}}"#,
    ])
    func `can't be known where the cluster does not say`(map: String) throws {
        var parser = JSONParser()
        let value = try parser.parse(Array(map.utf8))
        #expect(throws: ObjectError.self) { try FrontProxy(value) }
    }
}
