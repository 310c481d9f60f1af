package import GRIP

extension PresenceRoster {
    /// Learns whether the bus is connected.
    package mutating func busChanged(isConnected: Bool, now: EngineTime) -> [PresenceAction] {
        guard self.hasBus, self.isConnected != isConnected else { return [] }
        self.isConnected = isConnected
        var actions: [PresenceAction] = []
        if isConnected {
            self.listen(now: now)
            // Nobody could be heard meanwhile, who may be there all the same.
            self.peers.forgive(now: now)
            if self.isTakingPart { self.publish(self.heartbeat, &actions) }
            self.doubt(self.watchedNames, now: now)
        }
        self.judgeAll(now: now, &actions)
        return actions
    }

    /// Learns that messages of others may be missing.
    package mutating func missed(_ gap: GRIPBusGap, now: EngineTime) -> [PresenceAction] {
        var actions: [PresenceAction] = []
        switch gap {
        case .all: self.doubt(self.watchedNames, now: now)
        case .channels(let names, _):
            self.doubt(names.compactMap { PresenceBusChannel.channel(of: $0).map { UTF8Key($0) } }, now: now)
        }
        self.judgeAll(now: now, &actions)
        return actions
    }

    /// Learns that the bus has not taken a message.
    ///
    /// The others hear with the next heartbeat that something is missing, and ask.
    package mutating func refused(_ message: PresenceMessage) {
        switch message.content {
        case .changes(_, let number, _, _), .snapshot(_, let number, _, _, _): self.own.lose(number)
        case .alive, .question, .kick: break
        }
    }

    /// Takes a message of another instance.
    package mutating func receive(_ message: PresenceMessage, now: EngineTime) -> [PresenceAction] {
        guard self.hasBus, message.owner != self.owner else { return [] }
        var actions: [PresenceAction] = []
        if case .kick(let channel, let key) = message.content {
            self.apply(self.own.kick(key, from: channel), on: channel, now: now, &actions)
        }
        guard self.isTakingPart else { return actions }
        switch self.peers.hear(message.owner, now: now) {
        case .known: break
        case .new:
            // It may have members wherever somebody watches.
            self.scheduleQuestions(self.watchedNames, now: now)
            self.judgeAll(now: now, &actions)
        case .ignored:
            self.counted.ignoredMessages += 1
            return actions
        }
        self.take(message, now: now, &actions)
        return actions
    }

    private mutating func take(_ message: PresenceMessage, now: EngineTime, _ actions: inout [PresenceAction]) {
        switch message.content {
        case .kick: break
        case .alive(let lost, let grace):
            if self.peers.note(lost: lost, of: message.owner) { self.doubt(message.owner, lost: lost, now: now) }
            guard let grace, self.peers.isAnswering(message.owner) else { return }
            if let reason = self.peers.end(message.owner, grace: grace) {
                self.remove(message.owner, reason, now: now, &actions)
            }
            self.judgeAll(now: now, &actions)
        case .question(let channel, let owners):
            guard owners?.contains(self.owner) ?? true, self.asked.count < Self.maximumAnswers,
                self.asked.insert(UTF8Key(channel)).inserted
            else { return }
            self.due.insert(.answer(UTF8Key(channel)), at: now + Times.answering)
        case .snapshot(let channel, _, _, _, _), .changes(let channel, _, _, _):
            let name = UTF8Key(channel)
            guard self.watched[name] != nil else { return }
            if let changes = self.watched[name]?.receive(message.content, from: message.owner) {
                self.tell(changes, on: name, &actions)
            } else {
                self.scheduleQuestion(name, at: now)
            }
            self.judge(name, now: now, &actions)
        }
    }

    // MARK: Being there

    /// Begins to take part in what instances tell each other.
    mutating func takePart(now: EngineTime, _ actions: inout [PresenceAction]) {
        guard self.hasBus, !self.isTakingPart else { return }
        self.isTakingPart = true
        actions.append(.attend([PresenceBusChannel.all]))
        if self.isConnected { self.listen(now: now) }
        self.publish(self.heartbeat, &actions)
        self.due.insert(.heartbeat, at: now + Times.heartbeat)
    }

    /// Waits for the heartbeats of all others.
    private mutating func listen(now: EngineTime) {
        let end = now + Times.listening
        self.listensUntil = end
        for name in self.watchedNames { self.due.insert(.judgement(name), at: end) }
    }

