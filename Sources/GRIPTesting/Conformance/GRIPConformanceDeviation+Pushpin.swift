extension GRIPConformanceDeviation {
    /// What Pushpin 1.36 is known to do otherwise, with the configuration that Debian ships.
    public static let pushpin1_36: [GRIPConformanceDeviation] = []
}
