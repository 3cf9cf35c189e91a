public import EventModel
public import WorkflowEngine

/// `report.generate`: a report as PDF, HTML or CSV.
public struct ReportGenerate: ActionHandler {
    static let formats = ["pdf", "html", "csv"]
    private static let types = [
        "pdf": "application/pdf", "html": "text/html; charset=utf-8",
        "csv": "text/csv; charset=utf-8",
    ]

    private let store: any FileStore

    /// Takes where reports are put.
    public init(_ store: any FileStore) { self.store = store }

    public let descriptor = ActionDescriptor(
        name: "report.generate",
        aliases: ["generate_report", "aggregate_milestone_outputs", "compile_unified_response"],
        summary: "Makes a report of data and puts it into the file store.",
        discussion: """
            Without a text, maps become lists of names and values and lists of maps become tables. \
            `text` is a template (Stencil, the plain part of Jinja) over the members of `data`; in it, \
            lines beginning with # are headings, with | rows of a table, with - items. PDF is A4 in \
            Helvetica, which has the letters of Windows-1252; other letters are shown by their nearest. \
            CSV holds the tables. At most 16 MiB, 500 pages. The path follows from the step, so a repeat \
            replaces the same file.
            """,
        inputs: [
            ActionField("data", .any, required: true, "what the report shows"),
            ActionField("format", .string, choices: formats, "pdf if not given"),
            ActionField("title", .string, "its title; else that of template"),
            ActionField("template", .string, "its kind, such as weekly_financial; names the file"),
            ActionField("text", .string, "a template over data"),
            ActionField("columns", .list, "the members that come first, in this order"),
            ActionField("path", .string, "where it is put; else reports/…"),
        ],
        outputs: FileUpload.outputs + [
            ActionField("format", .string, required: true, "pdf, html or csv"),
            ActionField("pages", .integer, "of a PDF"),
        ],
        effect: .once
    )

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        let input = ActionInput(request)
        guard let data = input.members["data"] else {
            throw ActionInput.invalid("data", "is missing", remedy: "give what is to be shown")
        }
        let format = try input.choice("format", of: Self.formats) ?? "pdf"
        let kind = try input.optionalText("template") ?? request.step
        let title = try input.optionalText("title") ?? ReportDocument.words(kind)
        let report: ReportDocument
        if let text = try input.optionalText("text") {
            report = ReportDocument(title: title, text: try Self.rendered(text, data))
        } else {
            let order = try input.optionalTexts("columns") ?? []
            report = ReportDocument(title: title, data: data, order: order)
        }
        var pages: Int?
        let bytes: [UInt8]
        switch format {
        case "html": bytes = Array(report.html.utf8)
        case "csv": bytes = Array(report.csv.utf8)
        default:
            guard let file = PDFWriter.bytes(report) else {
                throw ActionFailure(
                    code: "too_large",
                    message: "the report has more than \(PDFWriter.pagesMax) pages; show less",
                    isRetryable: false
                )
            }
            bytes = file.bytes
            pages = file.pages
        }
        let path = try input.optionalText("path") ?? Self.path(kind, format, request)
        let put = try await FileUpload.put(
            bytes,
            at: path,
            type: Self.types[format] ?? "",
            in: store
        )
        var output = put.mapValue ?? ValueMap()
        output["format"] = .string(format)
        output["pages"] = pages.map { .int(Int64($0)) }
        return .map(output)
    }

    private static func rendered(_ text: String, _ data: Value) throws(ActionFailure) -> String {
        do throws(TemplateError) {
            let engine = try TemplateEngine(["report": text])
            let members = data.mapValue ?? ["items": data]
            return try engine.render("report", members, escaping: .none)
        } catch {
            throw ActionFailure(
                code: "invalid_template",
                message: "the report's text: \(error)",
                isRetryable: false
            )
        }
    }

    private static func path(_ kind: String, _ format: String, _ request: ActionRequest) -> String {
        let name = String(kind.map { $0.isLetter || $0.isNumber || $0 == "_" ? $0 : "-" })
        return "reports/\(name.prefix(60))-\(request.instance.text).\(format)"
    }
}
