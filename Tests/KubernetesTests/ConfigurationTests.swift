import Kubernetes
import Testing
import Wire

@Suite struct ConfigurationTests {
    private let admin = """
        apiVersion: v1
        kind: Config
        current-context: local
        clusters:
        - name: local
          cluster: {server: "https://127.0.0.1:6443", certificate-authority: pki/ca.crt, tls-server-name: kubernetes}
        contexts:
        - name: local
          context: {cluster: local, user: admin, namespace: fluid-system}
        users:
        - name: admin
          user: {client-certificate-data: Q0VSVA==, client-key: /keys/admin.key}
        """

    private func files(_ contents: [String: String]) -> FileReader {
        FileReader { path in
            contents[path].map { $0 == "!" ? .failed("permission denied") : .bytes(Array($0.utf8)) } ?? .absent
        }
    }

    @Test func `paths start from the file's folder, and data wins over files`() throws {
        let read = files(["/etc/k/config": admin, "/etc/k/pki/ca.crt": "CA", "/keys/admin.key": "KEY"])
        let found = try ClusterConfiguration.find(kubeconfig: "/etc/k/config", environment: [:], read: read)
        #expect(found.server == ServerAddress(host: "127.0.0.1", port: 6443))
        #expect(found.certificateAuthority == Array("CA".utf8))
        #expect(found.clientCertificate == Array("CERT".utf8))
        #expect(found.clientKey == Array("KEY".utf8))
        #expect(found.serverName == "kubernetes")
        #expect(found.namespace == "fluid-system")
        #expect(found.verifiesServer)
        #expect(found.token == .none)
        #expect(found.origin == "/etc/k/config, context local")
    }

    @Test func `of several files the first one's entries win as a whole`() throws {
        let first = """
            users: [{name: admin, user: {token: first}}]
            contexts: [{name: other, context: {cluster: far, user: admin}}]
            """
        let second = """
            current-context: other
            clusters: [{name: far, cluster: {server: "http://far", insecure-skip-tls-verify: true}}]
            users: [{name: admin, user: {token: second, client-certificate: missing.crt}}]
            """
        let read = files(["/a": first, "/c": second, "/d": "current-context: local"])
        let found = try ClusterConfiguration.find(
            environment: ["KUBECONFIG": "/a:/missing::/c:/d:/a", "KUBERNETES_SERVICE_HOST": "1.2.3.4"], read: read)
        #expect(found.token == .fixed("first"))
        #expect(found.server == ServerAddress(host: "far", port: 80, usesTLS: false))
        #expect(!found.verifiesServer)
        #expect(found.clientCertificate == nil)
    }

    @Test func `a context can be chosen, and a token file goes before a token`() throws {
        let text =
            admin + """

                - name: robot
                  user: {token: old, tokenFile: run/token}
                """
        let contexts = text.replacing(
            "contexts:\n", with: "contexts:\n- name: robot\n  context: {cluster: local, user: robot}\n")
        let read = files(["conf/k": contexts, "conf/pki/ca.crt": "CA"])
        let found = try ClusterConfiguration.find(kubeconfig: "conf/k", context: "robot", environment: [:], read: read)
        #expect(found.token == .file("conf/run/token"))
        #expect(found.namespace == nil)
    }

