import EventModel

/// JSON pointers (RFC 6901).
enum JSONPointer {
    static func escaped(_ token: String) -> String {
        guard token.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") })
        else { return token }
        var text = String.UnicodeScalarView()
        for scalar in token.unicodeScalars {
            switch scalar {
            case "~": text.append(contentsOf: "~0".unicodeScalars)
            case "/": text.append(contentsOf: "~1".unicodeScalars)
            default: text.append(scalar)
            }
        }
        return String(text)
    }

    /// The tokens of a pointer that is empty or begins with a slash.
    static func tokens(_ pointer: String) -> [String] {
        let scalars = Array(pointer.unicodeScalars)
        return scalars.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
            unescaped($0)
        }
    }

    private static func unescaped(_ token: ArraySlice<Unicode.Scalar>) -> String {
        var text = String.UnicodeScalarView()
        var isEscape = false
        for scalar in token {
            if isEscape {
                isEscape = false
                text.append(scalar == "1" ? "/" : scalar == "0" ? "~" : scalar)
            } else if scalar == "~" {
                isEscape = true
            } else {
                text.append(scalar)
            }
        }
        return String(text)
    }

    /// The part of a value that a pointer names; nil if there is none.
    static func find(_ pointer: String, in value: Value) -> Value? {
        var current = value
        for token in tokens(pointer) {
            switch current {
            case .map(let map):
                guard let member = map[token] else { return nil }
                current = member
            case .list(let elements):
                let isIndex = token == "0" || !token.hasPrefix("0")
                guard isIndex, let index = Int(token), elements.indices.contains(index) else {
                    return nil
                }
                current = elements[index]
            case .null, .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration:
                return nil
            }
        }
        return current
    }
}
