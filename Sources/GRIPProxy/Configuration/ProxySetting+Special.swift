import GRIP
import GRIPPublisher

extension ProxySetting {
    /// The bearer token of the control API.
    static let controlToken = ProxySetting("controlToken", type: "text, secret") { source, settings, setting in
        guard let text = try source.values.string(setting.key, isSecret: true) else { return }
        settings.configuration.controlToken = try SecretText.secret(text, folder: source.folder)
    } check: { settings throws(InvalidValue) in
        guard let token = settings.configuration.controlToken?.text else { return }
        guard !token.isEmpty, token.utf8.allSatisfy({ $0 > .space && $0 < 0x7F }) else {
            throw InvalidValue("is not a bearer token, which consists of visible ASCII characters")
        }
    } show: { _ in
        ""
    }

    /// The file that holds the routes.
    static let routesFile = ProxySetting("routesFile", type: "path") { source, settings, setting in
        guard let path = try source.values.string(setting.key) else { return }
        let location = FileLocation.resolve(path, in: source.folder)
        settings.routesFile = location
        settings.configuration.routes = []
        settings.configuration.routesFolder = FileLocation.folder(of: location)
    } check: { _ throws(InvalidValue) in
    } show: { settings in
        settings.routesFile ?? ""
    }

    /// The routes themselves.
    static let routes = ProxySetting("routes", type: "routes", isList: true) { source, settings, setting in
        let lines = try source.values.lines(setting.key)
        guard !lines.isEmpty else { return }
        settings.configuration.routes = lines.map { GRIPRouteLine($0) }
        settings.configuration.routesFolder = source.folder
        settings.routesFile = nil
    } check: { _ throws(InvalidValue) in
    } show: { settings in
        settings.configuration.routes.map(\.description).joined(separator: "\n")
    }
}