    @Test func `within a pod the service account is used, unless a kubeconfig is named`() throws {
        let folder = ClusterConfiguration.serviceAccountFolder
        let environment = ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "6443", "HOME": "/root"]
        let contents = [folder + "/token": "T\n", folder + "/ca.crt": "CA", folder + "/namespace": "ns\n"]
        let found = try ClusterConfiguration.find(
            environment: environment, read: files(contents.merging(["/root/.kube/config": admin]) { $1 }))
        #expect(found.server.description == "https://[fd00::1]:6443")
        #expect(found.token == .file(folder + "/token"))
        #expect(found.namespace == "ns")
        let error = #expect(throws: ConfigurationError.self) {
            try ClusterConfiguration.find(environment: environment, read: self.files([:]))
        }
        #expect(error?.description.contains("automountServiceAccountToken") == true)
    }

    @Test(arguments: [
        ("user: {exec: {command: aws}}", "the command aws, which Sluice does not run"),
        ("user: {exec: {}}", "exec, without a command"), ("user: {exec: {args: [a]}}", "exec, without a command"),
        ("user: {auth-provider: {name: gcp}}", "auth-provider gcp"), ("user: {auth-provider: {}}", "without a name"),
        ("user: {password: x}", "has password"), ("user: {as-uid: x}", "has as-uid"),
        ("user: {as-groups: [x]}", "has as-groups"), ("user: {as-user-extra: {a: [b]}}", "has as-user-extra"),
        ("user: {username: me, password: x}", "has username"),
        ("user: {as: someone}", "has as"), ("user: {client-certificate-data: Q0VSVA==}", "without key"),
        ("user: {client-certificate-data: \"%\"}", "client-certificate-data is not Base64"),
        ("user: {client-certificate: /none}", "/none: there is no such file"),
        ("user: {client-certificate: /secret}", "/secret: permission denied"),
    ])
    func `what can't be used is told with the remedy`(user: String, message: String) throws {
        let text = """
            current-context: c
            clusters: [{name: c, cluster: {server: "https://a"}}]
            contexts: [{name: c, context: {cluster: c, user: u}}]
            users:
            - name: u
              \(user)
            """
        let error = try #require(throws: ConfigurationError.self) {
            try ClusterConfiguration.find(
                kubeconfig: "/k", environment: [:], read: self.files(["/k": text, "/secret": "!"]))
        }
        #expect(error.description.contains(message), "\(error)")
        #expect(error.description.hasPrefix("/"), "\(error)")
    }

    @Test(arguments: [
        ("server: 'https://a', insecure-skip-tls-verify: true", "token: t", "insecure-skip-tls-verify"),
        ("server: 'http://127.0.0.1:8001'", "token: t", "plain text"),
        ("server: 'http://localhost'", "tokenFile: t", "plain text"),
        ("server: 'http://10.0.0.1'", "client-certificate-data: Q0VSVA==, client-key-data: Q0VSVA==", "is not used"),
        ("server: 'https://a', servername: b", "token: t", "servername, which nobody reads"),
        ("server: 'https://a'", "token-file: t", "token-file, which nobody reads"),
    ])
    func `what is read and dangerous, or not read, is a warning`(cluster: String, user: String, warning: String) throws
    {
        let found = try configuration(cluster: cluster, user: user)
        #expect(found.warnings.contains { $0.contains(warning) && $0.hasPrefix("/k: ") }, "\(found.warnings)")
    }

    private func configuration(cluster: String, user: String) throws -> ClusterConfiguration {
        let text = """
            current-context: c
            clusters: [{name: c, cluster: {\(cluster)}}]
            contexts: [{name: c, context: {cluster: c, user: u}}]
            users: [{name: u, user: {\(user)}}]
            """
        return try ClusterConfiguration.find(kubeconfig: "/k", environment: [:], read: files(["/k": text]))
    }

    @Test(arguments: [
        ("", "current-context is not set"), ("current-context: x", "there is no context \"x\""),
        ("current-context: x\ncontexts: [{name: x}]", "names the cluster \"\""), ("a: [", "line 2, column 1"),
        ("users: [{user: {}}]", "an entry of users has no name"),
        (
            "current-context: x\ncontexts: [{name: x, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: ftp://a}}]",
            "no URL"
        ),
        (
            "current-context: x\ncontexts: [{name: x, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {server: a}}]",
            "the user \"u\", who is missing"
        ),
        (
            "current-context: x\ncontexts: [{name: x, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: a, proxy-url: b}}]",
            "proxy-url"
        ),
    ])
    func `a file that does not fit together is told`(text: String, message: String) throws {
        let error = try #require(throws: ConfigurationError.self) {
            try ClusterConfiguration.find(kubeconfig: "/k", environment: [:], read: self.files(["/k": text]))
        }
        #expect(error.description.contains(message), "\(error)")
    }

    @Test func `without any file the way out is told`() throws {
        let error = try #require(throws: ConfigurationError.self) {
            try ClusterConfiguration.find(environment: ["HOME": "/h"], read: self.files([:]))
        }
        #expect(error.description == "there is no kubeconfig (/h/.kube/config), and KUBECONFIG names none")
    }

    @Test(arguments: [
        ("https://a", "https://a:443"), ("https://a/", "https://a:443"), ("http://a:1/b/c/", "http://a:1/b/c"),
        ("a:6443", "https://a:6443"), ("HTTPS://[::1]:5", "https://[::1]:5"), ("https://[::1]", "https://[::1]:443"),
    ])
    func `server addresses are read`(url: String, expected: String) {
        #expect(ServerAddress(url: url)?.description == expected)
    }

    @Test(arguments: [
        "", "https://", "https://:1", "https://a:x", "https://a:70000", "https://[::1", "https://[::1]x",
        "https://u@a", "unix:///a", "https://a b", "https://a?b",
    ])
    func `what is no server address is refused`(url: String) {
        #expect(ServerAddress(url: url) == nil)
    }

    @Test func `a token's subject is read without checking anything`() {
        let claims = Base64.encode(Array(#"{"sub":"system:serviceaccount:sluice:sluice"}"#.utf8))
        #expect(TokenClaims.subject(of: "e30.\(claims).sig") == "system:serviceaccount:sluice:sluice")
        for other in ["", "abc", "a.b.c", "e30.e30.sig", "e30.%%%.sig"] {
            #expect(TokenClaims.subject(of: other) == nil)
        }
    }
}
