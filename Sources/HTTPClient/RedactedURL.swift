/// A URL as messages may show it: no user, no password, no query, no fragment.
struct RedactedURL: CustomStringConvertible {
    let description: String

    init(_ url: String) {
        var rest = Substring(url)
        var scheme: Substring = ""
        if let colon = rest.range(of: "://") {
            scheme = rest[..<colon.upperBound]
            rest = rest[colon.upperBound...]
        }
        let end = rest.firstIndex { $0 == "?" || $0 == "#" } ?? rest.endIndex
        let hasMore = end != rest.endIndex
        rest = rest[..<end]
        let pathStart = rest.firstIndex(of: "/") ?? rest.endIndex
        if let at = rest[..<pathStart].lastIndex(of: "@") {
            rest = rest[rest.index(after: at)...]
        }
        let visible = rest.unicodeScalars.prefix(300).filter { $0.value > 0x20 && $0.value != 0x7F }
        description = scheme + String(String.UnicodeScalarView(visible)) + (hasMore ? "?…" : "")
    }
}

extension Substring {
    /// The first place where a short text stands; Foundation's search is not worth its import here.
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start != endIndex {
            if self[start...].hasPrefix(text) {
                return start..<index(start, offsetBy: text.count)
            }
            start = index(after: start)
        }
        return nil
    }
}
