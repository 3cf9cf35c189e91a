import EventModel

/// Writes a report as PDF 1.4 (ISO 32000): A4 pages, the standard fonts Helvetica and Helvetica-Bold.
///
/// The standard fonts need not be embedded and know the characters of WinAnsiEncoding (Windows-1252);
/// any other character is shown by its nearest Latin letters, or as `?`. The same report always gives
/// the same bytes: there is no date in it.
struct PDFWriter {
    static let pagesMax = 500

    private static let width = 595.0
    private static let height = 842.0
    private static let margin = 56.0

    private var pages: [String] = []
    private var page = ""
    private var top = PDFWriter.height - PDFWriter.margin

    private var hasRoom: Bool { pages.count < Self.pagesMax }

    /// The bytes of the file; nil if it would have more than ``pagesMax`` pages.
    static func bytes(_ report: ReportDocument) -> (bytes: [UInt8], pages: Int)? {
        var writer = PDFWriter()
        writer.write(report.title, size: 18, isBold: true)
        writer.top -= 6
        for block in report.blocks {
            switch block {
            case .heading(let text, let level):
                writer.top -= 6
                writer.write(text, size: level == 1 ? 16 : level == 2 ? 13 : 11, isBold: true)
            case .paragraph(let text): writer.write(text, size: 10, isBold: false)
            case .table(let columns, let rows): writer.table(columns, rows)
            }
            writer.top -= 4
        }
        writer.endPage()
        guard writer.hasRoom else { return nil }
        return (writer.file(title: report.title), writer.pages.count)
    }

    // MARK: Layout

    private mutating func write(_ text: String, size: Double, isBold: Bool) {
        for line in Self.lines(text, size: size, width: Self.width - 2 * Self.margin) {
            need(size * 1.35)
            show(line, x: Self.margin, size: size, isBold: isBold)
            top -= size * 1.35
        }
    }

    private mutating func table(_ columns: [String], _ rows: [[String]]) {
        let count = max(columns.count, rows.map(\.count).max() ?? 0)
        guard count > 0 else { return }
        let column = (Self.width - 2 * Self.margin) / Double(count)
        let size = count > 6 ? 7.0 : 9.0
        let hasHead = columns.contains { !$0.isEmpty }
        for (index, row) in ((hasHead ? [columns] : []) + rows).enumerated() {
            let isHead = hasHead && index == 0
            let cells = row.map { Self.lines($0, size: size, width: column - 6) }
            let lineCount = max(1, cells.map(\.count).max() ?? 1)
            let step = size * 1.3
            // A row that fits on no page goes on over the next ones, line by line.
            need(min(Double(lineCount) * step + 4, Self.height - 2 * Self.margin))
            for line in 0..<lineCount {
                need(step)
                for (place, cell) in cells.enumerated() where line < cell.count {
                    let x = Self.margin + Double(place) * column
                    show(cell[line], x: x, size: size, isBold: isHead)
                }
                top -= step
            }
            let y = top + size - 2
            page += "0.8 G 0.5 w \(Self.number(Self.margin)) \(Self.number(y)) m "
            page += "\(Self.number(Self.width - Self.margin)) \(Self.number(y)) l S\n"
            top -= 3
        }
    }

    private mutating func need(_ space: Double) {
        if top - space < Self.margin { endPage() }
    }

    private mutating func endPage() {
        if hasRoom { pages.append(page) }
        page = ""
        top = Self.height - Self.margin
    }

    private mutating func show(_ text: String, x: Double, size: Double, isBold: Bool) {
        let font = isBold ? "F2" : "F1"
        let digits = Array("0123456789ABCDEF")
        let hexadecimal = WinAnsi.bytes(text).reduce(into: "") { result, byte in
            result.append(digits[Int(byte >> 4)])
            result.append(digits[Int(byte & 15)])
        }
        page += "BT /\(font) \(Self.number(size)) Tf \(Self.number(x)) \(Self.number(top - size)) "
        page += "Td <\(hexadecimal)> Tj ET\n"
    }

    /// Breaks a text at its spaces, and words that are too long within.
    private static func lines(_ text: String, size: Double, width: Double) -> [String] {
        var lines: [String] = []
        var line = ""
        func measure(_ text: String) -> Double {
            WinAnsi.bytes(text).reduce(0) { $0 + Helvetica.width($1) } * size / 1000
        }
        for word in text.split(whereSeparator: \.isWhitespace) {
            var word = String(word)
            let longer = line.isEmpty ? word : line + " " + word
            if measure(longer) <= width {
                line = longer
                continue
            }
            if !line.isEmpty { lines.append(line) }
            while measure(word) > width, word.count > 1 {
                var part = ""
                while let next = word.first, measure(part + String(next)) <= width || part.isEmpty {
                    part.append(next)
                    word.removeFirst()
                }
                lines.append(part)
            }
            line = word
        }
        if !line.isEmpty { lines.append(line) }
        return lines
    }

