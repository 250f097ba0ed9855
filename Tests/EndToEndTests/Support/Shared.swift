import Testing

/// Everything that needs the one cluster, one test after the other: some of them change what all share.
@Suite(.serialized, .enabled("a Kubernetes API server", { Availability.check() }), .timeLimit(.minutes(20)))
enum OnACluster {}

/// What the hold, a default or a refusal is told by.
func expectRefused(
    _ answer: Answer, _ codes: String..., location: SourceLocation = #_sourceLocation
) {
    // By us, or by the API server itself, which has a status of its own for what its schema does not allow.
    let isOurs = answer.message.contains("admission webhook")
    let statuses = isOurs ? [403, 400] : [422]
    #expect(statuses.contains(answer.status), "\(answer)", sourceLocation: location)
    for code in codes { #expect(answer.message.contains(code), "\(answer)", sourceLocation: location) }
}

func expectAdmitted(_ answer: Answer, warning: String..., location: SourceLocation = #_sourceLocation) {
    #expect(answer.succeeded, "\(answer)", sourceLocation: location)
    for text in warning { #expect(answer.warns(text), "\(answer)", sourceLocation: location) }
}
