import Foundation
import Kubernetes
import Testing
import Wire

@testable import sluice

/// Inputs on which an earlier review and kubectl parted; each is one of its kind.
@Suite struct `A review says what kubectl and the API server say` {
    /// A review in short: what could not be read, then each object with the codes and fields of its remarks.
    static func summary(_ reader: ManifestReader, _ options: ReviewOptions = ReviewOptions()) -> [String] {
        let objects = Reviewer(options).review(reader.manifests)
        return reader.problems.map { "unreadable: \($0)" }
            + objects.map { object in
                let remarks = object.remarks.map { remark in
                    " \(remark.denies ? "!" : "")\(remark.code)@\(remark.line ?? object.manifest.line(of: remark.field) ?? 0)"
                }
                return "\(object.title):\(remarks.joined())"
            }
    }

    static func read(_ name: String) -> ManifestReader {
        var reader = ManifestReader()
        reader.read([repository.appending(path: "Tests/SluiceTests/Fixtures/review/\(name)").path])
        return reader
    }

    @Test(
        arguments: [
            ("02-annotation-number.yaml", ["default/a: !API server@6 !API server@7"]),
            ("03-image-tag-sha.yaml", ["default/a:"]),
            ("04-high-number.yaml", ["default/a: !API server@9 !API server@9"]),
            ("05-namespace-bool.yaml", ["default/*: !API server@4 !API server@5"]),
            ("06-hpa-v1-as-kubectl-gives-it.yaml", ["default/a: W104@7", "default/h: !E204@15"]),
            ("07-hpa-metrics-mapping.yaml", ["default/h: !API server@8 W201@6"]),
            (
                "08-schema-runtime.yaml",
                ["default/a:" + [7, 8, 10, 11, 14, 14, 15, 15].map { " !API server@\($0)" }.joined()]
            ),
            ("09-spec-no-mapping.yaml", ["default/a: !API server@5"]),
            ("10-quotalist-one-path.yaml", ["default/a: !API server@9"]),
            ("12-json-lines.json", ["default/a:", "default/b:"]), ("13-typed-list.json", ["default/h: W201@1"]),
            ("14-two-environments.yaml", ["default/a:", "default/a:", "default/a: kubectl@19", "default/a-stage:"]),
            ("16-one-bad-document.yaml", ["default/other: kubectl@7", "default/a: !E103@14"]),
            ("17-bom-second-document.yaml", ["default/a:", "default/b:"]), ("18-tags.yaml", ["default/a:"]),
            ("19-newline-in-name.yaml", ["default/a\\nb: c:"]), ("20-float-underscore.yaml", ["default/a:"]),
            ("21-paused-any-reason.yaml", ["default/a: !E111@6"]),
            ("22-yaml-drops-misspelt.yaml", ["default/a: W105@11 W105@8"]),
            ("24-block-at-end-of-file.yaml", ["default/a:"]), ("25-no-metadata.yaml", ["default/*: !API server@3"]),
            ("26-list-of-null.yaml", []), ("27-labels-not-annotations.yaml", ["default/a: review@6"]),
            (
                "28-hpa-meant-otherwise.yaml",
                [
                    "default/other-dataset: W201@6 review@12 review@13", "default/kind: review@20",
                    "default/worker-set: review@28",
                ]
            ),
        ])
    func `of each input`(name: String, expected: [String]) {
        #expect(Self.summary(Self.read(name)) == expected)
    }

    @Test func `of an autoscaler in the shape of another version`() {
        let lines = Self.summary(Self.read("11-schema-hpa.yaml"))
        #expect(lines.map { $0.contains("!API server@") } == [true, true, true])
        #expect(lines.first == "default/h: !API server@8 W201@6")
    }

    @Test func `of what is no manifest yet`() {
        let notJSON = Self.read("23-not-json.json")
        #expect(notJSON.manifests.isEmpty)
        #expect(notJSON.problems.first?.contains("23-not-json.json:1: not readable as JSON") == true)
        let template = Self.read("29-helm-template.yaml")
        #expect(template.manifests.isEmpty)
        #expect(template.problems.count == 1)
        #expect(template.problems.first?.hasSuffix("helm template CHART | sluice review -") == true)
    }

    @Test func `in values as well`() throws {
        func spec(_ name: String) throws -> String {
            let object = try #require(Self.read(name).manifests.first)
            return String(decoding: (object.written["spec"] ?? object.written["data"] ?? nil).encoded(), as: UTF8.self)
        }
        #expect(try spec("03-image-tag-sha.yaml").contains(#""imageTag":"7e10943""#))
        #expect(try spec("18-tags.yaml") == #"{"a":"x\ny\n","b":"hello"}"#)
        #expect(try spec("20-float-underscore.yaml") == #"{"replicas":10}"#)
        #expect(try spec("24-block-at-end-of-file.yaml") == #"{"k":"text\n"}"#)
    }

    @Test func `and its own output can be read again, whatever is in names`() throws {
        let output = ReviewOutput(Reviewer(ReviewOptions()).review(Self.read("19-newline-in-name.yaml").manifests))
        let again = try YAMLReader.documents(Array(output.text(.text).utf8))
        #expect(again.map(\.json) == output.objects.map(\.manifest.written))
    }

    @Test func `and leaves nothing out that was written`() throws {
        let objects = Reviewer(ReviewOptions()).review(Self.read("22-yaml-drops-misspelt.yaml").manifests)
        let object = try #require(objects.first)
        #expect(object.admitted["spec"]?["tieredStore"] == object.manifest.written["spec"]?["tieredStore"])
        #expect(object.admitted["spec"]?["fuse"]?["global"] == true)
        #expect(object.remarks.contains { $0.remedy == "did you mean tieredstore?" })
    }
}
