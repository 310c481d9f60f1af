import Foundation

/// The Python that the peers written in Python run with, with the packages of `Peers/requirements.txt` installed.
actor PythonEnvironment {
    static let shared = PythonEnvironment()

    /// The folder the peers' programs are in.
    static let peersFolder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Peers", isDirectory: true)

    static let packageRoot = peersFolder.deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private var preparation: Task<String, any Error>?

    /// The full path of the interpreter; the first caller of a test run may have to wait for packages to be installed.
    func interpreter() async throws -> String {
        if let named = ProcessInfo.processInfo.environment["GRIP_TEST_PYTHON"], !named.isEmpty { return named }
        if let preparation { return try await preparation.value }
        let preparation = Task { try await PythonEnvironment.prepare() }
        self.preparation = preparation
        return try await preparation.value
    }

    private static func prepare() async throws -> String {
        let folder = packageRoot.appendingPathComponent(".build/python-venv", isDirectory: true)
        let python = folder.appendingPathComponent("bin/python").path
        let requirements = peersFolder.appendingPathComponent("requirements.txt")
        // Written last: what it says is what is installed, also after an attempt that was interrupted.
        let installed = folder.appendingPathComponent("requirements.txt")
        let files = FileManager.default
        let isCurrent = files.contentsEqual(atPath: requirements.path, andPath: installed.path)
        if isCurrent, files.isExecutableFile(atPath: python) { return python }
        try await run(Peers.python.path(), ["-m", "venv", "--clear", folder.path])
        try await run(python, ["-m", "pip", "install", "--quiet", "-r", requirements.path])
        try files.copyItem(at: requirements, to: installed)
        return python
    }

    private static func run(_ program: String, _ arguments: [String]) async throws {
        try await withChildProcess(program, arguments) { child in
            guard try await child.waitForExit(within: .seconds(300)) == 0 else {
                throw child.failure("failed: \(arguments.joined(separator: " "))")
            }
        }
    }
}
