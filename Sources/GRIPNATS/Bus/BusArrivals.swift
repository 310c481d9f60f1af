import GRIP

/// What has come with one read, to be handed on together.
struct BusArrivals {
    var publications: [GRIPPublication] = []
    /// Channels with a hole in their numbers.
    var holes: [String] = []
    /// Channels whose subscriptions the server refuses.
    var refused: [String] = []
    /// Whether any channel may be one of these.
    var refusesAny = false

    /// Hands everything on.
    func tell(_ receiver: any GRIPBusReceiver) {
        if !self.publications.isEmpty { receiver.receive(self.publications) }
        if !self.holes.isEmpty { receiver.missed(.channels(self.holes, .hole)) }
        if self.refusesAny {
            receiver.missed(.all(.refused))
        } else if !self.refused.isEmpty {
            receiver.missed(.channels(self.refused, .refused))
        }
    }
}
