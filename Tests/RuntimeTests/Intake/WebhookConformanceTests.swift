import DaybookTestKit
import EventModel
import Foundation
import Runtime
import Testing

@Suite struct WebhookConformanceTests {
    @Test func judgesEveryRequestAsItMust() throws {
        guard let folder = Conformance.folder("webhooks") else { return }
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".json") }.sorted()
        var failures: [String] = []
        var total = 0
        for file in files {
            let data = try Data(contentsOf: folder.appendingPathComponent(file))
            let document = try JSON.parse(bytes: Array(data))
            for row in document["tests"]?.listValue ?? [] {
                total += 1
                if let failure = try failure(of: row) { failures.append(failure) }
            }
        }
        Conformance.report("webhooks", passed: total - failures.count, total: total)
        #expect(failures == [])
        #expect(total > 0)
    }

    private func failure(of row: Value) throws -> String? {
        let name = row["name"]?.stringValue ?? "?"
        guard let scheme = row["scheme"]?.stringValue.flatMap(WebhookScheme.init(rawValue:)) else {
            return "\(name): unknown scheme"
        }
        let map = row["headers"]?.mapValue ?? ValueMap()
        let headers = map.stringKeys.map { ($0, map[$0]?.stringValue ?? "") }
        let body: [UInt8]
        if let encoded = row["body_base64"]?.stringValue {
            body = Array(try #require(Data(base64Encoded: encoded)))
        } else {
            body = Array((row["body"]?.stringValue ?? "").utf8)
        }
        let verdict = WebhookSignature.verify(
            scheme: scheme,
            secret: row["secret"]?.stringValue ?? "",
            headers: headers,
            body: body,
            now: Timestamp(seconds: row["now"]?.intValue ?? 0)
        )
        // The handshake is unsigned: the check must fail, and the intake knows it by its body.
        let isValid = row["valid"]?.boolValue ?? false
        return (verdict == .valid) == isValid ? nil : "\(name): \(verdict)"
    }
}
