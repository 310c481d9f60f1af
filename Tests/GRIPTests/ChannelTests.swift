import GRIP
import Testing

@Suite struct ChannelTests {
    @Test(arguments: [
        "a", "room-1", "a b", "q=1", "ä/ö", "\u{1F600}", "back\\slash", "<x>", "a:b.c", "\u{A0}edge\u{A0}",
    ])
    func aNameThatAHeaderCarriesIsAccepted(name: String) throws {
        let channel = try GRIPChannel(name)
        #expect(channel.name == name)
        #expect(channel.previousID == nil)
        #expect(channel.filters.isEmpty)
    }

    @Test(arguments: [
        "", " a", "a ", " ", "a,b", "a;b", "a\"b", "a\nb", "a\r\nGrip-Hold: stream", "a\tb", "\0", "a\u{7F}", "a\t",
    ])
    func aNameThatWouldSplitAHeaderIsRefused(name: String) {
        let error = #expect(throws: GRIPError.self) { try GRIPChannel(name) }
        #expect(error?.code == .channel)
    }

    @Test(arguments: ["", " ", "2,3", "\"\"", "a;b", "\\", "é"])
    func aPreviousIDMayHoldAnyPunctuation(id: String) throws {
        #expect(try GRIPChannel("a", previousID: id).previousID == id)
    }

    @Test(arguments: ["\n", "a\r", "\0", "\u{7F}", "\t"])
    func aPreviousIDWithControlCharactersIsRefused(id: String) {
        let error = #expect(throws: GRIPError.self) { try GRIPChannel("a", previousID: id) }
        #expect(error?.code == .channel)
    }

    @Test func fiveFiltersAreTheMost() throws {
        let five = [GRIPFilter](repeating: .skipSelf, count: 5)
        #expect(try GRIPChannel("a", filters: five).filters.count == 5)
        let error = #expect(throws: GRIPError.self) { try GRIPChannel("a", filters: five + [.buildID]) }
        #expect(error?.code == .filter)
    }

    @Test func aLiteralIsAChannel() throws {
        let channel: GRIPChannel = "größe"
        let name = channel.name
        #expect(name == "größe")
        #expect(try channel == GRIPChannel(name))
    }

    @Test func aPrefixChangesTheNameAlone() throws {
        let member = try GRIPMember("alice")
        let channel = try GRIPChannel("a", previousID: "1", filters: [.skipSelf], member: member)
        let prefixed = channel.prefixed(by: try GRIPPrefix("app "))
        #expect(prefixed.name == "app a")
        #expect(prefixed.previousID == "1")
        #expect(prefixed.filters == [.skipSelf])
        #expect(prefixed.member == member)
        #expect(channel.prefixed(by: .none) == channel)
    }
}

@Suite struct ChannelMemberTests {
    @Test func theMemberOfAChannelIsReplacedAlone() throws {
        let channel = try GRIPChannel("a", previousID: "1", filters: [.skipSelf])
        let member = try GRIPMember("alice")
        #expect(channel.member == nil)
        #expect(
            try channel.with(member: member)
                == GRIPChannel("a", previousID: "1", filters: [.skipSelf], member: member)
        )
        #expect(channel.with(member: member).with(member: nil) == channel)
    }
}

@Suite struct PrefixTests {
    @Test(arguments: ["", "app-", "app ", "a/b:"])
    func aPrefixThatANameMayBeginWithIsAccepted(text: String) throws {
        let prefix = try GRIPPrefix(text)
        #expect(prefix.text == text)
        #expect(prefix.description == text)
        #expect(try GRIPChannel(prefix.text + "x") == GRIPChannel("x").prefixed(by: prefix))
    }

    @Test(arguments: [" app", "a,", "a;", "\"", "a\n", "\r", "a\t"])
    func aPrefixThatNoNameMayBeginWithIsRefused(text: String) {
        let error = #expect(throws: GRIPError.self) { try GRIPPrefix(text) }
        #expect(error?.code == .channel)
    }

    @Test func noPrefixIsTheEmptyPrefix() throws {
        #expect(try GRIPPrefix("") == .none)
    }
}

@Suite struct FilterTests {
    @Test(arguments: [
        (GRIPFilter.skipSelf, "skip-self"), (.skipUsers, "skip-users"), (.requireSubscription, "require-sub"),
        (.buildID, "build-id"), (.substituteVariables, "var-subst"), (.httpCheck, "http-check"),
        (.httpModify, "http-modify"),
    ])
    func theKnownFiltersHaveTheirNamesOnTheWire(filter: GRIPFilter, name: String) throws {
        #expect(filter.name == name)
        #expect(filter.description == name)
        #expect(try GRIPFilter(name) == filter)
    }

    @Test(arguments: ["", "a b", "a,b", "a;b", "a=b", "\"a\"", "é", "a\n", "a:b"])
    func aNameThatIsNoTokenIsRefused(name: String) {
        let error = #expect(throws: GRIPError.self) { try GRIPFilter(name) }
        #expect(error?.code == .filter)
    }
}
