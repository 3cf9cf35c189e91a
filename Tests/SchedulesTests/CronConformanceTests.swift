import DaybookTestKit
import EventModel
import Foundation
import Runtime
import Testing

@testable import Schedules

/// Other people's cron cases: five ticks after a start, and what is no expression.
@Suite struct CronConformanceTests {
    private struct Case: Decodable {
        var name: String
        var expr: String
        var tz: String
        var start: String
        var next: [String]
    }

    private struct Refusal: Decodable {
        var name: String
        var expr: String
    }

    private struct File<Row: Decodable>: Decodable {
        var tests: [Row]
    }

    private func rows<Row: Decodable>(_ name: String, in folder: URL) throws -> [Row] {
        let data = try Data(contentsOf: folder.appendingPathComponent(name))
        return try JSONDecoder().decode(File<Row>.self, from: data).tests
    }

    /// What is wrong with a case; nil if it holds, forwards and backwards.
    private func failure(_ row: Case) -> String? {
        do {
            let expression = try CronExpression(row.expr)
            guard let zone = ScheduleZone(row.tz, rules: SystemTimeZones()) else {
                return "no zone \(row.tz)"
            }
            let wanted = try row.next.map { try Timestamp(rfc3339: $0) }
            var last = try Timestamp(rfc3339: row.start)
            for instant in wanted {
                let tick = expression.next(after: last, in: zone)
                guard tick?.due == instant else {
                    return "after \(last): \(tick?.due.description ?? "never"), not \(instant)"
                }
                last = instant
            }
            for (before, instant) in zip(wanted, wanted.dropFirst()) {
                let tick = expression.previous(before: instant, in: zone)
                guard tick?.due == before else {
                    return "before \(instant): \(tick?.due.description ?? "never"), not \(before)"
                }
            }
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func setHolds() throws {
        guard let folder = Conformance.folder("cron") else { return }
        let cases: [Case] = try rows("cases.json", in: folder)
        let refusals: [Refusal] = try rows("invalid.json", in: folder)
        var failures = cases.compactMap { row in
            failure(row).map { "\(row.name) '\(row.expr)' in \(row.tz) from \(row.start): \($0)" }
        }
        failures += refusals.compactMap { row in
            (try? CronExpression(row.expr)) == nil ? nil : "\(row.name) '\(row.expr)' is accepted"
        }
        let total = cases.count + refusals.count
        Conformance.report("cron", passed: total - failures.count, total: total)
        #expect(total > 0)
        #expect(failures.isEmpty, "\(failures.prefix(20).joined(separator: "\n"))")
    }
}
