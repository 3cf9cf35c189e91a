import DaybookTestKit
import Foundation

/// The rows of one file of a conformance set.
func conformanceRows(_ set: String, _ file: String) throws -> [[String: Any]]? {
    guard let folder = Conformance.folder(set) else { return nil }
    let url = folder.appendingPathComponent(file)
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    let object = try JSONSerialization.jsonObject(with: Data(contentsOf: url))
    return (object as? [String: Any])?["tests"] as? [[String: Any]]
}

/// Bytes from hexadecimal text; empty if it is none.
func bytes(hexadecimal text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    var digits = text.utf8.makeIterator()
    func value(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).hexDigitValue.map(UInt8.init)
    }
    while let first = digits.next() {
        guard let second = digits.next(), let high = value(first), let low = value(second) else {
            return []
        }
        bytes.append(high << 4 | low)
    }
    return bytes
}

/// Lower-case hexadecimal text of bytes.
func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
}
