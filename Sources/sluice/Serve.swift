extension Sluice {
    /// Serves until a signal ends it.
    static func serve(_ settings: ServeSettings) throws(UsageError) -> ExitStatus {
        throw UsageError(message: "nothing is served yet")
    }
}
