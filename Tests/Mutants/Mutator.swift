/// Finds all the places of one file that can be broken in a way that still compiles.
struct Mutator {
    let file: String
    let lines: [CodeLine]
    let cases: EnumCases
    private(set) var mutants: [Mutant] = []

    init(file: String, source: String, cases: EnumCases) {
        self.file = file
        self.cases = cases
        lines = scan(source)
        for number in lines.indices { look(number) }
    }

    private mutating func look(_ number: Int) {
        let code = lines[number].code
        conditions(number, code)
        results(number, code)
        constants(number, code)
        states(number, code)
        steps(number, code)
    }

    private mutating func add(_ rule: String, _ number: Int, _ range: Range<Int>, _ replacement: String) {
        mutants.append(Mutant(rule: rule, file: file, line: number, range: range, replacement: replacement))
    }

    private func text(_ number: Int, _ range: Range<Int>) -> String {
        String(decoding: lines[number].text[range], as: UTF8.self)
    }

    // MARK: Conditions

    /// `if`, `guard`, `while` on one line: each clause negated or dropped, each comparison off by one, each `&&` an `||`.
    private mutating func conditions(_ number: Int, _ code: String) {
        let bytes = Array(code.utf8)
        let trimmed = code.drop { $0 == " " }
        for (keyword, end) in [("if ", " {"), ("} else if ", " {"), ("while ", " {"), ("guard ", " else")] {
            guard trimmed.hasPrefix(keyword), let close = lastPlace(of: end, in: bytes) else { continue }
            let start = bytes.count - trimmed.utf8.count + keyword.utf8.count
            guard start < close else { continue }
            for clause in split(bytes, start..<close, by: ", ") {
                let said = String(decoding: bytes[clause], as: UTF8.self)
                guard isBoolean(said) else { continue }
                let original = text(number, clause)
                add("negate", number, clause, "(mutant(#) != (\(original)))")
                if keyword == "guard " { add("drop", number, clause, "(mutant(#) || (\(original)))") }
                compare(number, bytes, clause)
            }
        }
    }

    private mutating func compare(_ number: Int, _ bytes: [UInt8], _ clause: Range<Int>) {
        let original = text(number, clause)
        for (here, there) in [(" <= ", " < "), (" >= ", " > "), (" < ", " <= "), (" > ", " >= ")] {
            let parts = split(bytes, clause, by: here)
            let said = String(decoding: bytes[clause], as: UTF8.self)
            guard parts.count == 2, !said.contains(" && "), !said.contains(" || "), !said.contains(" ? ") else {
                continue
            }
            add(
                "off by one", number, clause,
                "(mutant(#) ? (\(text(number, parts[0]))\(there)\(text(number, parts[1]))) : (\(original)))")
            return
        }
        for (here, there) in [(" && ", " || "), (" || ", " && ")] {
            let parts = split(bytes, clause, by: here)
            guard parts.count == 2, !String(decoding: bytes[clause], as: UTF8.self).contains(" ? ") else { continue }
            add(
                "and or", number, clause,
                "(mutant(#) ? ((\(text(number, parts[0])))\(there)(\(text(number, parts[1])))) : (\(original)))")
            return
        }
    }

    private func isBoolean(_ clause: String) -> Bool {
        let isBinding = ["let ", "var ", "case ", "#"].contains { clause.hasPrefix($0) }
        return !isBinding && !clause.contains("await ") && !clause.contains("try ") && isBalanced(clause)
    }

    /// `return a == b`: the opposite.
    private mutating func results(_ number: Int, _ code: String) {
        let trimmed = code.drop { $0 == " " }
        guard trimmed.hasPrefix("return "), isComplete(number) else { return }
        let start = code.utf8.count - trimmed.utf8.count + 7
        let said = String(trimmed.dropFirst(7))
        let marks = [" == ", " != ", " < ", " > ", " <= ", " >= ", " && ", " || "]
        let range = start..<lines[number].text.count
        guard isBoolean(said), !said.contains("{"), !said.contains(" ? ") else { return }
        let isComparison = marks.contains { split(Array(code.utf8), range, by: $0).count == 2 }
        guard isComparison || said == "true" || said == "false" else { return }
        add("negate", number, range, "(mutant(#) != (\(text(number, range))))")
    }

    // MARK: Numbers and states

    /// A constant of time becomes nothing, a step of one becomes none.
    private mutating func constants(_ number: Int, _ code: String) {
        let bytes = Array(code.utf8)
        if code.contains("static let "), let equals = code.firstRange(of: " = ") {
            let start = code[..<equals.upperBound].utf8.count
            let value = String(decoding: bytes[start...], as: UTF8.self)
            if let first = value.utf8.first, (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(first),
                value.allSatisfy({ $0.isNumber || $0 == "_" })
            {
                add("constant", number, start..<bytes.count, "(mutant(#) ? 0 : \(value))")
            }
        }
        for sign in [" + 1", " - 1"] {
            guard let place = lastPlace(of: sign, in: bytes), place + 4 == bytes.count || !isDigit(bytes[place + 4])
            else {
                continue
            }
            add("off by one", number, (place + 3)..<(place + 4), "(mutant(#) ? 0 : 1)")
        }
    }

    private func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
    }

