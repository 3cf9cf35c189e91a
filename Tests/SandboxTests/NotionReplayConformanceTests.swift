import DaybookTestKit
import EventModel
import Foundation
import Testing

@testable import Sandbox

/// Recorded requests are sent again; the answers must have the recorded status and shape.
@Suite struct NotionReplayConformanceTests {
    @Test func answersAsNotionDid() throws {
        guard let folder = Conformance.folder("notion") else { return }
        var total = 0
        var passed = 0
        var skipped = 0
        for file in try recordings(in: folder) {
            let text = try String(contentsOf: file, encoding: .utf8)
            guard let value = try? JSON.parse(text) else { continue }
            var replay = try Replay()
            for interaction in value.listValue ?? [value] {
                switch try replay.play(interaction) {
                case .skipped: skipped += 1
                case .passed:
                    total += 1
                    passed += 1
                case .failed(let differences):
                    total += 1
                    let request = interaction["request"]
                    let method = request?["method"]?.stringValue ?? ""
                    let path = request?["path"]?.stringValue ?? ""
                    let shown = differences.prefix(4).joined(separator: "; ")
                    print("notion \(file.lastPathComponent): \(method) \(path): \(shown)")
                }
            }
        }
        print("notion: \(skipped) requests left out, for blocks, search and what was made before")
        Conformance.report("notion", passed: passed, total: total)
        #expect(total > 0 && passed * 100 >= total * 90)
    }

    private func recordings(in folder: URL) throws -> [URL] {
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        let all = files?.compactMap { $0 as? URL } ?? []
        return all.filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }
    }
}

/// One recording, sent to a sandbox of its own.
private struct Replay {
    enum Outcome {
        case passed
        case failed([String])
        /// It needs what the recording does not show, or what the sandbox does not keep.
        case skipped
    }

    private var notion: LocalNotion
    /// Recorded identifiers and cursors, and what stands for them here.
    private var known: [String: String]

    init() throws {
        notion = try LocalNotion(at: "2026-06-01T00:00:00Z")
        // The page under which the recordings were made, and the connection that made them.
        known = [
            "00000000-0000-4000-8000-0000000000f1": NotionUser.botID,
            "00000000-0000-4000-8000-000000000001": NotionWorkspace.rootPageID,
        ]
        let title = Value.list([NotionText.plain("Tests")])
        notion.state.workspace.pages[NotionWorkspace.rootPageID]?.values["title"] = title
    }

    mutating func play(_ interaction: Value) throws -> Outcome {
        guard let request = interaction["request"], let response = interaction["response"],
            let method = request["method"]?.stringValue, let path = request["path"]?.stringValue,
            Replay.isKept(method, path, request["body"] ?? .null)
        else { return .skipped }
        follow(response["body"] ?? .null)
        guard let target = here(path), let body = here(request["body"] ?? .null) else {
            return .skipped
        }
        let query = request["query"]?.stringValue.map { "?" + $0 } ?? ""
        let token = response["status"]?.intValue == 401 ? "wrong" : "ntn_sandbox"
        let headers = [
            "authorization": "Bearer " + token,
            "notion-version": request["notion_version"]?.stringValue ?? "2026-03-11",
        ]
        let answer = try notion.call(
            method,
            target + query,
            body.isNull ? nil : body,
            headers: headers
        )
        var differences: [String] = []
        if Int64(answer.status) != response["status"]?.intValue {
            differences.append("status \(answer.status): \(answer.body["message"] ?? .null)")
        } else {
            compare(response["body"] ?? .null, answer.body, "", &differences)
        }
        return differences.isEmpty ? .passed : .failed(differences)
    }

    /// The sandbox keeps no blocks, comments, uploads or views, and its search is its own.
    private static func isKept(_ method: String, _ path: String, _ body: Value) -> Bool {
        let parts = path.split(separator: "/").dropFirst()
        switch parts.first {
        case "databases", "data_sources", "invalid": return parts.last != "templates"
        case "pages":
            let isBody = body["markdown"] != nil || body["template"] != nil
            return !isBody && parts.last != "markdown" && parts.last != "move"
        case "blocks": return method == "DELETE" && parts.count == 2
        case "users": return parts.count == 2
        default: return false
        }
    }

