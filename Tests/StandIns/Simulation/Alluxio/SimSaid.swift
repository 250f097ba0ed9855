/// What one call of the client said, and how it ended.
struct SimSaid {
    var exit: Int32
    var out = ""
    var errors = ""

    static func ok(_ out: String) -> SimSaid { SimSaid(exit: 0, out: out + "\n") }
    static func failed(_ out: String, exit: Int32 = 255, errors: String = "") -> SimSaid {
        SimSaid(exit: exit, out: out + "\n", errors: errors)
    }
    /// Ended by SIGKILL.
    static let killed = SimSaid(exit: 137)
}
