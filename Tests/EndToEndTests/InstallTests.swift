import Foundation
import Kubernetes
import Testing

/// What is applied to a cluster: every version with every split of the roles.
@Suite(.enabled("kubectl", { Rendered.isPossible })) struct `The overlays` {
    @Test(arguments: Rendered.overlays) func `say what happens without an answer, entry by entry`(_ name: String) throws
    {
        let entries = try Rendered(name).webhooks
        let isNew = name.hasPrefix("kubernetes-1.30")
        var expected = [
            "workers.hold.sluice.dev": "Fail", "workers-scale.hold.sluice.dev": "Ignore",
            "runtimes-scale.bounds.sluice.dev": "Ignore", "runtimes.default.sluice.dev": "Ignore",
            "autoscalers.default.sluice.dev": "Ignore", "runtimes.validate.sluice.dev": "Ignore",
            "runtimes-scale.validate.sluice.dev": "Ignore", "autoscalers.validate.sluice.dev": "Ignore",
            "scaledobjects.validate.sluice.dev": "Ignore",
        ]
        if isNew { expected["workers-by-name.hold.sluice.dev"] = "Ignore" }
        #expect(entries.mapValues { $0["failurePolicy"].string ?? "" } == expected)

        let conditions = entries.mapValues { $0["matchConditions"].array.compactMap { $0["name"].string }.sorted() }
            .filter { !$0.value.isEmpty }
        let scalers = ["is-not-being-deleted", "targets-an-alluxio-runtime"]
        #expect(
            conditions
                == (isNew
                    ? [
                        "workers.hold.sluice.dev": [
                            "is-a-worker-set", "is-lowered-or-relabelled", "is-named-as-a-worker-set",
                        ],
                        "workers-by-name.hold.sluice.dev": [
                            "is-known-by-its-name-alone", "is-lowered", "is-named-as-a-worker-set",
                        ],
                        "workers-scale.hold.sluice.dev": [
                            "is-lowered", "is-named-as-a-worker-set", "may-select-workers",
                        ],
                        "autoscalers.default.sluice.dev": ["targets-an-alluxio-runtime"],
                        "autoscalers.validate.sluice.dev": scalers, "scaledobjects.validate.sluice.dev": scalers,
                    ] : [:]))
        #expect(entries["workers.hold.sluice.dev"]?["objectSelector"].isAbsent == isNew)
    }

    @Test(arguments: Rendered.overlays) func `give the right to exec to whoever drains, and to nobody else`(
        _ name: String
    ) throws {
        let rendered = try Rendered(name)
        let isSplit = name.hasSuffix("-split-roles")
        #expect(rendered.names("Deployment") == (isSplit ? ["sluice", "sluice-reconciler"] : ["sluice"]))
        let drains = rendered.objects.first {
            $0["kind"].string == "ClusterRoleBinding" && $0["metadata"]["name"].string == "sluice-reconciler"
        }
        let subjects = drains?["subjects"].array.compactMap { $0["name"].string }
        #expect(subjects == [isSplit ? "sluice-reconciler" : "sluice"])
        let others = rendered.objects.filter { !$0["metadata"]["namespace"].isAbsent }
        #expect(others.allSatisfy { $0["metadata"]["namespace"].string == "sluice-system" })
        let budget = rendered.objects.first { $0["kind"].string == "PodDisruptionBudget" }
        #expect(budget?["apiVersion"].string == (name.hasPrefix("kubernetes-1.20") ? "policy/v1beta1" : "policy/v1"))
    }
}

extension OnACluster {
    @Suite struct `An installation` {
        @Test func `is taken by the API server, whatever the roles`() async throws {
            try await inPlace { place in
                let version = try place.overlayVersion
                for name in [version, "\(version)-split-roles"] {
                    // Beside what the tests themselves have registered, and in a namespace that is there.
                    let text = try Rendered(name).text.replacing("\n  name: sluice\n", with: "\n  name: tried\n")
                        .replacing("namespace: sluice-system\n", with: "namespace: \(place.namespace)\n")
                    let tried = try place.kubectl("apply", "--server-side", "--dry-run=server", "-f", "-", input: text)
                    #expect(tried.succeeded, "\(tried)")
                }
            }
        }

