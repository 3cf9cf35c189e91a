import Foundation
import Testing
import WorkflowEngine

@testable import daybook

/// `docs/actions.md` names every action and every alias that there is, and no other.
@Suite struct ActionsDocumentTests {

    private static func rows(after heading: String) throws -> [[String]] {
        let file = Program.root.appendingPathComponent("docs/actions.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let start = try #require(text.range(of: heading)).upperBound
        let section = text[start...].split(separator: "\n", omittingEmptySubsequences: false)
            .prefix { !$0.hasPrefix("## ") }
        return section.filter { $0.hasPrefix("| `") }.map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    private static func names(_ cell: String) -> [String] {
        cell.matches(of: /`([a-z_.]+)`/).map { String($0.output.1) }
    }

    @Test func everyActionIsInTheTable() throws {
        let catalogue = try ActionList.describing()
        var documented: [String: Set<String>] = [:]
        var effects: [String: String] = [:]
        for row in try Self.rows(after: "# Actions") {
            for name in Self.names(row[0]) {
                documented[name] = Set(Self.names(row[1]))
                effects[name] = row.first { ["none", "once", "at least once"].contains($0) }
            }
        }
        for descriptor in catalogue.handlers.map(\.descriptor) {
            #expect(documented[descriptor.name] == Set(descriptor.aliases), "\(descriptor.name)")
            #expect(effects[descriptor.name] == descriptor.effect.rawValue, "\(descriptor.name)")
        }
        #expect(Set(documented.keys) == Set(catalogue.handlers.map(\.descriptor.name)))
    }

    @Test func everyIdentifierLeadsToAnActionOrAStep() throws {
        let catalogue = try ActionList.describing()
        let rows = try Self.rows(after: "## The identifiers of the requirements")
        #expect(rows.count > 30)
        for row in rows {
            let targets = Self.names(row[1])
            let isStep = row[1].contains("*") || row[1].contains("`secrets`")
            let isKnown = targets.contains { catalogue[$0] != nil } || isStep
            #expect(isKnown || row[1].contains("projection"), "\(row[0]): \(row[1])")
            // What is an alias is one of that very action.
            for identifier in Self.names(row[0]) {
                guard let named = catalogue[identifier]?.descriptor.name else { continue }
                #expect(targets.contains(named), "\(identifier) is \(named)")
            }
        }
    }

    @Test func noNameIsTaken() throws {
        let catalogue = try ActionList.describing()
        let names = catalogue.handlers.flatMap { [$0.descriptor.name] + $0.descriptor.aliases }
        #expect(Set(names).count == names.count)
    }
}