    private static func number(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let rest = abs(hundredths % 100)
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    // MARK: File

    private func file(title: String) -> [UInt8] {
        var objects = [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Count \(pages.count) /Kids ["
                + pages.indices.map { "\(6 + 2 * $0) 0 R" }.joined(separator: " ") + "] >>",
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
            "<< /Title <FEFF\(Self.utf16(title))> /Producer (Daybook) >>",
        ]
        for (index, content) in pages.enumerated() {
            objects.append(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources "
                    + "<< /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents \(7 + 2 * index) 0 R >>"
            )
            objects.append("<< /Length \(content.utf8.count) >>\nstream\n\(content)endstream")
        }
        var file = "%PDF-1.4\n"
        var offsets: [Int] = []
        for (index, object) in objects.enumerated() {
            offsets.append(file.utf8.count)
            file += "\(index + 1) 0 obj\n\(object)\nendobj\n"
        }
        let start = file.utf8.count
        file += "xref\n0 \(objects.count + 1)\n0000000000 65535 f \n"
        for offset in offsets {
            let digits = String(offset)
            file += String(repeating: "0", count: 10 - digits.count) + digits + " 00000 n \n"
        }
        file += "trailer\n<< /Size \(objects.count + 1) /Root 1 0 R /Info 5 0 R >>\n"
        file += "startxref\n\(start)\n%%EOF\n"
        return Array(file.utf8)
    }

    private static func utf16(_ text: String) -> String {
        text.utf16.map { unit in
            let digits = String(unit, radix: 16, uppercase: true)
            return String(repeating: "0", count: 4 - digits.count) + digits
        }.joined()
    }
}

/// The encoding of the standard fonts, Windows-1252.
enum WinAnsi {
    /// From 0x80 on; 0 where nothing is.
    private static let high: [UInt32] = [
        0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039,
        0x0152, 0, 0x017D, 0, 0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC,
        0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178,
    ]

    /// Letters of our users' languages that the encoding lacks.
    private static let near: [Character: String] = [
        "č": "c", "Č": "C", "ć": "c", "Ć": "C", "đ": "d", "Đ": "D", "ń": "n", "Ń": "N", "ł": "l",
        "Ł": "L", "ś": "s", "Ś": "S", "ź": "z", "Ź": "Z", "ż": "z", "Ż": "Z", "ą": "a", "Ą": "A",
        "ę": "e", "Ę": "E", "ő": "o", "Ő": "O", "ű": "u", "Ű": "U", "ř": "r", "Ř": "R", "ě": "e",
        "Ě": "E", "ů": "u", "Ů": "U", "ň": "n", "Ň": "N", "ť": "t", "Ť": "T", "ď": "d", "Ď": "D",
        "ğ": "g", "Ğ": "G", "ş": "s", "Ş": "S", "ı": "i", "İ": "I", "→": "->", "≥": ">=", "≤": "<=",
        "−": "-", "‹": "<",
    ]

    static func bytes(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        for character in text {
            for scalar in character.unicodeScalars.prefix(1) {
                if let byte = byte(scalar), character.unicodeScalars.count == 1 {
                    bytes.append(byte)
                } else if let plain = near[character] {
                    bytes += Array(plain.utf8)
                } else {
                    bytes.append(UInt8(ascii: "?"))
                }
            }
        }
        return bytes
    }

    private static func byte(_ scalar: Unicode.Scalar) -> UInt8? {
        switch scalar.value {
        case 0x20..<0x7F, 0xA0...0xFF: return UInt8(scalar.value)
        case 0x09, 0x0A, 0x0D: return 0x20
        default: return high.firstIndex(of: scalar.value).map { UInt8(0x80 + $0) }
        }
    }
}

/// How wide the letters of Helvetica are, in thousandths of their size (Adobe's font metrics).
enum Helvetica {
    private static let widths: [Double] = [
        278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556,
        556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722,
        722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722,
        667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556,
        556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500,
        500, 334, 260, 334, 584,
    ]

    /// Letters beyond ASCII are taken to be as wide as a wide letter, so that nothing is cut off.
    static func width(_ byte: UInt8) -> Double {
        let index = Int(byte) - 0x20
        return widths.indices.contains(index) ? widths[index] * 1.06 : 722
    }
}
