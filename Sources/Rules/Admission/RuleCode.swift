/// The stable name of one rule, as it stands in logs, metrics, warnings and refusals.
///
/// `D` fills in, `E` denies, `W` warns, `H` holds. The hundreds name the object: 0 the review itself, 1 runtimes,
/// 2 HPAs and ScaledObjects, 3 scale requests, 4 worker sets. A code is never used again for something else.
public enum RuleCode: String, Sendable, Hashable, CaseIterable, Comparable {
    case unreadableReview = "E001"
    case unknownRuntimeVersion = "E002"

    case defaultReplicas = "D101"
    case defaultMonitoring = "D102"
    case defaultBounds = "D103"
    case runtimeNameNotDNSLabel = "E101"
    case runtimeNameTooLong = "E102"
    case replicasNotACount = "E103"
    case replicasBelowMinimum = "E104"
    case replicasAboveMaximum = "E105"
    case replicasDropped = "E106"
    case tierWithoutQuota = "E107"
    case quotaListMismatch = "E108"
    case unreadableBound = "E109"
    case minimumAboveMaximum = "E110"
    case unreadableDrainPolicy = "E111"
    case wrongType = "E112"
    case replicasGated = "E113"
    case tooManyTiers = "E114"
    case watermarkOutsideRange = "W101"
    case lowAboveHigh = "W102"
    case workerReplicasIgnored = "W103"
    case monitoringOffUnderHPA = "W104"
    case fieldNotInCRD = "W105"
    case replicasAboveFilledMaximum = "W106"
    case replicasStillOutside = "W107"
    case unknownAnnotation = "W108"
    case staleDefaultedMark = "W109"
    case longNodeLabels = "W110"
    case replicasNotDrained = "W111"
    case boundsLost = "W112"

    case defaultMaxReplicas = "D201"
    case defaultMinReplicas = "D202"
    case defaultMetric = "D203"
    case defaultScaleDown = "D204"
    case secondScaler = "E201"
    case minReplicasOutside = "E202"
    case maxReplicasOutside = "E203"
    case metricWithoutMonitoring = "E204"
    case noLabelSelectorPath = "E205"
    case objectMetricMismatch = "E206"
    case targetMissingDenied = "E207"
    case tooManyMetrics = "E208"
    case pausedReplicasOutside = "E209"
    case targetMissing = "W201"
    case ownedBoundsOutside = "W202"
    case maxReplicasAboveFilledMaximum = "W203"
    case boundsStillOutside = "W204"
    case podsMetricMatchesNothing = "W205"
    case podsMetricValueType = "W206"
    case masterSelector = "W207"
    case scaleDownDisabled = "W208"
    case minReplicasZero = "W209"
    case cpuMetricKept = "W210"
    case hpaNotChecked = "W211"
    case averagedPercentage = "W212"
    case defaultsLost = "W213"
    case customMetricsNotServed = "W214"

    case scaleAboveMaximum = "E301"
    case scaleBelowMinimum = "E302"
    case scaleNotACount = "E303"
    case scaleGated = "E304"
    case scaleHeld = "H301"
    case scaleAboveFilledMaximum = "W301"
    case scaleStillOutside = "W302"
    case scaleNotChecked = "W303"
    case scaleNotDrained = "W304"

    case held = "H401"
    case labelsHeld = "H402"
    case workerSetNotChecked = "W401"

    /// Orders by the code's text.
    public static func < (left: RuleCode, right: RuleCode) -> Bool {
        left.rawValue < right.rawValue
    }

    /// Codes in one word, separated by commas.
    public static func list(_ codes: [RuleCode]) -> String {
        var list = ""
        for code in codes {
            if !list.isEmpty { list += "," }
            list += code.rawValue
        }
        return list
    }

    /// What the rule does: fill in, deny, warn or hold.
    public var kind: RuleKind {
        switch rawValue.utf8.first {
        case UInt8(ascii: "D"): .fillsIn
        case UInt8(ascii: "E"): .denies
        case UInt8(ascii: "H"): .holds
        default: .warns
        }
    }
}

/// What a rule does to a request.
public enum RuleKind: String, Sendable, Hashable {
    /// Adds what is absent.
    case fillsIn = "default"
    /// Refuses the request.
    case denies = "deny"
    /// Lets it pass and says something.
    case warns = "warn"
    /// Puts the old value back, or a bound in the place of what is beyond it, and says so.
    case holds = "hold"
}
