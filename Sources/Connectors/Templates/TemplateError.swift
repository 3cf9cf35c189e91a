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

/// How big templates and what comes of them can get.
public struct TemplateLimits: Sendable, Hashable {
    /// One template's source.
    public var sourceBytesMax: Int
    /// The text that comes of it, and any text on the way there.
    public var outputBytesMax: Int
    /// Nodes and expressions worked out for one text.
    public var stepsMax: Int
    /// Templates within each other by include and extends.
    public var depthMax: Int
    /// Elements of a list that an expression makes.
    public var listCountMax: Int
    /// Parentheses, tags and operators within each other.
    public var nestingMax: Int

    public init(
        sourceBytesMax: Int = 256 << 10,
        outputBytesMax: Int = 1 << 20,
        stepsMax: Int = 200_000,
        depthMax: Int = 16,
        listCountMax: Int = 10_000,
        nestingMax: Int = 64
    ) {
        self.sourceBytesMax = sourceBytesMax
        self.outputBytesMax = outputBytesMax
        self.stepsMax = stepsMax
        self.depthMax = depthMax
        self.listCountMax = listCountMax
        self.nestingMax = nestingMax
    }
}
