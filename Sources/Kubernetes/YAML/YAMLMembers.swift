/// The members of a mapping that is being read: of equal names the last one counts.
struct YAMLMembers {
    private(set) var list: [YAMLNode.Member] = []
    private var places: [String: Int] = [:]

    /// Adds a member, or puts it in the place of the one of its name; the line of that one is returned.
    mutating func set(_ member: YAMLNode.Member) -> Int? {
        guard let place = places[member.name] else {
            places[member.name] = list.count
            list.append(member)
            return nil
        }
        let before = list[place].line
        list[place] = member
        return before
    }
}

extension YAMLError {
    /// What is said of a name that stands twice in a mapping.
    static func repeated(_ name: String, before: Int, line: Int, column: Int) -> YAMLError {
        let shown = String(decoding: "\(name.prefix(60))".utf8.map { $0 < 0x20 ? 0x20 : $0 }, as: UTF8.self)
        return YAMLError(
            line: line, column: column,
            message: "\"\(shown)\" stands twice in this mapping, in line \(before) as well; kubectl takes the last")
    }
}
