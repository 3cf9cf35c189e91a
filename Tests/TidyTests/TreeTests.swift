import Foundation
import Testing

/// What holds for all files of the repository.
@Suite struct TreeTests {
    static let documents =
        SourceTree.files(below: "docs", endings: ["md"])
        + ["README.md", "CHANGELOG.md"].compactMap(SourceTree.file)

    @Test func documentsAreThere() {
        let paths = Set(Self.documents.map(\.path))
        for path in [
            "README.md", "CHANGELOG.md", "docs/ARCHITECTURE.md", "docs/configuration.md",
            "docs/operating.md", "docs/workflows.md", "docs/expressions.md",
        ] {
            #expect(paths.contains(path), "\(path) is missing")
        }
    }

    @Test func relativeLinksLeadSomewhere() {
        for file in Self.documents {
            let folder = SourceTree.root.appendingPathComponent(file.path)
                .deletingLastPathComponent()
            for (number, line) in file.lines.enumerated() {
                for target in Self.links(in: line) where !Self.exists(target, from: folder) {
                    Issue.record("\(file.path):\(number + 1): \(target) does not exist")
                }
            }
        }
    }

    @Test(arguments: [
        ("see [a](docs/a.md) and [b](#b)", ["docs/a.md"]),
        ("[`x`](x.md#part), [web](https://example.org)", ["x.md"]), ("f(x)", []),
    ])
    func findsRelativeLinks(line: String, links: [String]) {
        #expect(Self.links(in: line[...]) == links)
    }

    // Split, so that this file does not mention them itself.
    @Test func noFileTellsWhereItWasWritten() throws {
        let words = ["/" + "work/", "/" + "work ", "/tmp/" + "bash", "issue " + "#"]
        for file in SourceTree.everything() {
            for (number, line) in file.lines.enumerated() {
                for word in words where Self.mentions(word, in: line) {
                    Issue.record("\(file.path):\(number + 1): '\(word)'")
                }
            }
        }
    }

    @Test(arguments: [
        ("cd /wor" + "k/main", true), ("docs/wor" + "k/x", false),
        ("(/wor" + "k/x)", true), ("POST /webhooks/workflow", false),
    ])
    func knowsPathsOfAMachine(line: String, expected: Bool) {
        #expect(Self.mentions("/" + "work/", in: line[...]) == expected)
    }

    @Test func testFilesTest() {
        let support = ["Support/", "DaybookTestKit/"]
        for file in SourceTree.swiftTests {
            guard !support.contains(where: file.path.contains) else { continue }
            guard file.path.hasSuffix("Tests.swift") else { continue }
            let hasTest = file.lines.contains { $0.contains("@Test") || $0.contains("XCTAssert") }
            #expect(hasTest, "\(file.path) tests nothing")
            #expect(!file.path.contains("Placeholder"), "\(file.path) is a placeholder")
        }
    }

    static func mentions(_ word: String, in line: Substring) -> Bool {
        var rest = line
        while let found = rest.range(of: word) {
            let before = rest[..<found.lowerBound].last ?? line[..<found.lowerBound].last
            if before.map({ $0.isLetter || $0.isNumber || $0 == "." || $0 == "_" }) != true {
                return true
            }
            rest = rest[found.upperBound...]
        }
        return false
    }

    /// Targets of Markdown links that are files, without their anchors.
    static func links(in line: Substring) -> [String] {
        line.matches(of: /\]\(([^()\s]+)\)/).map { String($0.output.1) }
            .filter { !$0.hasPrefix("#") && !$0.contains("://") && !$0.hasPrefix("mailto:") }
            .map { String($0.prefix { $0 != "#" }) }
    }

    private static func exists(_ target: String, from folder: URL) -> Bool {
        FileManager.default.fileExists(atPath: folder.appendingPathComponent(target).path)
    }
}
