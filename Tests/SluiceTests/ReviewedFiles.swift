import Foundation
import Testing

@testable import sluice

/// The examples that ship.
let examples = repository.appending(path: "webhook-config/examples").path

/// What is said of files and folders, and what of them could not be read.
func review(_ paths: [String], _ options: ReviewOptions = ReviewOptions()) -> (ReviewOutput, [String]) {
    var reader = ManifestReader()
    reader.read(paths)
    return (ReviewOutput(Reviewer(options).review(reader.manifests)), reader.problems)
}

/// What is said of a text, all of which can be read.
func review(text: String, name: String = "a.yaml", _ options: ReviewOptions = ReviewOptions()) throws -> ReviewOutput {
    let folder = try ScratchFolder()
    let (output, problems) = review([try folder.write(name, text)], options)
    #expect(problems == [])
    return output
}

/// Who has something to say of an object: rules by their codes.
func codes(_ object: ReviewedObject) -> [String] { object.remarks.map(\.code) }
