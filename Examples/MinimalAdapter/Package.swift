// swift-tools-version: 6.2

import PackageDescription

// A package of its own, because what it shows is that an adapter needs nothing of swift-grip that is not public.
let package = Package(
    name: "minimal-adapter",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "swift-grip", path: "../.."),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.8.0"),
    ],
    targets: [
        .target(
            name: "MinimalAdapter",
            dependencies: [
                .product(name: "GRIP", package: "swift-grip"),
                .product(name: "GRIPAdapter", package: "swift-grip"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .executableTarget(
            name: "minimal-adapter",
            dependencies: [
                "MinimalAdapter",
                .product(name: "GRIP", package: "swift-grip"),
                .product(name: "GRIPAdapter", package: "swift-grip"),
                .product(name: "GRIPPublisher", package: "swift-grip"),
                .product(name: "GRIPTesting", package: "swift-grip"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
}
