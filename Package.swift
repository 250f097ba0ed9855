// swift-tools-version: 6.3
import PackageDescription

/// The settings of every Swift target: warnings are errors, and each unsafe expression is marked.
let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableExperimentalFeature("Lifetimes"),
]

func module(_ name: String, _ dependencies: Target.Dependency...) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: Target.Dependency...) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// The only test targets that are built, if `ONLY_TESTS` names some: a release build of all of them takes long.
let onlyTests = Context.environment["ONLY_TESTS"].map { Set($0.split(separator: ",").map(String.init)) }

let package = Package(
    name: "sluice",
    products: [.executable(name: "sluice", targets: ["sluice"])],
    targets: [
        // C libraries: module maps and shims, nothing else in C.
        .target(name: "CLinux"),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CNghttp2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CWslay", providers: [.apt(["libwslay-dev"])]),
        .target(name: "CSimdjson", linkerSettings: [.linkedLibrary("simdjson")]),

        // Pure judgement: facts in, verdict or plan out.
        module("Rules"),
        // Sans I/O: bytes in, events out.
        module("Wire", "COpenSSL", "CNghttp2", "CSimdjson", "CWslay"),
        // The only module with descriptors.
        module("Transport", "Wire", "CLinux"),
        // What we read of a cluster, and how we ask for it.
        module("Kubernetes", "Wire", "CYAML"),
        // Ties the rules to a cluster; does no I/O of its own.
        module("Controller", "Rules", "Kubernetes", "Wire"),
        .executableTarget(
            name: "sluice",
            dependencies: ["Controller", "Transport", "Kubernetes", "Rules", "Wire", "CLinux"],
            exclude: ["Resources/crds/datasets.yaml", "Resources/crds/kustomization.yaml"],
            // `sluice review` applies the schemas of the definitions that are installed: they are compiled in.
            resources: [
                .embedInCode("Resources/crds/alluxioruntimes.yaml"),
                .embedInCode("Resources/crds/alluxioruntimes-monitoring.yaml"), .embedInCode("Resources/kinds.yaml"),
            ],
            swiftSettings: settings),

        .testTarget(
            name: "RulesTests", dependencies: ["Rules"], exclude: ["Fixtures"], swiftSettings: settings),
        // What tests of several modules play against each other.
        .target(name: "HTTP2Frames", path: "Tests/StandIns/HTTP2Frames", swiftSettings: settings),
        tests("WireTests", "Wire", "HTTP2Frames"),
        tests("TransportTests", "Transport", "Wire", "HTTP2Frames"),
        .testTarget(
            name: "KubernetesTests", dependencies: ["Kubernetes", "Wire"], exclude: ["Fixtures"],
            swiftSettings: settings),
        // The reviews that cost most, for tests that count steps and for `make bench`.
        .target(name: "WorstCases", path: "Tests/StandIns/WorstCases", swiftSettings: settings),
        .executableTarget(
            name: "worst-case-reviews", dependencies: ["WorstCases"], path: "Tests/Bench/Reviews",
            swiftSettings: settings),
        // Fills a real Alluxio, for measurements.
        .executableTarget(
            name: "alluxio-loader", dependencies: ["Transport", "Wire"], path: "Tests/Bench/Loader",
            swiftSettings: settings),
        // An HPA's arithmetic, for hours of load.
        .target(name: "Autoscaler", path: "Tests/StandIns/Autoscaler", swiftSettings: settings),
        .testTarget(
            name: "ControllerTests",
            dependencies: ["Autoscaler", "Controller", "Kubernetes", "Rules", "Simulation", "Wire", "WorstCases"],
            exclude: ["Fixtures"], swiftSettings: settings),
        // The production controller in a simulated world: in schedules, and in the tests of the controller.
        .target(
            name: "Simulation", dependencies: ["Controller", "Kubernetes", "Rules", "Wire"],
            path: "Tests/StandIns/Simulation", swiftSettings: settings),
        tests("SimulationTests", "Autoscaler", "Controller", "Kubernetes", "Rules", "Simulation", "Wire"),
        .testTarget(
            name: "SluiceTests", dependencies: ["sluice", "Controller", "Kubernetes", "Rules", "Transport", "Wire"],
            exclude: ["Fixtures"], swiftSettings: settings),
        tests("TidyTests", "Rules"),
        tests("EndToEndTests", "Kubernetes", "Wire"),
    ].filter { !$0.isTest || onlyTests?.contains($0.name) ?? true },
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
