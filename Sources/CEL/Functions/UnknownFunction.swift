extension ExpressionEnvironment {
    /// The mistake of calling a function that does not exist so.
    func unknown(
        _ name: String,
        _ style: ExpressionFunction.Style,
        _ count: Int,
        _ offset: Int
    ) -> Fault {
        let library = functions
        if library.names.contains(name) {
            let keys = library.bodies.keys.filter { $0.name == name }
            if keys.contains(where: { $0.style == style }) {
                let given = style == .global ? count : count - 1
                return Fault(
                    .noSuchOverload,
                    "no such overload: \(name)() does not take \(given) arguments",
                    offset: offset
                )
            }
            let form = style == .global ? "value.\(name)(…)" : "\(name)(value, …)"
            return Fault(
                .noSuchOverload,
                "no such overload: \(name)() is called as \(form)",
                offset: offset
            )
        }
        if Self.macroNames.contains(name) {
            return Fault(
                .noSuchOverload,
                "the macro \(name)() does not take these arguments",
                offset: offset
            )
        }
        var message = "there is no function \(name)()"
        let candidates = library.names.sorted() + Self.macroNames.sorted()
        if let near = Suggestion.nearest(name, among: candidates) {
            message += "; did you mean \(near)()?"
        }
        return Fault(.undeclaredReference, message, offset: offset)
    }

    static let macroNames: Set<String> = [
        "has", "all", "exists", "exists_one", "existsOne", "map", "filter", "transformList",
        "transformMap", "transformMapEntry", "optMap", "optFlatMap", "sortBy",
    ]
}