    /// The clock goes with the recording.
    private mutating func follow(_ body: Value) {
        for key in ["created_time", "last_edited_time"] {
            guard let text = body[key]?.stringValue, let time = try? Timestamp(rfc3339: text),
                time > notion.clock.now
            else { continue }
            notion.clock.advance(time - notion.clock.now)
        }
    }

    /// A path with our identifiers; nil if one is not known.
    private func here(_ path: String) -> String? {
        var parts: [String] = []
        for part in path.split(separator: "/", omittingEmptySubsequences: false) {
            guard let part = identifier(String(part)) else { return nil }
            parts.append(part)
        }
        return parts.joined(separator: "/")
    }

    private func here(_ value: Value) -> Value? {
        switch value {
        case .string(let text): return identifier(text).map { .string($0) }
        case .list(let members):
            var result: [Value] = []
            for member in members {
                guard let member = here(member) else { return nil }
                result.append(member)
            }
            return .list(result)
        case .map(let map):
            var result = ValueMap()
            for key in map.stringKeys {
                guard let member = here(map[key] ?? .null) else { return nil }
                result[identifier(key) ?? key] = member
            }
            return .map(result)
        case .null, .bool, .int, .uint, .double, .bytes, .timestamp, .duration: return value
        }
    }

    private func identifier(_ text: String) -> String? {
        if let ours = known[text] ?? known[Replay.dashed(text)] { return ours }
        let isUnknown = SandboxIdentities.parse(text) != nil || text.hasPrefix("s:")
        return isUnknown ? nil : text
    }

    private static func dashed(_ text: String) -> String { SandboxIdentities.parse(text) ?? text }

    /// Compares shapes, and those values that a server does not choose freely; learns identifiers.
    private mutating func compare(
        _ recorded: Value,
        _ ours: Value,
        _ path: String,
        _ differences: inout [String]
    ) {
        switch (recorded, ours) {
        case (.map(let left), .map(let right)):
            let (leftKeys, rightKeys) = (Set(left.stringKeys), Set(right.stringKeys))
            for key in leftKeys.subtracting(rightKeys) {
                differences.append("\(path).\(key) missing")
            }
            for key in rightKeys.subtracting(leftKeys) { differences.append("\(path).\(key) new") }
            for key in left.stringKeys where rightKeys.contains(key) {
                // Who somebody is differs between workspaces.
                if ["person", "bot", "created_by", "last_edited_by"].contains(key) { continue }
                if key == "name", left["object"] == "user" { continue }
                compare(left[key] ?? .null, right[key] ?? .null, "\(path).\(key)", &differences)
            }
        case (.list(let left), .list(let right)):
            if left.count != right.count {
                differences.append("\(path) has \(right.count) members, not \(left.count)")
            }
            for (index, pair) in zip(left, right).enumerated() {
                compare(pair.0, pair.1, "\(path)[\(index)]", &differences)
            }
        case (.string(let left), .string(let right)):
            compareText(left, right, path, &differences)
        case (.null, .null), (.bool, .bool), (.int, .int), (.double, .double), (.int, .double),
            (.double, .int):
            if recorded != ours { differences.append("\(path) is \(ours), not \(recorded)") }
        default: differences.append("\(path) is \(ours.typeName), not \(recorded.typeName)")
        }
    }

    private mutating func compareText(
        _ recorded: String,
        _ ours: String,
        _ path: String,
        _ differences: inout [String]
    ) {
        let key = path.split(separator: ".").last.map(String.init) ?? ""
        switch key {
        case "id", "next_cursor", "synced_property_id", "relation_property_id",
            "rollup_property_id", "integration_id":
            known[recorded] = ours
        case "request_id", "url", "color", "message", "next_url", "icon", "expression":
            return
        default:
            if SandboxIdentities.parse(recorded) != nil {
                known[recorded] = ours
            } else if recorded != ours, !isTime(key) {
                differences.append("\(path) is '\(ours)', not '\(recorded)'")
            }
        }
    }

    private func isTime(_ key: String) -> Bool { key.hasSuffix("_time") }
}
