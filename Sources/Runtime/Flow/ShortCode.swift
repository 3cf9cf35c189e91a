import EventModel

/// Eight letters and digits that stand for a text: the `short_code` of projections.
enum ShortCode {
    private static let letters = Array(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8
    )

    /// The code of a text: its SHA-256 in base 62, cut.
    static func of(_ text: String) -> String {
        var number = Digest.sha256(text.utf8).bytes.prefix(8).reduce(0 as UInt64) {
            $0 << 8 | UInt64($1)
        }
        var code: [UInt8] = []
        for _ in 0..<8 {
            code.append(letters[Int(number % 62)])
            number /= 62
        }
        return String(decoding: code, as: UTF8.self)
    }
}
