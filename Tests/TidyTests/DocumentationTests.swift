import Testing

/// What is public must say what it is.
@Suite struct DocumentationTests {
    @Test func publicTypesAndFunctionsHaveADocComment() {
        for file in SourceTree.swiftSources {
            for number in file.lines.indices where Self.needsComment(file.lines[number]) {
                // What a protocol of ours asks for is documented there.
                let name = Self.functionName(file.lines[number])
                if let name, Self.requirements.contains(name) { continue }
                if !Self.hasComment(above: number, in: file.lines) {
                    Issue.record(
                        "\(file.path):\(number + 1): a public declaration without a comment"
                    )
                }
            }
        }
    }

    @Test(arguments: [
        ("public struct A {", true), ("    public static func f() {", true),
        ("    public init(a: Int) {", false), ("    public var a: Int", false),
        ("public final class B: C {", true), ("    func g()", false),
        ("    public static func == (left: A, right: A) -> Bool {", false),
        ("    public func hash(into hasher: inout Hasher) {", false),
    ])
    func knowsWhatNeedsAComment(line: String, expected: Bool) {
        #expect(Self.needsComment(line[...]) == expected)
    }

    /// The names of all functions that public protocols of the sources ask for.
    static let requirements: Set<String> = {
        var names: Set<String> = []
        for file in SourceTree.swiftSources {
            var isInside = false
            for line in file.lines {
                if line.hasPrefix("public protocol ") { isInside = true }
                if line == "}" { isInside = false }
                if isInside, let name = functionName(line) { names.insert(name) }
            }
        }
        return names
    }()

    static func functionName(_ line: Substring) -> String? {
        guard let range = line.firstRange(of: "func ") else { return nil }
        return String(line[range.upperBound...].prefix { $0.isLetter || $0.isNumber })
    }

    static func needsComment(_ line: Substring) -> Bool {
        let words = line.split(separator: " ")
        guard words.first == "public" || words.first == "open" else { return false }
        // What a protocol of the standard library asks for is documented there.
        let wellKnown = [
            "hash(into", "makeAsyncIterator(", "next()", "encode(to", "func ==", "func <",
        ]
        if wellKnown.contains(where: { line.contains($0) }) { return false }
        let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "actor"]
        guard let kind = words.dropFirst().first(where: { !Self.modifiers.contains($0) }) else {
            return false
        }
        guard kinds.contains(kind) else { return false }
        let isOperator = words.contains { ["+", "-", "==", "<", "+=", "-=", "~="].contains($0) }
        return !(kind == "func" && isOperator)
    }

    static func hasComment(above number: Int, in lines: [Substring]) -> Bool {
        var above = number - 1
        while above >= 0 {
            let code = lines[above].drop { $0 == " " }
            if code.hasPrefix("///") { return true }
            guard code.hasPrefix("@") || code.hasPrefix("#if") else { return false }
            above -= 1
        }
        return false
    }

    private static let modifiers: Set<Substring> = [
        "static", "final", "mutating", "nonisolated", "indirect", "override",
    ]
}
