/// Why a patch cannot be applied.
package struct JSONPatchError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    ///
    /// Nothing of the document or the patch is in it.
    package enum Reason: String, Error, Sendable, Hashable, CaseIterable {
        case heldBodyIsNotJSON = "the held body is not JSON"
        case notAnObject = "an operation is an object"
        case unknownOperation = "'op' is add, remove, replace, move, copy or test"
        case noPath = "it needs a 'path'"
        case noFrom = "it needs a 'from'"
        case noValue = "it needs a 'value'"
        case badPointer = "a path is empty or begins with '/', and after '~' comes 0 or 1"
        case badIndex = "an index of an array has digits only and no leading zero"
        case pathNotFound = "there is nothing at the path"
        case removesDocument = "the whole document cannot be removed"
        case movesIntoItself = "nothing can be moved into itself"
        case testFailed = "the value is not the one tested for"
        case tooDeep = "the document would be nested too deep"
        case tooLarge = "the document would be too large"
        case tooMuchWork = "the patch takes too long"
    }

    /// The operation, from 0, or nothing when none is to blame.
    package let operation: Int?
    package let reason: Reason

    package init(operation: Int?, _ reason: Reason) {
        self.operation = operation
        self.reason = reason
    }

    package var description: String {
        self.operation.map { "operation \($0) of the patch: \(self.reason.rawValue)" } ?? self.reason.rawValue
    }
}
