public import Rules

/// What the admission handler is told at start.
public struct AdmissionSettings: Sendable {
    /// The rules' own settings.
    public var policy: AdmissionPolicy
    /// Whether each value that was filled in is also told to the caller, as a warning.
    public var explainsDefaults: Bool
    /// How long an answer may take, live read included, if the request names no `timeout`; the API server's default is 10 s.
    public var answerTimeout: Duration

    /// The part of the caller's deadline that is left for the way back.
    public static let headRoom = 0.2
    /// The longest and the shortest time given to a live read, whatever the caller says.
    public static let answerTimeoutRange: ClosedRange<Duration> = .milliseconds(100) ... .seconds(30)

    /// Makes settings.
    public init(
        policy: AdmissionPolicy = AdmissionPolicy(), explainsDefaults: Bool = true,
        answerTimeout: Duration = .seconds(3)
    ) {
        self.policy = policy
        self.explainsDefaults = explainsDefaults
        self.answerTimeout = answerTimeout
    }
}
