import EventModel
import Yams

/// Reads YAML 1.1 text (by Yams) into nodes that remember their places.
public enum YAML {
    /// Reads one document.
    ///
    /// - Parameters:
    ///   - text: the document.
    ///   - file: its name, for messages.
    /// - Throws: the place of the first mistake: broken YAML, a key that comes twice, a key that is
    ///   no text, or nesting deeper than ``EventModel/Limits/nestingDepthMax``.
    public static func parse(_ text: String, file: String) throws(Problem) -> Node {
        let start = Place(file: file, line: 1, column: 1)
        let root: Yams.Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw problem(error, text: text, start: start)
        } catch {
            throw Problem(at: start, "the YAML cannot be read: \(error)")
        }
        guard let root else {
            throw Problem(at: start, "the document is empty", remedy: "write a mapping")
        }
        var converter = Converter(file: file)
        return try converter.convert(root, depth: 0)
    }

    /// How many parts a document can have; aliases count as what they stand for.
    static let partsMax = 100_000
}

/// Turns nodes of Yams into ours.
private struct Converter {
    let file: String
    private var partCount = 0

    init(file: String) { self.file = file }

    mutating func convert(_ node: Yams.Node, depth: Int) throws(Problem) -> Node {
        let place = Place(
            file: file,
            line: node.mark?.line ?? 1,
            column: node.mark?.column ?? 1
        )
        guard depth < Limits.nestingDepthMax else {
            throw Problem(at: place, "nested deeper than \(Limits.nestingDepthMax) levels")
        }
        partCount += 1
        guard partCount <= YAML.partsMax else {
            throw Problem(at: place, "the document has more than \(YAML.partsMax) parts")
        }
        switch node {
        case .scalar(let scalar):
            return Node(.scalar(value(scalar, node: node)), at: place)
        case .sequence(let sequence):
            var nodes: [Node] = []
            for element in sequence {
                nodes.append(try convert(element, depth: depth + 1))
            }
            return Node(.sequence(nodes), at: place)
        case .mapping(let mapping):
            var members: [Node.Member] = []
            var seen: Set<String> = []
            for (key, element) in mapping {
                let keyPlace = Place(
                    file: file,
                    line: key.mark?.line ?? place.line,
                    column: key.mark?.column ?? place.column
                )
                guard let name = key.scalar?.string else {
                    throw Problem(at: keyPlace, "a key must be a plain text")
                }
                guard seen.insert(name).inserted else {
                    throw Problem(at: keyPlace, "the key '\(name)' comes twice")
                }
                let value = try convert(element, depth: depth + 1)
                members.append(Node.Member(key: name, keyPlace: keyPlace, node: value))
            }
            return Node(.mapping(members), at: place)
        case .alias:
            throw Problem(at: place, "an alias that names nothing")
        }
    }

    private func value(_ scalar: Yams.Node.Scalar, node: Yams.Node) -> Value {
        // Only plain scalars take a type; what stands in quotes or in a block is text.
        guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
        if node.null != nil { return .null }
        if let truth = node.bool {
            // YAML 1.1 reads yes, no, on and off as booleans; authors who write them mean words.
            return ["true", "false"].contains(scalar.string.lowercased())
                ? .bool(truth) : .string(scalar.string)
        }
        if isDecimalInteger(scalar.string), let number = Int64(scalar.string) {
            return .int(number)
        }
        if looksNumeric(scalar.string), let number = Double(scalar.string) {
            return .double(number)
        }
        return .string(scalar.string)
    }

    private func isDecimalInteger(_ text: String) -> Bool {
        let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
        return !digits.isEmpty && digits.allSatisfy { (0x30...0x39).contains($0) }
    }

    private func looksNumeric(_ text: String) -> Bool {
        let body = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
        guard let first = body.first, (0x30...0x39).contains(first) else { return false }
        return body.allSatisfy { byte in
            (0x30...0x39).contains(byte) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains(byte)
        }
    }
}

extension YAML {
    private static func problem(_ error: YamlError, text: String, start: Place) -> Problem {
        let file = start.file
        switch error {
        case .scanner(let context, let message, let mark, _),
            .parser(let context, let message, let mark, _),
            .composer(let context, let message, let mark, _):
            let hint = context.map { " (\($0.text))" } ?? ""
            let place = Place(file: file, line: mark.line, column: mark.column)
            return Problem(at: place, "broken YAML: \(message)\(hint)")
        case .duplicatedKeysInMapping(let keys, let context):
            let key = keys.min() ?? ""
            let line = repeatedLine(of: key, text: text, mapping: context.mark)
            let place = Place(
                file: file,
                line: line ?? context.mark.line,
                column: context.mark.column
            )
            return Problem(at: place, "the key '\(key)' comes twice in this mapping")
        default:
            return Problem(at: start, "broken YAML: \(error)")
        }
    }

    /// The parser tells only where the mapping begins; in block style its keys stand in one column.
    private static func repeatedLine(of key: String, text: String, mapping: Mark) -> Int? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard mapping.line >= 1, mapping.line <= lines.count else { return nil }
        var found = 0
        for (index, line) in lines.enumerated().dropFirst(mapping.line - 1) {
            let body = line.dropFirst(mapping.column - 1)
            let isKey = [key, "\"\(key)\"", "'\(key)'"].contains { body.hasPrefix("\($0):") }
            let lead = line.prefix(mapping.column - 1)
            guard isKey, index == mapping.line - 1 || lead.allSatisfy({ $0 == " " }) else {
                continue
            }
            found += 1
            if found == 2 { return index + 1 }
        }
        return nil
    }
}