        @Test func `removes what an earlier overlay left behind, and nothing else`() async throws {
            try await inPlace { place in
                let version = try place.overlayVersion
                let folder = try TemporaryFolder()
                defer { folder.remove() }
                // Whose rights these objects take away, since they have the same names.
                defer { try? place.register("rights", World.user) }
                func kubectl(_ words: String..., input: String = "") throws -> Outcome {
                    try Command(words: ["kubectl"] + words, environment: place.world.environment, input: input).run()
                }
                func apply(_ name: String) throws -> String {
                    let file = folder.file(name)
                    try Data(Rendered(name, "--rest").text.utf8).write(to: URL(filePath: file))
                    let applied = try kubectl(
                        "apply", "--server-side", "--force-conflicts", "--field-manager=sluice-install", "-f", file)
                    #expect(applied.succeeded, "\(applied)")
                    return file
                }
                func accounts() throws -> [String] {
                    try place.api.get("/api/v1/namespaces/sluice-system/serviceaccounts")["items"].array.compactMap {
                        $0["metadata"]["name"].string
                    }
                }
                func prune(_ file: String) throws -> Outcome {
                    try Command(
                        words: [Repository.path("webhook-config/prune"), file], environment: place.world.environment
                    ).run()
                }
                let split = try apply("\(version)-split-roles")
                #expect(try prune(split).output == "")
                #expect(try accounts().contains("sluice-reconciler"))
                // Who installs it again, as to renew the certificate, gets what is there.
                func installAgain(_ options: String...) throws -> String {
                    let words = [
                        Repository.path("webhook-config/install"), "--dry-run", "--certs",
                        place.world.folder.file("certs"),
                    ]
                    let tried = try Command(
                        words: words + options, environment: place.world.environment, limitSeconds: 90
                    ).run()
                    return tried.output
                }
                let image = try kubectl(
                    "set", "image", "--namespace", "sluice-system", "deployment/sluice",
                    "sluice=registry.example/sluice:7")
                #expect(image.succeeded, "\(image)")
                let again = try installAgain()
                #expect(again.contains("overlay \(version)-split-roles, image registry.example/sluice:7"), "\(again)")
                let other = try installAgain("--no-split-roles", "--image", "sluice:8")
                #expect(other.contains("overlay \(version), image sluice:8"), "\(other)")
                // Somebody else's, with our label by chance.
                let foreign = """
                    {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "own", "namespace": "sluice-system",
                     "labels": {"app.kubernetes.io/name": "sluice"}}}
                    """
                #expect(
                    try kubectl("create", "-f", "-", input: foreign).succeeded)
                let one = try apply(version)
                let pruned = try prune(one)
                #expect(pruned.succeeded, "\(pruned)")
                #expect(pruned.output.contains("removing Deployment/sluice-reconciler"))
                #expect(try !accounts().contains("sluice-reconciler"))
                #expect(try accounts().contains("own"))
                #expect(try prune(one).output == "")
                let deleted = try kubectl(
                    "delete", "--namespace", "sluice-system", "deployment/sluice", "serviceaccount/own")
                #expect(deleted.succeeded)
            }
        }

        @Test func `leaves figures for autoscalers to whoever serves them already, and says who`() async throws {
            try await inPlace { place in
                func install() throws -> Outcome {
                    let words = [
                        Repository.path("webhook-config/install"), "--metrics", "--dry-run", "--certs",
                        place.world.folder.file("certs"),
                    ]
                    return try Command(words: words, environment: place.world.environment, limitSeconds: 90).run()
                }
                // What the tests themselves have registered is in the way of the rest.
                let free = try install()
                #expect(free.output.contains("trying everything on the server"), "\(free)")
                let script = "kubectl kustomize \"$0\" | kubectl apply --dry-run=server -f -"
                let words = ["bash", "-o", "pipefail", "-c", script, Repository.path("webhook-config/metrics")]
                let tried = try Command(words: words, environment: place.world.environment).run()
                #expect(tried.succeeded && tried.output.contains("v1beta2.custom.metrics.k8s.io"), "\(tried)")
                let path = "/apis/apiregistration.k8s.io/v1/apiservices"
                let name = "v1beta1.custom.metrics.k8s.io"
                let foreign: [String: Any] = [
                    "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": ["name": name],
                    "spec": [
                        "group": "custom.metrics.k8s.io", "version": "v1beta1", "groupPriorityMinimum": 100,
                        "versionPriority": 100, "insecureSkipTLSVerify": true,
                        "service": ["namespace": "monitoring", "name": "adapter"],
                    ] as [String: Any],
                ]
                let made = try place.api.send("POST", path, json(foreign))
                #expect(made.succeeded, "\(made)")
                let taken = Result { try install() }
                let deleted = try place.api.send("DELETE", "\(path)/\(name)")
                #expect(deleted.succeeded, "\(deleted)")
                let refused = try taken.get()
                #expect(!refused.succeeded, "\(refused)")
                #expect(refused.errors.contains("monitoring/adapter, which keeps it"), "\(refused)")
            }
        }

        @Test func `comes with examples that kubectl applies as they are`() async throws {
            try await inPlace { place in
                let applied = try place.kubectl("apply", "-f", Repository.path("webhook-config/examples/hbase.yaml"))
                #expect(applied.succeeded, "\(applied)")
                #expect(try place.get(.runtime, "hbase")["spec"]["disablePrometheus"].bool == false)
                let proposal = Repository.path("webhook-config/examples/hbase-proposal.yaml")
                try place.register("crds", "monitoring")
                // An older API server takes a while to tell clients of the other schema.
                let told = try place.kubectl("apply", "--validate=false", "-f", proposal)
                try place.register("crds")
                #expect(told.succeeded, "\(told)")
            }
        }
    }
}

extension Place {
    /// The overlay for this cluster's version.
    fileprivate var overlayVersion: String {
        get throws {
            let chosen = try Command(
                words: [Repository.path("webhook-config/overlay")], environment: world.environment
            ).run()
            guard chosen.succeeded else { throw Trouble("overlay: \(chosen)") }
            return chosen.output.trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }
}
