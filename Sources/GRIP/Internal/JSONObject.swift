/// The members of a JSON object in the order of the text; of equal names the last one counts.
///
/// Names are equal when their bytes are (RFC 8259, section 8.3).
package struct JSONObject: Sendable, Hashable {
    /// A name and its value; arrays of tuples look up their type at run time again and again.
    package struct Member: Sendable, Hashable {
        package let key: String
        package fileprivate(set) var value: JSONValue

        package init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    package private(set) var members: [Member] = []

    package init(members: [Member] = []) {
        // A set only pays once the linear search of the usual handful of members would not.
        if members.count <= 8, Self.areDistinct(members) {
            self.members = members
        } else {
            var positions: [UTF8Key: Int] = [:]
            for member in members {
                if let position = positions[UTF8Key(member.key)] {
                    self.members[position].value = member.value
                } else {
                    positions[UTF8Key(member.key)] = self.members.count
                    self.members.append(member)
                }
            }
        }
    }

    private static func areDistinct(_ members: [Member]) -> Bool {
        members.indices.allSatisfy { index in
            members[..<index].allSatisfy { !$0.key.hasSameBytes(as: members[index].key) }
        }
    }

    package subscript(_ key: String) -> JSONValue? { self.index(of: key).map { self.members[$0].value } }

    /// The place of a member, or nothing when there is none of that name.
    package func index(of key: String) -> Int? {
        self.members.firstIndex(where: { $0.key.hasSameBytes(as: key) })
    }

    /// Gives a member another value where it stands, or adds it at the end.
    package mutating func set(_ key: String, _ value: JSONValue) {
        if let index = self.index(of: key) {
            self.members[index].value = value
        } else {
            self.members.append(Member(key, value))
        }
    }

    /// Changes the value of a member in place, without a copy of what is in it.
    package mutating func change<Result, Failure: Error>(
        at index: Int,
        _ change: (inout JSONValue) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try change(&self.members[index].value)
    }

    /// Takes a member out.
    package mutating func remove(at index: Int) -> JSONValue { self.members.remove(at: index).value }
}
