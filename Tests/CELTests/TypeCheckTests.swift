import EventModel
import Testing

@testable import CEL

/// What the type checker finds without evaluating.
@Suite struct TypeCheckTests {
    static let declarations: Value = [
        "input": [
            "amount": "int", "price": "double", "name": "string", "email": "string?",
            "tags": "list<string>", "starts_at": "timestamp", "length": "duration",
            "client": ["id": "string", "score": "double"], "rows": [["sku": "string", "n": "int"]],
            "extra": ["*": "dyn"],
        ],
        "anything": "dyn", "counts": "map<string, int>", "maybe": "optional<int>", "flag": "bool",
    ]

    static func environment(
        _ functions: FunctionLibrary = .daybook
    ) throws -> ExpressionEnvironment {
        var variables: [String: ExpressionType] = [:]
        for entry in try #require(declarations.mapValue).entries {
            guard case .string(let name) = entry.key else { continue }
            variables[name] = try ExpressionType(declaration: entry.value, named: name)
        }
        return ExpressionEnvironment(functions: functions, variables: variables)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var source: String
        var type: String
        var testDescription: String { source }

        init(_ source: String, _ type: String) {
            self.source = source
            self.type = type
        }
    }

    static let right = [
        Row("input.amount + 1", "int"), Row("input.price * 2.0", "double"),
        Row("input.name + '!'", "string"), Row("input.tags[0]", "string"),
        Row("input.tags.map(t, t.size())", "list<int>"), Row("input.rows[0].n", "int"),
        Row("input.rows.filter(r, r.n > 1).map(r, r.sku)", "list<string>"),
        Row("input.rows.all(i, r, i < r.n)", "bool"), Row("anything.what.ever + 1", "int"),
        Row("anything", "dyn"), Row("counts.total + counts['x']", "int"),
        Row("counts.transformMap(k, v, string(v))", "map<string, string>"),
        Row("maybe.orValue(0)", "int"), Row("maybe.optMap(x, x > 1)", "optional<bool>"),
        Row("input.?email.orValue('none')", "string?"), Row("input.email == null", "bool"),
        Row("flag ? 1 : 2", "int"), Row("flag ? input.name : null", "string?"),
        Row("flag ? 1 : 'a'", "dyn"), Row("has(input.email)", "bool"),
        Row("input.starts_at - timestamp(0)", "duration"),
        Row("input.starts_at + input.length", "timestamp"), Row("[1, 2.0, 'a']", "list<dyn>"),
        Row("[]", "list<dyn>"), Row("{'a': 1}", "map<string, int>"), Row("type(1) == int", "bool"),
        Row("1 == 1.0", "bool"), Row("1 < 2.5", "bool"), Row("2u in [1, 2]", "bool"),
        Row("'name' in input", "bool"), Row("cel.bind(x, input.amount, x * x)", "int"),
        Row("input.extra.anything", "dyn"), Row("coalesce(input.email, 'x')", "dyn"),
        Row("input.rows.sortBy(r, r.n).first().value().sku", "string"),
        Row("math.greatest(1, 2)", "int"), Row("math.greatest(1, 2.5)", "dyn"),
        Row("regex.extract(input.name, 'a(b)')", "optional<string>"),
        Row("in_timezone(input.starts_at, 'UTC').hour", "dyn"), Row("[1, 2].sort()[0]", "int"),
        Row("sum([1.5])", "double"), Row("ip('10.0.0.1').family()", "int"),
        Row("input.client", "input.client"), Row("optional.none()", "optional<dyn>"),
        Row("cel.block([input.amount, cel.index(0) + 1], cel.index(1))", "int"),
        Row("input['amount']", "int"), Row("dyn(1) + 'a'", "string"),
    ]

    @Test(arguments: right)
    func findTypes(_ row: Row) throws {
        let check = ExpressionCheck(row.source, environment: try Self.environment())
        #expect(check.mistakes.map(\.message) == [])
        #expect(check.type.description == row.type)
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
        var source: String
        var offset: Int
        var fragment: String
        var testDescription: String { source }

        init(_ source: String, _ offset: Int, _ fragment: String) {
            self.source = source
            self.offset = offset
            self.fragment = fragment
        }
    }

    static let wrong = [
        Wrong("inptu.amount", 0, "there is no variable 'inptu'; did you mean 'input'?"),
        Wrong("input.amuont", 6, "'input' has no member 'amuont'; did you mean 'amount'?"),
        Wrong("has(input.emial)", 10, "did you mean 'email'?"),
        Wrong("input.client.scor", 13, "'input.client' has no member 'scor'; did you mean"),
        Wrong("input['amuont']", 6, "did you mean 'amount'?"),
        Wrong("input.amount + 'x'", 13, "int + string; convert the other side with string()"),
        Wrong("input.amount * 1.5", 13, "int * double; convert one side"),
        Wrong("input.name == 1", 11, "values of these types are never equal"),
        Wrong("input.name < 1", 11, "no such overload: string < int"),
        Wrong("input.amount && true", 6, "it takes a bool"), Wrong("!input.name", 0, "!(string)"),
        Wrong("-input.name", 0, "-(string)"), Wrong("input.name ? 1 : 2", 6, "?:(string)"),
        Wrong("input.name.x", 11, "a value of type string has no member 'x'"),
        Wrong("input.amount[0]", 12, "no such overload: int[int]"),
        Wrong("input.tags['a']", 10, "no such overload: list<string>[string]"),
        Wrong("input.amount in 5", 13, "no such overload: int in int"),
        Wrong("input.name.startsWith(1)", 11, "there is string . startsWith(string) -> bool"),
        Wrong("slugg(input.name)", 0, "did you mean slug()?"), Wrong("slug(1)", 0, "slug(int)"),
        Wrong("input.amount.map(x, x)", 13, "cannot be walked over"),
        Wrong("input.tags.all(t, t)", 18, "must be a bool, not a string"),
        Wrong("input.tags.filter(t, t.size())", 23, "must be a bool, not a int"),
        Wrong("{1.5: 1}", 1, "cannot be the key of a map"),
        Wrong("input.rows.map(r, r.skuu)", 20, "did you mean 'sku'?"),
        Wrong("[?input.amount]", 8, "it takes an optional"),
        Wrong("maybe + 1", 6, "optional<int> + int"), Wrong("counts[1]", 6, "[int]"),
        Wrong("input.rows.sortBy(r, r)", 21, "has no order"),
    ]

    @Test(arguments: wrong)
    func findMistakes(_ row: Wrong) throws {
        let check = ExpressionCheck(row.source, environment: try Self.environment())
        let first = try #require(check.mistakes.first)
        #expect(check.mistakes.count == 1)
        #expect(first.offset == row.offset)
        #expect(first.message.contains(row.fragment), "\(first.message)")
        #expect(throws: CELError.self) {
            try Expression.compile(row.source, environment: try Self.environment())
        }
    }

    @Test func allMistakesAreFoundAtOnce() throws {
        let source = "inptu.a == 1 && slugg('x') == 'x' &&\n  input.amuont > 'a'"
        let check = ExpressionCheck(source, environment: try Self.environment())
        #expect(check.mistakes.map(\.line) == [1, 1, 2])
        let wanted = "  input.amuont > 'a'\n          ^"
        #expect(check.mistakes.last?.rendered.hasSuffix(wanted) == true)
        #expect(check.mistakes.last?.column == 9)
    }

    @Test func theWantedTypeIsChecked() throws {
        let environment = try Self.environment()
        let number = ExpressionCheck("input.amount", environment: environment, wanted: .bool)
        #expect(number.mistakes.first?.message.contains("a bool is wanted here") == true)
        for source in ["input.amount > 1", "anything.x", "flag"] {
            let check = ExpressionCheck(source, environment: environment, wanted: .bool)
            #expect(check.mistakes.isEmpty)
        }
    }

    @Test func withoutDeclarationsOnlyWhatIsSurelyWrongIsReported() {
        let environment = ExpressionEnvironment()
        #expect(ExpressionCheck("a.b + c", environment: environment).mistakes.isEmpty)
        #expect(ExpressionCheck("a.b + (1 + 'x')", environment: environment).mistakes.count == 1)
        #expect(ExpressionCheck("'a'.matches('(')", environment: environment).mistakes.count == 1)
    }

    @Test func compiledExpressionsKnowTheirType() throws {
        let environment = try Self.environment()
        let expression = try Expression.compile("input.amount > 5", environment: environment)
        #expect(expression.type == .bool)
        #expect(try Expression.compile("1 + 1").type == .dyn)
    }

    @Test func everyFunctionHasSignatures() throws {
        for library in [FunctionLibrary.standard, .daybook] {
            for key in library.bodies.keys {
                let fitting = library.signatures[key.name, default: []].filter { signature in
                    signature.style == key.style
                        && (key.count < 0 || signature.parameters(for: key.count) != nil)
                }
                #expect(!fitting.isEmpty, "\(key)")
            }
            for signature in library.signatures.values.joined() {
                let count = signature.parameters.count
                #expect(library.body(signature.name, signature.style, count) != nil)
                #expect(try FunctionSignature(signature.description) == signature)
            }
        }
        let lines =
            Signatures.core + Signatures.time + Signatures.strings + Signatures.numbers
            + Signatures.lists + Signatures.optionals + Signatures.network
        #expect(Signatures.standard.count == lines.count)
        #expect(Signatures.domain.count == Signatures.daybook.count)
    }

    @Test func declaredFunctionsAreChecked() throws {
        let score = ExpressionFunction(
            "crm.score",
            argumentCount: 1...1,
            signatures: [try FunctionSignature("crm.score(string) -> double")]
        ) { (_: [Value]) throws(ExpressionFunction.Failure) in .double(1) }
        let environment = try Self.environment(FunctionLibrary.daybook.adding([score]))
        let check = ExpressionCheck("crm.score(input.name)", environment: environment)
        #expect(check.type == .double)
        #expect(!ExpressionCheck("crm.score(1)", environment: environment).mistakes.isEmpty)
    }

    static let unreadable = [
        ("strng", "did you mean 'string'?"), ("list<int", "expected ',' or '>'"),
        ("list<int, int>", "does not take 2 types"), ("", "expected the name"),
        ("int int", "should end here"), ("map<string>", "does not take 1 types"),
    ]

    @Test(arguments: unreadable)
    func unreadableTypesAreRefused(_ text: String, _ fragment: String) throws {
        let error = try #require(throws: CELError.self) { try ExpressionType(text) }
        #expect(error.message.contains(fragment), "\(error.message)")
    }

    @Test func declarationsNameWhatIsWrong() throws {
        let error = try #require(throws: CELError.self) {
            try ExpressionType(declaration: ["client": ["age": 5]], named: "input")
        }
        #expect(error.message.contains("the declaration of input.client.age"))
    }

    @Test func typesAreReadFromValues() {
        let value: Value = [
            "a": 1, "b": ["x", "y"], "c": [["d": 1.5], ["e": true]], "f": nil, "g": [1, "x"],
        ]
        let environment = ExpressionEnvironment(variables: ["v": ExpressionType(of: value)])
        let types = ["v.a", "v.b", "v.c[0].e", "v.f", "v.g"].map {
            ExpressionCheck($0, environment: environment).type.description
        }
        #expect(types == ["int", "list<string>", "bool", "dyn", "list<dyn>"])
    }

    @Test func checkingIsBounded() throws {
        let many = Array(repeating: "nobody", count: 500).joined(separator: " + ")
        let chained = "[" + Array(repeating: "nobody", count: 500).joined(separator: ", ") + "]"
        let environment = try Self.environment()
        #expect(!ExpressionCheck(many, environment: environment).mistakes.isEmpty)
        let mistakes = ExpressionCheck(chained, environment: environment).mistakes
        #expect(mistakes.count == LanguageLimits.mistakesMax)
        var nested = "[]"
        for _ in 0..<60 { nested = "cel.bind(x, \(nested), [x, x, x])" }
        #expect(ExpressionCheck(nested, environment: environment).mistakes.isEmpty)
    }
}
