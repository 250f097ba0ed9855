/// Why a text is not JSON that we read.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of mistake it is.
    public enum Code: Sendable, Hashable {
        /// No bytes, or white space only.
        case empty
        /// More bytes than the parser's limit.
        case tooLong
        /// Nested deeper than the parser's limit.
        case tooDeep
        /// More values than the parser's limit.
        case tooManyValues
        /// Not UTF-8, or an escape that names half of a surrogate pair.
        case badText
        /// A number out of the range of 64 bits, longer than any float64 is written, or not written as JSON writes one.
        case badNumber
        /// Anything else that RFC 8259 does not allow, a text that ends early included.
        case syntax
        /// The parser could not get memory.
        case memory
    }

    /// What kind of mistake it is.
    public var code: Code
    /// The parser's own words.
    public var message: String

    /// Makes an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message, for people.
    public var description: String { "not readable as JSON: \(message)" }
}
