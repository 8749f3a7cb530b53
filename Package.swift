// swift-tools-version: 6.1
import PackageDescription

// One target per room of the house; the arrows between rooms are checked by Tests/HouseTests.
/// Every room explains itself in a file that is not part of it.
let guide = ["README.md"]

let package = Package(
    name: "slipway",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "slipway", targets: ["slipway"]),
        .executable(name: "slipway-bench", targets: ["slipway-bench"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        .executableTarget(
            name: "slipway",
            dependencies: [
                "Attach", "BareMetal", "ClusterCreation", "ClusterDeployment", "ClusterPool", "Collector", "Dashboard",
                "Fleet", "History", "ImageBuild",
                "Sandbox", "Screen",
                "Terminal", "Themes",
                "Upstream", "Web", "Yams",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            exclude: guide),
        .executableTarget(
            name: "slipway-bench",
            dependencies: [.product(name: "ArgumentParser", package: "swift-argument-parser")],
            exclude: guide),
        .target(name: "Dashboard", dependencies: ["Fleet", "Screen"], exclude: guide),
        .target(name: "Terminal", dependencies: ["CTerm", "Screen"], exclude: guide),
        .target(
            name: "CTerm",
            cSettings: [.define("_DEFAULT_SOURCE"), .define("_XOPEN_SOURCE", to: "600")],
            linkerSettings: [.linkedLibrary("ncursesw"), .linkedLibrary("tinfo")]),
        .target(name: "Screen", dependencies: ["Yams"], exclude: guide),
        .target(
            name: "Themes", path: "Themes", exclude: guide,
            resources: [
                .embedInCode("default-dark.yaml"), .embedInCode("default-light.yaml"), .embedInCode("mono.yaml"),
            ]),
        .target(
            name: "Web",
            dependencies: [
                "BareMetal", "ClusterPool", "Fleet",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            exclude: guide),
        .target(
            name: "Attach",
            dependencies: [
                "Collector", "Fleet", "Upstream", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            exclude: guide),
        .target(
            name: "Collector",
            dependencies: [
                "Fleet", "History", "Upstream", .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            exclude: guide),
        .target(
            name: "BareMetal",
            dependencies: ["Fleet", "Upstream", .product(name: "GRDB", package: "GRDB.swift")], exclude: guide),
        .target(
            name: "ClusterCreation",
            dependencies: ["Fleet", "History", "Upstream", "Yams"], exclude: guide,
            resources: [
                .embedInCode("Rules/failure-codes.yaml"), .embedInCode("Rules/resource-hints.yaml"),
                .embedInCode("Rules/wait-condition.yaml"),
            ]),
        .target(
            name: "ClusterDeployment",
            dependencies: ["Fleet", "History", "Upstream", "Yams"], exclude: guide,
            resources: [.embedInCode("Rules/event-patterns.yaml")]),
        .target(
            name: "ClusterPool", dependencies: ["Fleet", "Upstream", "Yams"], exclude: guide,
            resources: [
                .embedInCode("Templates/control-plane-cloud-config.yaml"),
                .embedInCode("Templates/control-plane-template.yaml"),
                .embedInCode("Templates/worker-node-cloud-config.yaml"),
                .embedInCode("Templates/worker-node-template.yaml"),
            ]),
        .target(name: "ImageBuild", dependencies: ["Fleet", "History", "Upstream", "Yams"], exclude: guide),
        .target(
            name: "History", dependencies: ["Fleet", .product(name: "GRDB", package: "GRDB.swift")], exclude: guide),
        .target(
            name: "Upstream",
            dependencies: [
                "Fleet",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            exclude: guide, resources: [.embedInCode("Pcluster/pcluster_worker.py")]),
        .target(name: "Fleet", exclude: guide),
        .target(
            name: "Sandbox", dependencies: ["ClusterPool", "Fleet", "ImageBuild", "Upstream"],
            exclude: guide),

        // What tests share: a clock that is moved by hand, doors that follow a script.
        .target(name: "TestSupport", dependencies: ["Fleet", "Upstream"], path: "Tests/Support"),
        // A Kubernetes API behind a door, served over HTTP for the real kubectl.
        .target(
            name: "KubeRig",
            dependencies: [
                "Sandbox", "Upstream", .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Tests/KubeRig"),
        .testTarget(name: "HouseTests"),
        .testTarget(name: "FleetTests", dependencies: ["Fleet"]),
        .testTarget(name: "UpstreamTests", dependencies: ["KubeRig", "Sandbox", "TestSupport", "Upstream"]),
        .testTarget(name: "ScreenTests", dependencies: ["Screen", "Themes"]),
        .testTarget(name: "TerminalTests", dependencies: ["Screen", "Terminal"]),
        .testTarget(
            name: "HistoryTests", dependencies: ["History", .product(name: "GRDB", package: "GRDB.swift")]),
        .testTarget(
            name: "BareMetalTests",
            dependencies: ["BareMetal", "TestSupport", .product(name: "GRDB", package: "GRDB.swift")]),
        .testTarget(name: "ClusterCreationTests", dependencies: ["ClusterCreation", "TestSupport"]),
        .testTarget(name: "ClusterPoolTests", dependencies: ["ClusterPool", "Sandbox", "TestSupport"]),
        .testTarget(name: "ImageBuildTests", dependencies: ["ImageBuild", "TestSupport"]),
        .testTarget(name: "ClusterDeploymentTests", dependencies: ["ClusterDeployment", "Sandbox", "TestSupport"]),
        .testTarget(name: "SandboxTests", dependencies: ["ClusterCreation", "ImageBuild", "Sandbox", "TestSupport"]),
        .testTarget(name: "AttachTests", dependencies: ["Attach", "Collector", "Fleet", "TestSupport", "Upstream"]),
        .testTarget(name: "CollectorTests", dependencies: ["Collector", "TestSupport"]),
        .testTarget(
            name: "WebTests",
            dependencies: [
                "BareMetal", "ClusterPool", "Sandbox", "TestSupport", "Upstream", "Web",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "GRDB", package: "GRDB.swift"), .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .testTarget(name: "DashboardTests", dependencies: ["Dashboard"], exclude: ["Goldens"]),
        .testTarget(
            name: "SlipwayTests",
            dependencies: ["ClusterPool", "Fleet", "ImageBuild", "Sandbox", "TestSupport", "Upstream", "slipway"]),
        // Runs the built program in a real terminal.
        .testTarget(
            name: "EndToEndTests", dependencies: ["Fleet", "KubeRig", "Sandbox", "Upstream", "slipway"],
            path: "Tests/EndToEnd",
            exclude: [
                "AWS/aws_driver.py", "AWS/aws_cluster.py", "AWS/aws_front.py", "Kubernetes/kube_load.py",
                "Kubernetes/pool_load.py",
            ]),
    ],
    swiftLanguageModes: [.v6]
)
