/// What is derived from a runtime's name, and how long that lets the name be.
enum RuntimeName {
    /// The most characters of a label's value or of the name part of its key (Kubernetes, RFC 1123).
    static let maximumLabelCharacters = 63
    /// `-worker` and `-master`: what Fluid appends to name its StatefulSets, in every version the same length.
    static let setSuffixCharacters = 7
    /// The dash and the hash, up to 10 characters, that Kubernetes appends to a StatefulSet's name for the pod label
    /// `controller-revision-hash` (kubernetes#64023): with a longer name no pod of the set can be created.
    static let revisionHashCharacters = 11
    /// The longest name with which a runtime's pods can be created: 45.
    static let maximumCharacters = maximumLabelCharacters - revisionHashCharacters - setSuffixCharacters

    /// The longest of Fluid's node label keys, without its prefix: `fluid.io/s-h-alluxio-t-<namespace>-<name>`.
    static let nodeLabelCharacters = 14 + 1
    /// The most characters of namespace and name together with which that key is valid: 48.
    ///
    /// Fluid before the fallback
    /// to the Dataset's uid fails to label nodes above that, and no worker comes (fluid#1169).
    static let maximumCharactersWithNamespace = maximumLabelCharacters - nodeLabelCharacters

    /// Says whether a name is a DNS-1035 label but for its length: lower-case letters, digits and dashes, a letter
    /// first, no dash last (RFC 1035, section 2.3.1).
    static func isDNSLabel(_ name: String) -> Bool {
        let bytes = name.utf8
        guard let first = bytes.first, isLetter(first), let last = bytes.last, last != dash else { return false }
        return bytes.allSatisfy { isLetter($0) || isDigit($0) || $0 == dash }
    }

    private static let dash = UInt8(ascii: "-")
    private static func isLetter(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") }
    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}

extension RuntimeRules {
    /// E101, E102, W110: a name that Fluid or Kubernetes refuse only later.
    static func checkName(_ runtime: RuntimeFacts, _ findings: inout [Finding]) {
        // The API server appends five characters to a generated name, after admission.
        let isGenerated = runtime.name.isEmpty
        if isGenerated && runtime.generateName.isEmpty { return }
        let name = isGenerated ? runtime.generateName + "xxxxx" : runtime.name
        let field = isGenerated ? "metadata.generateName" : "metadata.name"
        func shown() -> String { quoted(isGenerated ? runtime.generateName : runtime.name) }
        if !RuntimeName.isDNSLabel(name) {
            findings.append(
                Finding(
                    .runtimeNameNotDNSLabel, field,
                    "\(shown()) is no DNS-1035 label (a to z, 0 to 9 and -, a letter first, no - last); Fluid would refuse "
                        + "it after it was stored, and no cache would start",
                    remedy: "Give the Dataset and the AlluxioRuntime, which share a name, one such as hbase-20"))
        }
        let count = name.utf8.count
        if count > RuntimeName.maximumCharacters {
            findings.append(
                Finding(
                    .runtimeNameTooLong, field,
                    "\(shown()) has \(count) characters, at most \(RuntimeName.maximumCharacters) work: the pods of the "
                        + "StatefulSets <name>-worker and <name>-master carry <name>-worker-<hash> as a label value, "
                        + "and that has at most \(RuntimeName.maximumLabelCharacters)",
                    remedy: "Shorten the name of the Dataset and the AlluxioRuntime to "
                        + "\(RuntimeName.maximumCharacters) characters"))
        }
        let together = runtime.namespace.utf8.count + count
        if together > RuntimeName.maximumCharactersWithNamespace {
            findings.append(
                Finding(
                    .longNodeLabels, field,
                    "\(together) characters with its namespace; above "
                        + "\(RuntimeName.maximumCharactersWithNamespace) older Fluid can't label nodes (fluid#1169)",
                    remedy: "shorten it"))
        }
    }
}
