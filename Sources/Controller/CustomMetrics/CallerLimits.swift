/// How many requests for figures are under way at a time, of all callers and of each: a further one is to come again.
///
/// A caller is whoever the API server says that it is, so that who waits for the answer to a slow question keeps nobody
/// from asking another one.
struct CallerLimits: Sendable {
    /// Of requests whose caller is known; each takes `Responder.keptBytes` of the bytes in flight.
    var requests = 512
    var requestsPerCaller = 128
    /// Of those that wait until it is known what their caller may do.
    var waits = 256
    var waitsPerCaller = 64
    /// Of questions to the API server who may do what.
    ///
    /// They share one connection with all that the reconciler asks, which takes a hundred at a time.
    var reviews = 48
    var reviewsPerCaller = 12
}
