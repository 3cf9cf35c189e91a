import Documents
import EventModel

/// What stands behind a bar: `name|upper`.
struct TemplateFilter: Sendable {
    /// What a filter is given.
    struct Input {
        var subject: TemplateValue
        /// By parameter name.
        var arguments: [String: TemplateValue]
        var renderer: TemplateRenderer
        var place: TemplatePlace

        /// The text of an argument, or a default.
        func text(_ name: String, default other: String) -> String {
            guard let argument = arguments[name], !argument.isMissing else { return other }
            return argument.text
        }

        /// The whole number of an argument, or a default.
        func integer(_ name: String, default other: Int) throws(TemplateError) -> Int {
            guard let argument = arguments[name], !argument.isMissing else { return other }
            guard let number = argument.value?.intValue, let number = Int(exactly: number) else {
                throw place.error(.evaluation, "'\(name)' must be a whole number")
            }
            return number
        }

        func flag(_ name: String) -> Bool { arguments[name]?.isTrue ?? false }

        /// The elements of the subject.
        func elements() throws(TemplateError) -> [Value] {
            guard let elements = subject.elements else {
                let kind = subject.value?.typeName ?? "nothing"
                throw place.error(.evaluation, "a list is wanted here, not a \(kind)")
            }
            return elements
        }
    }

    /// In the order in which they can be given without names.
    var parameters: [String]
    /// How many of them must be given.
    var requiredCount: Int
    /// True if any number of further arguments may follow.
    var takesMore = false
    var apply: @Sendable (Input) throws(TemplateError) -> TemplateValue

    init(
        _ parameters: [String] = [],
        required requiredCount: Int = 0,
        _ apply: @escaping @Sendable (Input) throws(TemplateError) -> TemplateValue
    ) {
        self.parameters = parameters
        self.requiredCount = requiredCount
        self.apply = apply
    }

    /// Every filter there is.
    static let all: [String: TemplateFilter] = textFilters.merging(markupFilters) { first, _ in
        first
    }
    .merging(listFilters) { first, _ in first }
    .merging(numberFilters) { first, _ in first }

    /// Refuses arguments that the filter cannot take.
    func check(_ arguments: TemplateArguments, at place: TemplatePlace) throws(TemplateError) {
        let count = arguments.positional.count
        guard count <= parameters.count else {
            let wanted = parameters.isEmpty ? "none" : parameters.joined(separator: ", ")
            throw place.error(.syntax, "too many arguments; the filter takes \(wanted)")
        }
        var given = Set(parameters.prefix(count))
        for (name, _) in arguments.named {
            guard parameters.contains(name) else {
                let remedy = Self.remedy(name, among: parameters)
                throw place.error(.syntax, "the filter has no argument '\(name)'; \(remedy)")
            }
            guard given.insert(name).inserted else {
                throw place.error(.syntax, "the argument '\(name)' comes twice")
            }
        }
        for name in parameters.prefix(requiredCount) where !given.contains(name) {
            throw place.error(.syntax, "the argument '\(name)' is missing")
        }
    }

    static func remedy(_ word: String, among words: some Sequence<String>) -> String {
        let remedy = Suggestion.remedy(for: word, among: Array(words))
        return remedy.isEmpty ? "remove it" : remedy
    }
}
