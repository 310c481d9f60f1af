/// What tests look for on the demo's page.
enum DemoPage {
    /// A condition that a panel has shown a message.
    static func shows(_ message: String, in panel: String) -> String {
        "[...document.querySelector('#\(panel)-log').children].some(e => e.textContent.includes('\(message)'))"
    }

    /// A condition that a panel is connected.
    static func isLive(_ panel: String) -> String {
        "document.querySelector('#\(panel)-status').dataset.state === 'live'"
    }
}
