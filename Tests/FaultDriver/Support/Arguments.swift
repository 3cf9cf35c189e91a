/// The words of a command line: `--name value` or `--name` alone.
struct Arguments {
    struct Mistake: Error, CustomStringConvertible { let description: String }

    private var values: [String: String] = [:]

    init(_ words: some Sequence<String>) throws {
        var name: String?
        for word in words {
            if word.hasPrefix("--") {
                if let name { values[name] = "" }
                name = String(word.dropFirst(2))
            } else if let waiting = name {
                values[waiting] = word
                name = nil
            } else {
                throw Mistake(description: "'\(word)' follows no option")
            }
        }
        if let name { values[name] = "" }
    }

    func has(_ name: String) -> Bool { values[name] != nil }

    func text(_ name: String) -> String? { values[name] }

    func required(_ name: String) throws -> String {
        guard let value = values[name], !value.isEmpty else {
            throw Mistake(description: "--\(name) is missing")
        }
        return value
    }

    func number(_ name: String, _ usual: Int) throws -> Int {
        guard let text = values[name] else { return usual }
        guard let number = Int(text) else {
            throw Mistake(description: "--\(name) takes a number, not '\(text)'")
        }
        return number
    }

    func seed() throws -> UInt64 { UInt64(try number("seed", 1)) }
}