    /// A case without a payload becomes another one of its kind.
    private mutating func states(_ number: Int, _ code: String) {
        let trimmed = code.drop { $0 == " " }
        guard !trimmed.hasPrefix("case "), !trimmed.hasPrefix("let "), isComplete(number) else { return }
        for mark in [" = .", "return ."] {
            guard let found = code.firstRange(of: mark) else { continue }
            let start = code[..<found.upperBound].utf8.count - 1
            let name = String(code[found.upperBound...])
            guard name.allSatisfy({ $0.isLetter || $0.isNumber }), let other = cases.other(than: name) else { continue }
            add("state", number, start..<lines[number].text.count, "(mutant(#) ? .\(other) : .\(name))")
        }
    }

    // MARK: Steps

    /// One statement on a line of its own is left out.
    private mutating func steps(_ number: Int, _ code: String) {
        let trimmed = String(code.drop { $0 == " " })
        let indent = code.utf8.count - trimmed.utf8.count
        guard indent >= 8, isComplete(number), isBalanced(trimmed), isStatement(trimmed),
            !isInInitializer(number, indent),
            !isOnlyExpression(number, trimmed)
        else { return }
        let range = indent..<lines[number].text.count
        add("step", number, range, "if !mutant(#) { \(text(number, range)) }")
    }

    private func isStatement(_ said: String) -> Bool {
        guard let first = said.unicodeScalars.first, first.properties.isLowercase else { return false }
        let word = said.prefix { $0.isLetter }
        let keywords = [
            "let", "var", "return", "guard", "if", "for", "case", "switch", "while", "throw", "defer", "break",
            "continue",
            "else", "default", "func", "static", "private", "public", "internal", "mutating", "typealias", "init",
            "super",
            "enum", "struct", "where", "in", "import", "repeat", "fallthrough", "lazy", "weak", "precondition",
        ]
        guard !keywords.contains(String(word)) else { return false }
        let target = said.prefix { $0.isLetter || $0.isNumber || ".?[]_".contains($0) }
        let rest = said.dropFirst(target.count)
        return rest.hasPrefix(" = ") || rest.hasPrefix(" += ") || rest.hasPrefix(" -= ")
            || (rest.hasPrefix("(") && rest.hasSuffix(")"))
            || said.hasPrefix("await ") && said.hasSuffix(")") || said.hasPrefix("try ") && said.hasSuffix(")")
    }

    /// Whether the line neither goes on from the one before nor on the next one.
    private func isComplete(_ number: Int) -> Bool {
        let before = number > 0 ? lines[number - 1].code.filter { $0 != " " } : ""
        let after = number + 1 < lines.count ? lines[number + 1].code.drop { $0 == " " } : ""
        let here = lines[number].code.reversed().first { $0 != " " } ?? " "
        let opens = ["(", ",", "=", "[", "+", "-", "&", "|", "?", "return", "in:"]
        return !opens.contains { before.hasSuffix($0) } && !"({[,=+-&|?:".contains(here)
            && !after.hasPrefix(".") && !after.hasPrefix("?") && !after.hasPrefix("&&") && !after.hasPrefix("||")
            && !after.hasPrefix("+") && !after.hasPrefix("-") && !after.hasPrefix(":") && !after.hasPrefix("{")
            && !after.hasPrefix("=")
    }

    /// Whether it is the one expression of a body, and so what that returns.
    private func isOnlyExpression(_ number: Int, _ said: String) -> Bool {
        let before = number > 0 ? lines[number - 1].code.filter { $0 != " " } : ""
        let after = number + 1 < lines.count ? lines[number + 1].code.filter { $0 != " " } : ""
        guard !said.contains(" = "), !said.contains(" += "), !said.contains(".append(") else { return false }
        return (before.hasSuffix("{") || before.hasSuffix("in") || before.hasSuffix(":"))
            && (after.hasPrefix("}") || after.hasPrefix("case") || after.hasPrefix("default"))
    }

    private func isInInitializer(_ number: Int, _ indent: Int) -> Bool {
        var least = indent
        for above in lines[..<number].reversed() {
            let code = above.code
            let trimmed = code.drop { $0 == " " }
            let depth = code.utf8.count - trimmed.utf8.count
            guard !trimmed.isEmpty, depth < least else { continue }
            // The end of a signature of several lines stands as far left as its beginning.
            if trimmed.hasPrefix(")") { continue }
            least = depth
            if trimmed.contains("init(") || trimmed.contains("init?(") { return true }
            if trimmed.contains("func ") { return false }
        }
        return false
    }
}
