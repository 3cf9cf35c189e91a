public import EventModel

/// Makes texts of templates and data: a subset of Jinja 3, the part that notifications need.
///
/// Variables, filters, `if`, `for`, `set`, `with`, comments, white-space control, `include`,
/// `extends` with `block` and `super()`, `autoescape`, `raw`. A missing variable is empty and so is a
/// member of it; a null prints nothing and true prints `true`. Beyond Jinja there is the filter
/// `date`, and `default` fills a null as well. There is no way from a template to the machine, and
/// ``TemplateLimits`` bound what it can cost. Rules: https://jinja.palletsprojects.com/en/stable/templates
public struct TemplateEngine: Sendable {
    /// What happens to variable text on its way into the output.
    public enum Escaping: Sendable, Hashable {
        case none
        /// `& < > " '` become entities, except in what the filter `safe` marks.
        case html
    }

    private let templates: [String: CompiledTemplate]
    private let limits: TemplateLimits

    /// The engine without templates.
    static let empty = TemplateEngine()

    private init() {
        templates = [:]
        limits = TemplateLimits()
    }

    /// Compiles templates that can include and extend each other by name.
    ///
    /// - Parameters:
    ///   - sources: the text of each template by its name.
    ///   - limits: what they may cost.
    /// - Throws: the first mistake of the first template, by name, that has one.
    public init(
        _ sources: [String: String],
        limits: TemplateLimits = TemplateLimits()
    ) throws(TemplateError) {
        self.limits = limits
        var templates: [String: CompiledTemplate] = [:]
        for (name, source) in sources.sorted(by: { $0.key < $1.key }) {
            templates[name] = try TemplateParser.parse(source, name: name, limits: limits)
        }
        self.templates = templates
    }

    /// Includes and extensions, written out by name, of templates that are not there.
    public var missingReferences: [TemplateError] {
        templates.sorted { $0.key < $1.key }.flatMap { _, template in
            template.references.filter { templates[$0.name] == nil }.map { name, place in
                let remedy = TemplateFilter.remedy(name, among: templates.keys)
                return place.error(.missingTemplate, "there is no template '\(name)'; \(remedy)")
            }
        }
    }

    /// Makes the text of a template.
    ///
    /// - Parameters:
    ///   - name: the template's name.
    ///   - data: its variables.
    ///   - escaping: whether variable text is escaped for HTML.
    /// - Throws: ``TemplateError`` with the place in the template.
    public func render(
        _ name: String,
        _ data: ValueMap,
        escaping: Escaping = .none
    ) throws(TemplateError) -> String {
        let renderer = TemplateRenderer(
            templates: templates,
            limits: limits,
            data: data,
            isEscaping: escaping == .html
        )
        return try renderer.render(name)
    }
}
