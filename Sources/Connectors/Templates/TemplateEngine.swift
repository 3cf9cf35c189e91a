public import EventModel
import Stencil

/// Makes texts of templates and data: Stencil, and what it lacks for notifications.
///
/// Authors write Stencil or the plain part of Jinja: variables, filters, `if`, `for`, comments,
/// white-space control, `include`, `extends` with `block` and `super()`, `raw`. All templates are
/// checked and translated when the engine is made (``TemplateSource``), so that Stencil sees only
/// what it handles well: no literals, no white-space marks, no operators. A missing variable is
/// empty, a null prints nothing and fills like a missing one, true prints `true`. A template
/// reaches nothing but its data and the other named templates, and ``TemplateLimits`` bound what it
/// costs.
public struct TemplateEngine: Sendable {
    /// What happens to variable text on its way into the output.
    public enum Escaping: Sendable, Hashable {
        case none
        /// `& < > " '` become entities, except in what the filter `safe` marks.
        case html
    }

    /// The engine without templates.
    static let empty = TemplateEngine()

    private var templates: [String: TemplateSource.Checked] = [:]
    private var constants: [TemplateConstant] = []
    private var limits = TemplateLimits()

    private init() {}

    /// Checks and translates templates that can include and extend each other by name.
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
        let names = Set(sources.keys)
        for (name, text) in sources.sorted(by: { $0.key < $1.key }) {
            var source = TemplateSource(text, name, names, limits, constants)
            templates[name] = try source.checked()
            constants = source.constants
        }
        for name in sources.keys.sorted() {
            try checkDepth(name, above: [])
            // Whatever the pass above let through must fail now and not at the first notification.
            let session = TemplateSession(limits, isEscaping: false, [:])
            do {
                let template = Template(
                    templateString: templates[name]?.text ?? "",
                    environment: session.environment,
                    name: name
                )
                let parser = TokenParser(tokens: template.tokens, environment: session.environment)
                _ = try parser.parse()
            } catch {
                throw located(error, .syntax, in: name)
            }
        }
    }

    /// Includes and extensions, written out by name, of templates that are not there.
    public var missingReferences: [TemplateError] {
        templates.sorted { $0.key < $1.key }.flatMap { name, template in
            template.references.filter { templates[$0.name] == nil }.map { reference in
                let message = TemplateFailure.missing(reference.name, among: templates.keys).message
                return reference.place.error(.missingTemplate, message, in: name)
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
        // Stencil's types are not Sendable, so each text has its own.
        let texts = templates.mapValues(\.text)
        let session = TemplateSession(limits, isEscaping: escaping == .html, texts)
        var context: [String: Any] = [:]
        for entry in data.entries {
            // Stencil keeps its own state under this prefix.
            guard case .string(let key) = entry.key, !key.hasPrefix("_internal_") else { continue }
            context[key] = TemplateValue(entry.value)
        }
        for (index, constant) in constants.enumerated() {
            context["$\(index)"] = constant.resolved
        }
        do {
            return try session.environment.renderTemplate(name: name, context: context)
        } catch {
            throw located(error, session.code, in: name)
        }
    }

    /// A template that came to itself again would never end, whatever its conditions say.
    private func checkDepth(_ name: String, above: [String]) throws(TemplateError) {
        for reference in templates[name]?.references ?? [] {
            if above.contains(reference.name) || reference.name == name {
                let message = "'\(reference.name)' includes or extends itself; break the circle"
                throw reference.place.error(.syntax, message, in: name)
            }
            guard above.count < limits.depthMax else {
                let message = "more than \(limits.depthMax) templates within each other"
                throw reference.place.error(.limit, message, in: name)
            }
            try checkDepth(reference.name, above: above + [name])
        }
    }

    /// Stencil's lines are those of the translated text, so the tag is looked up in the source.
    private func located(
        _ error: any Error,
        _ code: TemplateError.Code,
        in name: String
    ) -> TemplateError {
        guard let error = error as? TemplateSyntaxError else {
            return TemplateError(code, "\(error)", template: name, line: 0, column: 0)
        }
        let token = error.stackTrace.first ?? error.token
        let template = token?.sourceMap.filename ?? name
        let place = token.flatMap { templates[template]?.places[$0.contents] }
        return (place ?? TemplatePlace(line: 0, column: 0)).error(code, error.reason, in: template)
    }
}

/// What Stencil is given for one text, and what the text has cost so far.
final class TemplateSession: Loader {
    private(set) var code = TemplateError.Code.evaluation
    private let limits: TemplateLimits
    private let isEscaping: Bool
    private let texts: [String: String]
    private var bytes = 0
    private var steps = 0

    init(_ limits: TemplateLimits, isEscaping: Bool, _ texts: [String: String]) {
        self.limits = limits
        self.isEscaping = isEscaping
        self.texts = texts
    }

    var environment: Environment {
        let additions = Extension()
        for (name, filter) in TemplateFilter.all {
            additions.registerFilter(name) { [unowned self] subject, arguments, context in
                try noting { () throws(TemplateFailure) in
                    try spend(bytes: 0)
                    let call = TemplateFilter.Call(
                        subject: TemplateValue(any: subject),
                        arguments: arguments.map { TemplateValue(any: $0) },
                        zone: TemplateValue(any: context["time_zone"]).text,
                        bytesMax: limits.outputBytesMax
                    )
                    return try filter.apply(call)
                }
            }
        }
        additions.registerFilter("$out") { [unowned self] subject in
            let value = TemplateValue(any: subject)
            let text = isEscaping ? value.markup : value.text
            try noting { () throws(TemplateFailure) in try spend(bytes: text.utf8.count) }
            return text
        }
        additions.registerFilter("$true") { subject in TemplateValue(any: subject).isTrue }
        additions.registerFilter("$each") { [unowned self] subject, arguments in
            try noting { () throws(TemplateFailure) in
                let values = try TemplateValue(any: subject).loop(variables: arguments.count)
                try spend(bytes: 0, steps: values.count)
                return values
            }
        }
        additions.registerTag("$spend") { [unowned self] _, token in
            SimpleNode(token: token) { [unowned self] _ in
                let bytes = token.components.last.flatMap { Int($0) } ?? 0
                try noting { () throws(TemplateFailure) in try spend(bytes: bytes) }
                return ""
            }
        }
        return Environment(loader: self, extensions: [additions])
    }

    func loadTemplate(name: String, environment: Environment) throws -> Template {
        guard let text = texts[name] else {
            code = .missingTemplate
            throw TemplateFailure.missing(name, among: texts.keys)
        }
        return Template(templateString: text, environment: environment, name: name)
    }

    /// Stencil keeps only the words of an error, so the code is noted here.
    private func noting<Result>(_ body: () throws(TemplateFailure) -> Result) throws -> Result {
        do throws(TemplateFailure) {
            return try body()
        } catch {
            code = error.code
            throw error
        }
    }

    private func spend(bytes count: Int, steps stepCount: Int = 1) throws(TemplateFailure) {
        bytes += count
        steps += stepCount
        guard bytes <= limits.outputBytesMax else {
            let message = "the text exceeds \(limits.outputBytesMax) bytes; give it less data"
            throw TemplateFailure(.limit, message)
        }
        guard steps <= limits.stepsMax else {
            let message = "the text takes more than \(limits.stepsMax) steps; give it less data"
            throw TemplateFailure(.limit, message)
        }
    }
}
