import DaybookTestKit
import EventModel
import Foundation
import Testing

@testable import Connectors

/// Every page and data source in recorded traffic of the real API can be read.
@Suite struct NotionConformanceTests {
    @Test func readsRecordedObjects() throws {
        guard let folder = Conformance.folder("notion") else { return }
        var passed = 0
        var total = 0
        var failures: [String] = []
        for file in files(in: folder) {
            let recorded = try JSON.parse(bytes: Array(Data(contentsOf: file)))
            for object in objects(in: recorded) {
                total += 1
                do throws(NotionError) {
                    try read(object)
                    passed += 1
                } catch {
                    failures.append("\(file.lastPathComponent): \(error)")
                }
            }
        }
        print("notion objects read: \(passed)/\(total)")
        #expect(failures.isEmpty)
        #expect(total > 0)
    }

    private func read(_ object: Value) throws(NotionError) {
        switch object["object"]?.stringValue {
        case "data_source":
            _ = try NotionDataSource(object)
        case "database":
            _ = try NotionDatabase(object)
        default:
            let page = try NotionPage(object)
            for property in page.properties.values {
                let value = PropertyReader.read(property)
                let type = property["type"]?.stringValue ?? ""
                let isText = ["title", "rich_text", "select", "email", "url"].contains(type)
                if isText, !value.isNull, value.stringValue == nil {
                    throw NotionError(.malformedAnswer, "\(property) reads as \(value)")
                }
                if ["date", "created_time", "last_edited_time"].contains(type), !value.isNull,
                    value.timestampValue == nil, value["start"]?.timestampValue == nil
                {
                    throw NotionError(.malformedAnswer, "\(property) reads as \(value)")
                }
            }
        }
    }

    private func files(in folder: URL) -> [URL] {
        let all = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        return (all?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "json" }
            .sorted { $0.path < $1.path }
    }

    /// All full pages, data sources and databases inside the answers.
    private func objects(in value: Value) -> [Value] {
        switch value {
        case .list(let items): return items.flatMap { objects(in: $0) }
        case .map(let map):
            let kind = map["object"]?.stringValue ?? ""
            let isWhole =
                (kind == "page" && map["last_edited_time"] != nil)
                || (kind == "data_source" && map["properties"] != nil)
                || (kind == "database" && map["data_sources"] != nil)
            let inner = map.entries.flatMap { objects(in: $0.value) }
            return isWhole ? [value] + inner : inner
        case .null, .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration: return []
        }
    }
}
