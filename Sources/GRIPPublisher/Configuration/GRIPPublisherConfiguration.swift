public import GRIP

/// Where a publisher publishes, and with what patience.
public struct GRIPPublisherConfiguration: Sendable, Hashable {
    /// How much goes into one request to a control API.
    public struct BatchLimits: Sendable, Hashable {
        /// The most publications in one request; less than 1 counts as 1.
        public var maximumItems: Int
        /// The most bytes in the body of one request.
        ///
        /// A publication that alone is larger is refused before anything is sent, because proxies would: Pushpin's
        /// limit is 1,000,000 bytes unless configured otherwise.
        public var maximumBytes: Int

        /// Makes limits.
        ///
        /// - Parameters:
        ///   - maximumItems: The most publications in one request.
        ///   - maximumBytes: The most bytes in the body of one request.
        public init(maximumItems: Int = 100, maximumBytes: Int = 1_000_000) {
            self.maximumItems = maximumItems
            self.maximumBytes = maximumBytes
        }
    }

    /// How much may wait to be published to one proxy.
    public struct QueueLimits: Sendable, Hashable {
        /// The most publications that wait or are being sent.
        public var maximumItems: Int
        /// The most bytes of JSON that wait or are being sent.
        ///
        /// Proxies that wait for the same publication share its bytes.
        public var maximumBytes: Int
        /// What gives way when the queue is full.
        public var overflow: GRIPOverflowPolicy

        /// Makes limits.
        ///
        /// - Parameters:
        ///   - maximumItems: The most publications that wait or are being sent.
        ///   - maximumBytes: The most bytes of JSON that wait or are being sent.
        ///   - overflow: What gives way when the queue is full.
        public init(
            maximumItems: Int = 10_000,
            maximumBytes: Int = 16_000_000,
            overflow: GRIPOverflowPolicy = .dropNewest
        ) {
            self.maximumItems = maximumItems
            self.maximumBytes = maximumBytes
            self.overflow = overflow
        }
    }

    /// The proxies, each of which receives everything.
    public var proxies: [GRIPProxyConfiguration]
    /// What is put before each channel's name; none by default.
    public var prefix: GRIPPrefix
    /// How long it may take to get a connection to a proxy; 5 seconds by default.
    public var connectTimeout: Duration
    /// How long one attempt may take altogether, the connection included; 15 seconds by default.
    public var requestTimeout: Duration
    /// When a failed attempt is repeated; by default up to three attempts, where nothing was sent.
    public var retry: GRIPRetryPolicy
    /// How much goes into one request; by default 100 publications and 1,000,000 bytes.
    public var batch: BatchLimits
    /// How much may wait for each proxy; by default 10,000 publications and 16,000,000 bytes, the newest giving way.
    public var queue: QueueLimits
    /// How long a graceful shutdown may take to publish what is queued; 10 seconds by default.
    public var shutdownDeadline: Duration

    /// Makes a configuration.
    ///
    /// - Parameters:
    ///   - proxies: The proxies, each of which receives everything.
    ///   - prefix: What is put before each channel's name.
    ///   - connectTimeout: How long it may take to get a connection to a proxy.
    ///   - requestTimeout: How long one attempt may take altogether, the connection included.
    ///   - retry: When a failed attempt is repeated.
    ///   - batch: How much goes into one request.
    ///   - queue: How much may wait for each proxy.
    ///   - shutdownDeadline: How long a graceful shutdown may take to publish what is queued.
    public init(
        proxies: [GRIPProxyConfiguration],
        prefix: GRIPPrefix = .none,
        connectTimeout: Duration = .seconds(5),
        requestTimeout: Duration = .seconds(15),
        retry: GRIPRetryPolicy = .whenNothingWasSent(),
        batch: BatchLimits = BatchLimits(),
        queue: QueueLimits = QueueLimits(),
        shutdownDeadline: Duration = .seconds(10)
    ) {
        self.proxies = proxies
        self.prefix = prefix
        self.connectTimeout = connectTimeout
        self.requestTimeout = requestTimeout
        self.retry = retry
        self.batch = batch
        self.queue = queue
        self.shutdownDeadline = shutdownDeadline
    }
}
