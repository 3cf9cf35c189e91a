import DaybookTestKit
import EventModel
import Testing
import WorkflowEngine

@testable import Connectors

@Suite struct ReportTests {
    private static let data: Value = [
        "period": "last week", "total": 1234.5,
        "groups": [
            ["category": "books & more", "sum": 7, "note": "a, \"b\""],
            ["category": "=1+1", "sum": -2],
        ],
    ]

    private func generate(_ input: Value, _ folder: TemporaryFolder) async throws -> (
        Value, [UInt8]
    ) {
        let store = FolderFileStore(folder: folder.path)
        let action = ReportGenerate(store)
        let services = MemoryServices()
        let output = try await action.perform(request(input), services: services)
        // A repeat puts the same bytes in the same place.
        #expect(try await action.perform(request(input), services: services) == output)
        let bytes = try await store.bytes(at: output["file_url"]?.stringValue ?? "")
        return (output, bytes ?? [])
    }

    @Test func makesCSVThatSpreadsheetsTakeForData() async throws {
        let (output, bytes) = try await generate(
            [
                "data": Self.data, "format": "csv", "template": "weekly_financial",
                "columns": ["period", "category", "sum"],
            ],
            try TemporaryFolder()
        )
        #expect(output["path"]?.stringValue?.hasPrefix("reports/weekly_financial-") == true)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(
            text == "Period,last week\r\nTotal,1234.50\r\n\r\nCategory,Sum,Note\r\n"
                + "books & more,7,\"a, \"\"b\"\"\"\r\n'=1+1,-2,\r\n"
        )
    }

    @Test func makesHTMLThatIsEscaped() async throws {
        let text =
            "# Week\n\nSold <b>{{ total }}</b>\nin all\n\n| a | b |\n|---|---|\n| 1 | & |\n- x"
        let (_, bytes) = try await generate(
            ["data": Self.data, "format": "html", "title": "A <report>", "text": .string(text)],
            try TemporaryFolder()
        )
        let page = String(decoding: bytes, as: UTF8.self)
        for part in [
            "<h1>A &lt;report&gt;</h1>", "<h1>Week</h1>", "&lt;b&gt;1234.5&lt;/b&gt; in all",
            "<tr><th>a</th><th>b</th></tr>\n<tr><td>1</td><td>&amp;</td></tr>",
            "<p>\u{2022} x</p>",
        ] {
            #expect(page.contains(part), "\(part)")
        }
    }

    @Test func makesPDFWhoseOffsetsAreRight() async throws {
        let rows = (0..<200).map { ["number": .int(Int64($0)), "name": "Žiga Čuk €"] as Value }
        let (output, bytes) = try await generate(
            ["data": .list(rows), "title": "Poročilo"],
            try TemporaryFolder()
        )
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.hasPrefix("%PDF-1.4\n") && text.hasSuffix("%%EOF\n"))
        let pages = try #require(output["pages"]?.intValue)
        #expect(pages > 2 && text.contains("/Count \(pages) "))
        // Every entry of the cross-reference table leads to its object.
        let start = try #require(
            text.split(separator: "\n").suffix(2).first.flatMap { Int($0) }
        )
        let table = String(decoding: bytes[start...], as: UTF8.self).split(separator: "\n")
        #expect(table.first == "xref")
        let entries = table.dropFirst(3).prefix { $0.hasSuffix("n ") }
        #expect(entries.count == Int(5 + 2 * pages))
        for (index, entry) in entries.enumerated() {
            let offset = try #require(Int(entry.prefix(10)))
            let object = String(decoding: bytes[offset...].prefix(12), as: UTF8.self)
            #expect(object.hasPrefix("\(index + 1) 0 obj"))
        }
        // Each stream is as long as it says.
        for part in text.split(separator: "<< /Length ").dropFirst() {
            let length = try #require(Int(part.prefix { $0.isNumber }))
            let body = part.split(separator: "stream\n", maxSplits: 1).last ?? ""
            #expect(
                body.utf8.prefix(length).elementsEqual(
                    body.prefix(while: { _ in true })
                        .utf8.prefix(length)
                )
            )
            #expect(
                String(decoding: body.utf8.dropFirst(length).prefix(9), as: UTF8.self)
                    == "endstream"
            )
        }
        // Ž, č and the euro, in Windows-1252 or as their nearest letter.
        #expect(text.contains("8E69676120"))
        #expect(WinAnsi.bytes("Žč€漢") == [0x8E, 0x63, 0x80, 0x3F])
    }

    @Test func refusesWhatIsTooLongOrNoTemplate() async throws {
        let folder = try TemporaryFolder()
        let broken = await failure {
            try await generate(["data": [:], "text": "{% if %}"], folder).0
        }
        #expect(broken?.code == "invalid_template")
        let rows = Value.list(Array(repeating: ["a": "b"], count: 40_000))
        let long = await failure { try await generate(["data": rows], folder).0 }
        #expect(long?.code == "too_large")
        let odd = await failure { try await generate(["data": [:], "format": "doc"], folder).0 }
        #expect(odd?.code == "invalid_input")
    }
}
