/// The names of the metrics that a publisher records with swift-metrics.
///
/// | name | kind | dimensions |
/// |---|---|---|
/// | `grip.publisher.publications` | counter | `grip.proxy`, `outcome`: `accepted`, `failed` |
/// | `grip.publisher.lost` | counter | `grip.proxy`, `reason`, see below |
/// | `grip.publisher.retries` | counter | `grip.proxy`, `error.type`: ``GRIPPublishFailure/Code`` |
/// | `grip.publisher.splits` | counter | `grip.proxy` |
/// | `grip.publisher.request.duration` | timer | `grip.proxy`, `error.type`: `none` or ``GRIPPublishFailure/Code`` |
/// | `grip.publisher.queue.items` | gauge | `grip.proxy` |
/// | `grip.publisher.queue.bytes` | gauge | `grip.proxy` |
///
/// The reasons are `overflow`, `tooLarge`, `refused` by the proxy, `failed`, `shutdown` and `closed`, which means enqueued
/// after the shutdown.
///
/// `grip.proxy` is a control URI of the configuration without its query. Channel names are never dimensions.
public enum GRIPPublisherMetrics {
    /// Publications by whether the proxy accepted them.
    public static let publications = "grip.publisher.publications"
    /// Enqueued publications that a proxy never received as far as is known, by reason.
    public static let lost = "grip.publisher.lost"
    /// Attempts after the first, by what ended the one before.
    public static let retries = "grip.publisher.retries"
    /// Batches that a proxy refused and that were sent again in halves.
    public static let splits = "grip.publisher.splits"
    /// How long each attempt took.
    public static let requestDuration = "grip.publisher.request.duration"
    /// How many publications wait or are being sent.
    public static let queueItems = "grip.publisher.queue.items"
    /// How many bytes of JSON wait or are being sent.
    public static let queueBytes = "grip.publisher.queue.bytes"

    /// Why enqueued publications were lost, as the dimension `reason` has it.
    enum LossReason: String, CaseIterable {
        /// The queue was full.
        case overflow
        /// The publication alone was larger than proxies accept.
        case tooLarge
        /// The proxy refused the publication.
        case refused
        /// The proxy could not be reached, or gave no good answer.
        case failed
        /// The publisher shut down before it was sent.
        case shutdown
        /// It was enqueued after the shutdown.
        case closed
    }
}
