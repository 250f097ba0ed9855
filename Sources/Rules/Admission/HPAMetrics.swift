extension HPARules {
    /// E204: the cache's own metric while the runtime gives no metrics.
    static func checkMonitoring(
        _ hpa: HPAFacts, old: HPAFacts?, runtime: TargetRuntime, schema: RuntimeSchema, _ findings: inout [Finding]
    ) {
        guard runtime.monitoring == .off else { return }
        let before = Set(old?.metrics ?? [])
        for (index, metric) in hpa.metrics.enumerated() where metric.isCapacity && !before.contains(metric) {
            findings.append(withoutMonitoring("spec.metrics[\(index)]", hpa.target.name, schema))
        }
    }

    /// E204, wherever the metric is written.
    static func withoutMonitoring(_ field: String, _ runtime: String, _ schema: RuntimeSchema) -> Finding {
        let remedy =
            schema.metricsSwitch == .monitoring
            ? "Set spec.monitoring: true on the runtime" : "Remove spec.disablePrometheus: true from the runtime"
        return Finding(
            .metricWithoutMonitoring, field,
            "\(capacityMetric) never gets a value: metrics are switched off on AlluxioRuntime \(quoted(runtime))",
            remedy: "\(remedy) (it takes effect when its pods start), or use another metric")
    }

    /// Whose metrics are listed by these names.
    static let datasets = "datasets.data.fluid.io", runtimes = "alluxioruntimes.data.fluid.io"

    /// E206, E208, W205, W206, W210, W212, W214: metrics that can't work, or not as meant; only those that the update changed.
    static func checkMetrics(
        _ hpa: HPAFacts, old: HPAFacts?, cluster: ClusterFacts, _ findings: inout [Finding]
    ) {
        let before = Set(old?.metrics ?? [])
        for (index, metric) in hpa.metrics.enumerated() where !before.contains(metric) {
            let field = "spec.metrics[\(index)]"
            switch metric.type {
            case "Object": checkObjectMetric(metric, field, &findings)
            case "Pods": checkPodsMetric(metric, field, hpa: hpa, cluster: cluster, &findings)
            case "External": checkExternalMetric(metric, field, hpa: hpa, &findings)
            default: continue
            }
            if cluster.servesCustomMetrics == false, metric.type != "External" {
                findings.append(
                    Finding(
                        .customMetricsNotServed, field, "nobody serves custom.metrics.k8s.io, so it has no value",
                        remedy: "make install ARGS=--metrics"))
            } else if metric.type == "Object", metric.isCapacity, let (resource, plural) = described(metric),
                cluster.capacityResources?.contains(resource) == false
            {
                findings.append(
                    Finding(
                        .customMetricsNotServed, field,
                        "who serves custom.metrics.k8s.io has no \(capacityMetric) of \(plural)",
                        remedy: "add a rule"))
            }
        }
        if hpa.hasMoreMetrics, old?.hasMoreMetrics != true {
            findings.append(
                Finding(
                    .tooManyMetrics, "spec.metrics",
                    "more than \(HPAFacts.metricsMax) metrics, of which the rest would pass unchecked",
                    remedy: "Keep those that the cache is really scaled by"))
        }
        if old == nil, isServerCPUMetric(hpa), hpa.written?.metrics != true, hpa.controllerOwner == nil {
            findings.append(
                Finding(
                    .cpuMetricKept, "spec.metrics", "only CPU at 80 %, as filled in where none is written",
                    remedy: "write \(capacityMetric)"))
        }
    }

    /// The resource of which an Object metric is, and how it is called; nil for one that has no cache.
    private static func described(_ metric: MetricFacts) -> (resource: String, plural: String)? {
        switch metric.describedKind {
        case "Dataset": (datasets, "Datasets")
        case "AlluxioRuntime": (runtimes, "AlluxioRuntimes")
        default: nil
        }
    }

    private static func checkObjectMetric(_ metric: MetricFacts, _ field: String, _ findings: inout [Finding]) {
        let lacksValue = metric.targetType == "Value" && !metric.hasValue && metric.hasAverageValue
        let lacksAverage = metric.targetType == "AverageValue" && !metric.hasAverageValue && metric.hasValue
        if lacksValue || lacksAverage {
            let (has, lacks) = lacksValue ? ("averageValue", "value") : ("value", "averageValue")
            findings.append(
                Finding(
                    .objectMetricMismatch, "\(field).object.target",
                    "type is \(metric.targetType), but only \(has) is set: kube-controller-manager crashes on that, again "
                        + "and again, for the whole cluster (kubernetes#121015)",
                    remedy: "Write \(lacks) instead of \(has), or type: \(lacksValue ? "AverageValue" : "Value")"))
        } else if metric.isCapacity, metric.targetType == "AverageValue" {
            findings.append(averaged("\(field).object.target", remedy: "use type: Value"))
        }
    }

    /// KEDA's HPAs have metrics of this type; it is the ScaledObject in which that can be changed.
    private static func checkExternalMetric(
        _ metric: MetricFacts, _ field: String, hpa: HPAFacts, _ findings: inout [Finding]
    ) {
        guard metric.isCapacity, metric.targetType == "AverageValue" else { return }
        findings.append(
            averaged(
                "\(field).external.target",
                remedy: hpa.controllerOwner?.kind == "ScaledObject" ? "use metricType: Value" : "use type: Value"))
    }

    /// W212, wherever it is written.
    static func averaged(_ field: String, remedy: String) -> Finding {
        Finding(.averagedPercentage, field, "AverageValue divides a percentage by the workers", remedy: remedy)
    }

    private static func checkPodsMetric(
        _ metric: MetricFacts, _ field: String, hpa: HPAFacts, cluster: ClusterFacts, _ findings: inout [Finding]
    ) {
        if metric.targetType == "Value" {
            findings.append(
                Finding(
                    .podsMetricValueType, "\(field).pods.target", "type is Value, but it works as AverageValue",
                    remedy: "write type: AverageValue"))
        }
        // Whoever has the metric of runtimes is Sluice, or an adapter with our rules, and has it of each worker too. By the
        // rules that Fluid documents only masters have it, while the selector picks workers, or will as soon as it is there.
        let isOfWorkers = cluster.capacityResources?.contains(runtimes) == true
        let selector = cluster.target.runtime?.selector ?? ""
        if metric.isCapacity, !isOfWorkers, !ScalerTarget.selectsMaster(selector, runtime: hpa.target.name) {
            findings.append(
                Finding(
                    .podsMetricMatchesNothing, "\(field).pods", "only the master has \(capacityMetric), no worker",
                    remedy: "use type: Object on the Dataset"))
        }
    }

    /// W208: an HPA that never removes a worker.
    static func checkBehavior(_ hpa: HPAFacts, old: HPAFacts?, _ findings: inout [Finding]) {
        guard hpa.scaleDown?.selectPolicy == "Disabled", old?.scaleDown?.selectPolicy != "Disabled" else { return }
        findings.append(
            Finding(
                .scaleDownDisabled, "spec.behavior.scaleDown", "disabled, no worker ever goes",
                remedy: "it may be on, since Sluice drains them first"))
    }
}
