import GRIPNATS

extension NATSServerOperation {
    var message: GRIPNATSMessage? {
        if case .message(let message) = self { message } else { nil }
    }
}
