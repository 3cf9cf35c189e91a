import CEL
import EventModel

/// The functions that projections have beside those of the expression language.
enum ProjectionFunctions {
    static let library = FunctionLibrary.daybook.adding([member, append, shortCode])

    /// `member(value, 'client.name')`: what the path of text keys leads to, or null as soon as
    /// something is missing or is no map, so that an odd payload cannot stop a projection.
    private static let member = ExpressionFunction(
        "member",
        argumentCount: 2...2
    ) { (arguments) throws(ExpressionFunction.Failure) in
        guard case .string(let path)? = arguments.last, var current = arguments.first else {
            throw ExpressionFunction.Failure(.noSuchOverload, "member needs a value and a text")
        }
        for key in path.split(separator: ".", omittingEmptySubsequences: false) {
            guard let next = current[String(key)] else { return .null }
            current = next
        }
        return current
    }

    /// `append(list, element, 100)`: the list with one more element, of which the last 100 are kept;
    /// null counts as an empty list.
    private static let append = ExpressionFunction(
        "append",
        argumentCount: 3...3
    ) { (arguments) throws(ExpressionFunction.Failure) in
        guard arguments.count == 3, let max = arguments[2].intValue, max > 0,
            arguments[0].isNull || arguments[0].listValue != nil
        else {
            let message = "append needs a list, an element and how many are kept"
            throw ExpressionFunction.Failure(.noSuchOverload, message)
        }
        let list = (arguments[0].listValue ?? []) + [arguments[1]]
        return .list(list.suffix(Int(clamping: max)))
    }

    /// `short_code(text)`: eight letters and digits that stand for a text, always the same ones.
    ///
    /// They are the SHA-256 of the text in base 62, cut: one in 2·10^14, so a million texts share a
    /// code with a chance of 1 in 400.
    private static let shortCode = ExpressionFunction(
        "short_code",
        argumentCount: 1...1
    ) { (arguments) throws(ExpressionFunction.Failure) in
        guard case .string(let text)? = arguments.first else {
            throw ExpressionFunction.Failure(.noSuchOverload, "short_code needs a text")
        }
        let letters = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        var number = Digest.sha256(text.utf8).bytes.prefix(8).reduce(0 as UInt64) {
            $0 << 8 | UInt64($1)
        }
        var code: [UInt8] = []
        for _ in 0..<8 {
            code.append(letters[Int(number % 62)])
            number /= 62
        }
        return .string(String(decoding: code, as: UTF8.self))
    }
}
