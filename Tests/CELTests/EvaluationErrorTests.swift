import CEL
import EventModel
import Testing

/// Mistakes that are found while evaluating.
@Suite struct EvaluationErrorTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var source: String
        var code: CELError.Code
        var offset: Int
        var fragment: String
        var testDescription: String { source }

        init(_ source: String, _ code: CELError.Code, _ offset: Int, _ fragment: String) {
            self.source = source
            self.code = code
            self.offset = offset
            self.fragment = fragment
        }
    }

    static let variables: ValueMap = [
        "input": ["amount": 80, "email": "ana@example.org", "tags": ["a", "b"]],
        "now": .timestamp(Timestamp(seconds: .max)), "then": .timestamp(Timestamp(seconds: .min)),
        "age": .duration(.seconds(Int64.max)),
        "eon": .duration(Duration(attoseconds: .max)),
    ]

    static let rows = [
        Row("inptu.amount", .undeclaredReference, 0, "did you mean 'input'"),
        Row("input.emial", .noSuchKey, 6, "did you mean 'email'"),
        Row("input['emial']", .noSuchKey, 5, "did you mean 'email'"),
        Row("input.amount.cents", .noSuchOverload, 13, "a value of type int has no member 'cents'"),
        Row("input.tags[2]", .indexOutOfBounds, 10, "2 elements"),
        Row("input.tags['x']", .invalidArgument, 10, "whole number"),
        Row("input.amount * 1.5", .noSuchOverload, 13, "int * double; convert one side"),
        Row("input.email + 1", .noSuchOverload, 12, "string + int"),
        Row("1 / 0", .divisionByZero, 2, "division by zero"),
        Row("9223372036854775807 + 1", .overflow, 20, "does not fit into an int"),
        Row("0u - 1u", .overflow, 3, "does not fit into a uint"),
        Row("int('12a')", .conversion, 0, "'12a' is not an int"),
        Row("{'a': 1, 'a': 2}", .duplicateKey, 0, "comes twice"),
        Row("{1.5: 1}", .invalidArgument, 0, "cannot be the key"),
        Row("1 ? 2 : 3", .noSuchOverload, 2, "?:(int)"),
        Row("'a'.startsWith(1)", .noSuchOverload, 4, "startsWith(string, int)"),
        Row("now + duration('1s')", .overflow, 4, "years 1 to 9999"),
        Row("age + age", .overflow, 4, "10,000 years"),
        Row("timestamp('2026-02-30T00:00:00Z')", .conversion, 0, "not a timestamp"),
        Row("[1].all(x, x)", .noSuchOverload, 4, "must be a bool"),
        Row("optional.none().value()", .noSuchKey, 16, "no value"),
        Row("now.getHours('Mars/Olympus')", .invalidArgument, 4, "no time zone"),
        Row("5 in 5", .noSuchOverload, 2, "in(int, int)"),
    ]

    @Test(arguments: rows)
    func nameWhatIsWrongAndWhere(_ row: Row) throws {
        let expression = try Expression.compile(row.source)
        let error = try #require(throws: CELError.self) {
            try expression.evaluate(Self.variables)
        }
        #expect(error.code == row.code)
        #expect(error.offset == row.offset)
        #expect(error.message.contains(row.fragment), "\(error.message)")
    }

    static let absorbed = [
        "input.missing == 1 || true", "true || input.missing == 1",
        "!(false && input.missing == 1)", "!(1 / 0 > 1 && false)",
        "[1, 0].exists(x, 1 / x == 1)", "![0, 1].all(x, 1 / x == 2)",
    ]

    @Test(arguments: absorbed)
    func aDecidingPartAbsorbsTheMistakesOfOthers(_ source: String) throws {
        #expect(try Expression.compile(source).evaluate(Self.variables) == true)
    }

    static let absurd = [
        "now.getFullYear()", "now.getHours('+14:00')", "string(now)", "string(age)",
        "age.getHours()", "string(eon)", "eon.getHours()", "eon + eon", "eon > age", "json(eon)",
        "now + eon", "now - eon", "sum([eon, eon])", "now == now", "age > duration('1s')",
        "int(now)", "json([now, age])",
        "format_time(now, '%A %F %T')",
    ]

    @Test(arguments: absurd)
    func absurdTimesAreNoCrash(_ source: String) throws {
        for name in ["now", "then"] {
            let renamed = source.split(separator: "now", omittingEmptySubsequences: false)
                .joined(separator: name)
            let expression = try Expression.compile(renamed)
            do {
                _ = try expression.evaluate(Self.variables)
            } catch {
                #expect(error.code == .overflow)
            }
        }
    }
}
