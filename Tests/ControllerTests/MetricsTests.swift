import Testing

@testable import Controller

@Suite struct MetricsTests {
    @Test func `counters, gauges and histograms read as Prometheus expects them`() {
        let metrics = Metrics()
        metrics.increment(.hold, ["default", "hbase"])
        metrics.increment(.hold, ["default", "hbase"])
        metrics.set(.leader, to: 1)
        metrics.observe(.drainDuration, ["Drained"], seconds: 0.02)
        let text = String(decoding: metrics.render(), as: UTF8.self)
        #expect(text.contains("# TYPE sluice_hold_total counter\n"))
        #expect(text.contains("sluice_hold_total{namespace=\"default\",runtime=\"hbase\"} 2\n"))
        #expect(text.contains("sluice_leader 1\n"))
        #expect(text.contains("sluice_drain_duration_seconds_bucket{outcome=\"Drained\",le=\"0.01\"} 0\n"))
        #expect(text.contains("sluice_drain_duration_seconds_bucket{outcome=\"Drained\",le=\"0.05\"} 1\n"))
        #expect(text.contains("sluice_drain_duration_seconds_bucket{outcome=\"Drained\",le=\"+Inf\"} 1\n"))
        #expect(text.contains("sluice_drain_duration_seconds_count{outcome=\"Drained\"} 1\n"))
    }

    @Test func `a label's value cannot end its line or its quotes`() {
        let metrics = Metrics()
        metrics.increment(.hold, ["a\"b\\c\nd", "x"])
        let text = String(decoding: metrics.render(), as: UTF8.self)
        #expect(text.contains(#"{namespace="a\"b\\c\nd",runtime="x"} 1"#))
    }

    @Test func `the number of series is bounded, and none is lost`() {
        let metrics = Metrics()
        for number in 0..<(Metrics.seriesPerFamilyMax + 50) {
            metrics.increment(.hold, ["namespace-\(number)", "runtime"])
        }
        #expect(metrics.value(.hold, ["other", "other"]) == 50)
    }

    @Test func `a scrape is bounded, whatever names there are`() {
        let metrics = Metrics()
        // Every character takes an escape, and the names differ in their beginning.
        let long = String(repeating: "\u{202E}\u{9B}\"\\", count: 100_000)
        for family in MetricFamily.allCases {
            for number in 0..<(Metrics.seriesPerFamilyMax + 50) where family.kind != .histogram || number == 0 {
                metrics.increment(family, family.labels.map { _ in "\(number)" + long })
            }
        }
        let text = metrics.render()
        #expect(text.count <= 16 << 20, "\(text.count)")
        let line = text.split(separator: UInt8(ascii: "\n")).max { $0.count < $1.count } ?? []
        #expect(line.count <= 2048)
        #expect(!text.contains { $0 >= 0x7F })
    }

    @Test func `every family has a name of its own, and a help text`() {
        #expect(Set(MetricFamily.allCases.map(\.name)).count == MetricFamily.allCases.count)
        #expect(MetricFamily.allCases.allSatisfy { !$0.help.isEmpty })
    }
}
