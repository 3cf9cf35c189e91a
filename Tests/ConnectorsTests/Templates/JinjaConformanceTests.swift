import Connectors
import DaybookTestKit
import EventModel
import Foundation
import Testing

@Suite struct JinjaConformanceTests {
    /// Runs `templates`, Jinja's own form, of all rows, and `stencil` of those that have it.
    @Test(arguments: ["templates", "stencil"]) func rendersAsJinjaDoes(_ form: String) throws {
        guard let folder = Conformance.folder("jinja") else { return }
        var (passed, total) = (0, 0)
        var failures: [String] = []
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        for file in files where file.hasSuffix(".json") {
            let bytes = Array(try Data(contentsOf: folder.appendingPathComponent(file)))
            for row in try JSON.parse(bytes: bytes)["tests"]?.listValue ?? [] {
                guard let templates = row[form]?.mapValue else { continue }
                total += 1
                let (wanted, got) = (Self.wanted(row), Self.outcome(row, templates))
                if Self.normalised(wanted) == Self.normalised(got) {
                    passed += 1
                } else {
                    failures.append("\(row["name"]?.stringValue ?? ""): \(got), not \(wanted)")
                }
            }
        }
        if form == "templates" {
            Conformance.report("jinja", passed: passed, total: total)
        } else {
            print("jinja in Stencil's form: \(passed)/\(total)")
        }
        // All rows at hand pass; others may use Jinja's wider filters, of which not all are here.
        #expect(passed * 100 >= total * 95, "\(failures.joined(separator: "\n"))")
        if !failures.isEmpty { print(failures.joined(separator: "\n")) }
    }

    private static func wanted(_ row: Value) -> String {
        if let code = row["expected_error"]?.stringValue { return "error \(code)" }
        let text = row["expected"]?.stringValue ?? ""
        // A choice of ours: what Python writes as True and None is `true` and nothing.
        guard row["tags"]?.listValue?.contains("python-repr") == true else { return text }
        return text.replacingOccurrences(of: "True", with: "true")
            .replacingOccurrences(of: "False", with: "false")
            .replacingOccurrences(of: "None", with: "")
    }

    private static func outcome(_ row: Value, _ templates: ValueMap) -> String {
        var sources: [String: String] = [:]
        for entry in templates.entries {
            sources[entry.key.text] = entry.value.stringValue ?? ""
        }
        let data = row["context"]?.mapValue ?? ValueMap()
        do throws(TemplateError) {
            let engine = try TemplateEngine(sources)
            let isEscaping = row["autoescape"]?.boolValue == true
            return try engine.render("main", data, escaping: isEscaping ? .html : .none)
        } catch {
            return
                "error \(error.code == .missingTemplate ? "missing-template" : error.code.rawValue)"
        }
    }

    /// Entities that mean the same character.
    private static func normalised(_ text: String) -> String {
        text.replacingOccurrences(of: "&quot;", with: "&#34;")
            .replacingOccurrences(of: "&#x27;", with: "&#39;")
            .replacingOccurrences(of: "&apos;", with: "&#39;")
    }
}
