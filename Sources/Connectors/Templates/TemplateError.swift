import Documents

/// Why a template cannot be used or did not give a text.
public struct TemplateError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Code: String, Sendable, Hashable {
        /// The template is not written as the language wants it.
        case syntax
        /// It includes or extends one that there is not.
        case missingTemplate = "missing_template"
        /// An expression cannot be worked out with the data given.
        case evaluation
        /// The text, or the work to make it, would exceed ``TemplateLimits``.
        case limit
    }

    public var code: Code
    /// What is wrong and what to do about it.
    public var message: String
    /// The template's name.
    public var template: String
    /// Line and column from 1; 0 if the failure has no place.
    public var line: Int
    public var column: Int

    public init(_ code: Code, _ message: String, template: String, line: Int, column: Int) {
        self.code = code
        self.message = message
        self.template = template
        self.line = line
        self.column = column
    }

    public var description: String {
        line > 0 ? "\(template):\(line):\(column): \(message)" : "\(template): \(message)"
    }
}

/// What is wrong, where the place is known only further out.
struct TemplateFailure: Error, CustomStringConvertible {
    var code: TemplateError.Code
    var message: String

    var description: String { message }

    init(_ code: TemplateError.Code, _ message: String) {
        self.code = code
        self.message = message
    }

    static func syntax(_ message: String) -> TemplateFailure { TemplateFailure(.syntax, message) }

    static func missing(_ name: String, among names: some Sequence<String>) -> TemplateFailure {
        unknown("template", name, among: names, .missingTemplate)
    }

    static func unknown(
        _ kind: String,
        _ name: String,
        among names: some Sequence<String>,
        _ code: TemplateError.Code = .syntax
    ) -> TemplateFailure {
        let remedy = Suggestion.remedy(for: name, among: Array(names))
        let advice = remedy.isEmpty ? "remove it" : remedy
        return TemplateFailure(code, "there is no \(kind) '\(name)'; \(advice)")
    }
}

/// Where in a template something stands: line and column from 1.
struct TemplatePlace: Sendable, Hashable {
    var line: Int
    var column: Int

    func error(_ code: TemplateError.Code, _ message: String, in template: String) -> TemplateError
    {
        TemplateError(code, message, template: template, line: line, column: column)
    }
}

/// How big templates and what comes of them can get.
public struct TemplateLimits: Sendable, Hashable {
    /// One template's source.
    public var sourceBytesMax: Int
    /// The text that comes of it.
    public var outputBytesMax: Int
    /// Filters applied and elements gone through for one text.
    public var stepsMax: Int
    /// Templates within each other by include and extends.
    public var depthMax: Int
    /// Parentheses and tags within each other.
    public var nestingMax: Int

    public init(
        sourceBytesMax: Int = 64 << 10,
        outputBytesMax: Int = 1 << 20,
        stepsMax: Int = 200_000,
        depthMax: Int = 16,
        nestingMax: Int = 32
    ) {
        self.sourceBytesMax = sourceBytesMax
        self.outputBytesMax = outputBytesMax
        self.stepsMax = stepsMax
        self.depthMax = depthMax
        self.nestingMax = nestingMax
    }
}
