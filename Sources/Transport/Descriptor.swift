internal import Glibc

/// An open file descriptor that closes itself when its owner goes.
struct Descriptor: ~Copyable {
    let number: Int32

    /// Takes over a descriptor, or turns -1 into the error that `errno` tells.
    init(_ number: Int32, _ operation: @autoclosure () -> String) throws(SystemError) {
        guard number >= 0 else { throw .last(operation()) }
        self.number = number
    }

    deinit {
        _ = Glibc.close(number)
    }
}
