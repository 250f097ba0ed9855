/// One task that waits for one value, which comes once: an answer, the end of a delay, or its own cancellation.
@safe final class SimWaiter<Value: Sendable>: @unchecked Sendable {
    // Everything happens on the world's one thread.
    private var continuation: UnsafeContinuation<Value, Never>?
    private var value: Value?

    /// Gives the value; a second one is dropped.
    func resume(_ value: Value) {
        guard self.value == nil else { return }
        self.value = value
        if let continuation = unsafe continuation {
            unsafe self.continuation = nil
            unsafe continuation.resume(returning: value)
        }
    }

    /// Waits for the value; if the task is cancelled it is this one.
    func wait(ifCancelled cancelled: Value) async -> Value {
        if Task.isCancelled { resume(cancelled) }
        if let value { return value }
        return await withTaskCancellationHandler {
            unsafe await withUnsafeContinuation { continuation in
                if let value {
                    unsafe continuation.resume(returning: value)
                } else {
                    unsafe self.continuation = continuation
                }
            }
        } onCancel: {
            resume(cancelled)
        }
    }
}
