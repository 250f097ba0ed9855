import Testing

/// Everything that needs the one cluster, one test after the other: some of them change what all share.
@Suite(.serialized, .enabled("a Kubernetes API server", { Availability.check() }), .timeLimit(.minutes(20)))
enum OnACluster {}

/// What the hold, a default or a refusal is told by.
func expectRefused(
    _ answer: Answer, _ codes: String..., location: SourceLocation = #_sourceLocation
) {
    #expect(answer.status == 403 || answer.status == 400, "\(answer)", sourceLocation: location)
    for code in codes { #expect(answer.message.contains(code), "\(answer)", sourceLocation: location) }
}

func expectAdmitted(_ answer: Answer, warning: String..., location: SourceLocation = #_sourceLocation) {
    #expect(answer.succeeded, "\(answer)", sourceLocation: location)
    for text in warning { #expect(answer.warns(text), "\(answer)", sourceLocation: location) }
}
