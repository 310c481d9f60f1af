import GRIPEngine
package import GRIPPublisher

extension ConfigurationLayer {
    /// The layer of a `pushpin.conf`.
    ///
    /// - Parameters:
    ///   - path: Where the file is, for messages and for the paths in it.
    ///   - read: Reads a file; the one at `path`, and the one that it includes.
    package static func pushpin(
        file path: String,
        read: (String) throws(SmallFile.Failure) -> String = { path throws(SmallFile.Failure) in
            try SmallFile.text(path)
        }
    ) -> ConfigurationLayer {
        let folder = FileLocation.folder(of: path)
        var file: PushpinConfigurationFile
        do throws(SmallFile.Failure) {
            file = PushpinConfigurationFile(try read(path), source: path)
        } catch {
            return .unreadable(path, error)
        }
        var problems: [ConfigurationProblem] = []
        if let include = file["global", "include"], !Self.isInternal(include.value) {
            let location = FileLocation.resolve(file.expanded(include.value), in: folder)
            do throws(SmallFile.Failure) {
                file.include(PushpinConfigurationFile(try read(location), source: location))
            } catch {
                let reason = "'global.include' names the file \(error)"
                problems.append(ConfigurationProblem(.error, source: path, line: include.line, reason))
            }
        }
        let translation = PushpinTranslation(file)
        var layer = ConfigurationLayer(
            source: path,
            folder: folder,
            texts: translation.texts,
            origins: translation.origins
        )
        layer.isPushpin = true
        layer.problems = problems + translation.problems
        return layer
    }

    static func unreadable(_ path: String, _ failure: SmallFile.Failure) -> ConfigurationLayer {
        var layer = ConfigurationLayer(source: path, texts: [:])
        layer.problems = [ConfigurationProblem(.error, source: path, "cannot be read: \(failure.reason)")]
        return layer
    }

    /// Whether a file only holds how Pushpin's processes are connected; it is not there where Pushpin is not installed.
    private static func isInternal(_ include: String) -> Bool {
        include.isEmpty || include.hasPrefix("{libdir}") || include == "internal.conf"
    }
}
