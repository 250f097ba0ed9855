internal import Wire

extension HorizontalPodAutoscaler {
    /// One metric of an autoscaler, in one shape for all versions.
    public struct Metric: Sendable, Hashable {
        /// Where a metric comes from.
        public enum Source: Sendable, Hashable {
            /// The pods' CPU or memory.
            case resource
            /// One container's CPU or memory.
            case containerResource
            /// A metric of each pod.
            case pods
            /// A metric of one object.
            case object
            /// A metric from outside of the cluster.
            case external
            /// Something else, as written.
            case other(String)
        }

        /// How a target is meant.
        public enum TargetType: Sendable, Hashable {
            /// Percent of what the pods request.
            case utilization
            /// The value itself.
            case value
            /// The value divided by the number of pods.
            case averageValue
            /// Something else, as written; empty if it is left out.
            case other(String)
        }

        /// Where it comes from.
        public var type: Source
        /// The metric's name, such as `capacity_used_rate`.
        public var name: String
        /// What is described, for `object` only.
        public var describedObject: ScaleTarget?
        /// How the target is meant.
        public var targetType: TargetType
        /// The target's `value`, a quantity as written.
        public var value: String?
        /// The target's `averageValue`, a quantity as written.
        public var averageValue: String?
        /// The target's `averageUtilization`, in percent.
        public var utilization: Int32?
        /// Whether the metric has a selector of its own.
        public var hasSelector: Bool

        /// Makes a metric.
        public init(
            type: Source, name: String, describedObject: ScaleTarget? = nil, targetType: TargetType,
            value: String? = nil, averageValue: String? = nil, utilization: Int32? = nil, hasSelector: Bool = false
        ) {
            self.type = type
            self.name = name
            self.describedObject = describedObject
            self.targetType = targetType
            self.value = value
            self.averageValue = averageValue
            self.utilization = utilization
            self.hasSelector = hasSelector
        }

        /// Reads one element of `spec.metrics`, of `v2`, `v2beta2` or `v2beta1`.
        init(_ element: JSONValue) throws(ObjectError) {
            let type = try element.optionalString("type") ?? ""
            let (source, part): (Source, StaticString?) =
                switch type {
                case "Resource": (.resource, "resource")
                case "ContainerResource": (.containerResource, "containerResource")
                case "Pods": (.pods, "pods")
                case "Object": (.object, "object")
                case "External": (.external, "external")
                default: (.other(type), nil)
                }
            self.init(type: source, name: "", targetType: .other(""))
            guard let part else { return }
            _ = try element.optionalObject(part) { (body) throws(ObjectError) in try read(body) }
        }

        private mutating func read(_ body: JSONValue) throws(ObjectError) {
            let isBeta1 = body.field("target")?["type"] == nil && body.field("metric") == nil
            if isBeta1 { return try readBeta1(body) }
            name = try body.optionalString("name") ?? ""
            _ = try body.optionalObject("metric") { (metric) throws(ObjectError) in
                name = try metric.optionalString("name") ?? ""
                hasSelector = metric.field("selector") != nil
            }
            describedObject = try body.optionalObject("describedObject") { (object) throws(ObjectError) in
                try ScaleTarget(object)
            }
            _ = try body.optionalObject("target") { (target) throws(ObjectError) in
                let type = try target.optionalString("type") ?? ""
                targetType =
                    switch type {
                    case "Utilization": .utilization
                    case "Value": .value
                    case "AverageValue": .averageValue
                    default: .other(type)
                    }
                value = try target.optionalScalarText("value")
                averageValue = try target.optionalScalarText("averageValue")
                utilization = try target.optionalInt32("averageUtilization")
            }
        }

        /// `v2beta1` has no `target.type`: which of its fields is set says what is meant.
        private mutating func readBeta1(_ body: JSONValue) throws(ObjectError) {
            let resourceName = try body.optionalString("name")
            name = try body.optionalString("metricName") ?? resourceName ?? ""
            hasSelector = body.field("selector") != nil || body.field("metricSelector") != nil
            if type == .object {
                describedObject = try body.optionalObject("target") { (object) throws(ObjectError) in
                    try ScaleTarget(object)
                }
            }
            value = try body.optionalScalarText("targetValue")
            let objectAverage = try body.optionalScalarText("averageValue")
            averageValue = try body.optionalScalarText("targetAverageValue") ?? objectAverage
            utilization = try body.optionalInt32("targetAverageUtilization")
            if utilization != nil {
                targetType = .utilization
            } else if averageValue != nil {
                targetType = .averageValue
            } else if value != nil {
                targetType = .value
            }
        }
    }
}