    var heartbeat: PresenceMessage.Content { .alive(lost: self.own.lost, grace: self.grace) }

    /// Says that this instance is there, and looks who else is.
    mutating func beat(now: EngineTime, _ actions: inout [PresenceAction]) {
        self.due.insert(.heartbeat, at: now + Times.heartbeat)
        guard self.isConnected else { return }
        self.publish(self.heartbeat, &actions)
        let lost = self.peers.judge(now: now)
        for (owner, reason) in lost { self.remove(owner, reason, now: now, &actions) }
        let areAllHeard = self.peers.areAllHeard(at: now)
        guard !lost.isEmpty || areAllHeard != self.wereAllHeard else { return }
        self.wereAllHeard = areAllHeard
        self.judgeAll(now: now, &actions)
    }

    private mutating func remove(
        _ owner: UInt64,
        _ reason: GRIPDepartureReason,
        now: EngineTime,
        _ actions: inout [PresenceAction]
    ) {
        for name in self.watchedNames {
            self.tell(self.watched[name]?.remove(owner, reason) ?? [], on: name, &actions)
        }
    }

    /// Hands a message to the bus, where there is one.
    ///
    /// - Parameters:
    ///   - content: What is told.
    ///   - isLast: Whether it is what this instance ends with. With no grace, nothing is told afterwards.
    ///   - actions: Where the action is added.
    mutating func publish(
        _ content: PresenceMessage.Content,
        isLast: Bool = false,
        _ actions: inout [PresenceAction]
    ) {
        guard self.hasBus, isLast || self.grace != .zero else { return }
        let message = PresenceMessage(owner: self.owner, content)
        if self.isConnected { actions.append(.publish(message)) } else { self.refused(message) }
    }

    // MARK: Asking and answering

    /// Notes that lists of channels may have holes, and asks for all of them within a time.
    private mutating func doubt(_ names: [UTF8Key], now: EngineTime) {
        for name in names { self.watched[name]?.doubtAll(but: self.owner) }
        self.scheduleQuestions(names, forAll: true, now: now)
    }

    /// Notes that messages of an instance have not arrived, and asks it for what they were about.
    private mutating func doubt(_ owner: UInt64, lost: Int, now: EngineTime) {
        let names = self.watchedNames
        for name in names { self.watched[name]?.doubt(owner, lost: lost) }
        self.scheduleQuestions(names.filter { self.watched[$0]?.isCurrent(owner) == false }, now: now)
    }

    /// Spreads questions about channels over a time.
    private mutating func scheduleQuestions(_ names: [UTF8Key], forAll: Bool = false, now: EngineTime) {
        let share = Times.spread / Double(max(1, names.count))
        // One channel does not wait for others.
        let start = names.count == 1 ? 0 : Double.random(in: 0..<1, using: &self.random)
        for (index, name) in names.enumerated() {
            self.scheduleQuestion(name, at: now + share * (Double(index) + start), forAll: forAll)
        }
    }

    mutating func scheduleQuestion(_ name: UTF8Key, at time: EngineTime, forAll: Bool = false) {
        guard let time = self.watched[name]?.question.schedule(at: time, forAll: forAll) ?? nil else { return }
        self.due.insert(.question(name), at: time)
    }

    /// Asks those who have not told whom they have on a channel, and looks again later.
    mutating func ask(_ name: UTF8Key, now: EngineTime, _ actions: inout [PresenceAction]) {
        guard let watched = self.watched[name] else { return }
        guard self.isConnected else {
            self.watched[name]?.question.cancel()
            return
        }
        let missing = self.peers.missing { watched.isCurrent($0) }
        guard let owners = self.watched[name]?.question.ask(missing, now: now) ?? nil else { return }
        self.counted.questions += 1
        self.publish(.question(channel: name.text, of: owners.isEmpty ? nil : owners), &actions)
        if let time = self.watched[name]?.question.time { self.due.insert(.question(name), at: time) }
    }

    /// Tells whom this instance has on a channel.
    mutating func answer(_ name: UTF8Key, _ actions: inout [PresenceAction]) {
        guard self.asked.remove(name) != nil else { return }
        for content in self.own.snapshot(of: name.text) { self.publish(content, &actions) }
    }
}
