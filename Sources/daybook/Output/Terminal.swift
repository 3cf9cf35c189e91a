import EventModel
import Foundation
import Synchronization

/// Where output goes: pleasant in a terminal, plain in a pipe.
enum Terminal {
    /// True if standard output is a terminal that wants colour (https://no-color.org).
    static let hasColor: Bool = {
        let environment = ProcessInfo.processInfo.environment
        guard environment["NO_COLOR", default: ""].isEmpty else { return false }
        return isatty(STDOUT_FILENO) == 1 && environment["TERM"] != "dumb"
    }()

    /// True if standard error is a terminal, so that a progress bar can redraw itself there.
    static let canRedraw = isatty(STDERR_FILENO) == 1

    enum Style: String {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case blue = "34"
        case cyan = "36"
    }

    static func styled(_ text: String, _ style: Style) -> String {
        hasColor ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    static func out(_ text: String = "") {
        try? FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8))
    }

    static func error(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
    }
}

/// Rows in aligned columns.
struct Table {
    private var rows: [[String]]

    init(_ header: [String]) { rows = [header] }

    mutating func add(_ row: [String]) { rows.append(row) }

    var isEmpty: Bool { rows.count == 1 }

    /// The lines of the table; the header is dimmed in a terminal.
    func lines(indentation: String = "") -> [String] {
        let columnCount = rows.map(\.count).max() ?? 0
        let widths = (0..<columnCount).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.enumerated().map { number, row in
            var line = indentation
            for (column, cell) in row.enumerated() {
                let isLast = column == row.count - 1
                line += isLast ? cell : cell.padding(widths[column]) + "  "
            }
            while line.last == " " { line.removeLast() }
            return number == 0 ? Terminal.styled(line, .dim) : line
        }
    }

    /// The same as one block a row, a line a column: for rows too wide to read side by side.
    ///
    /// Empty cells are left out.
    func blocks() -> [String] {
        guard let header = rows.first else { return [] }
        let width = header.map(\.count).max() ?? 0
        return rows.dropFirst().enumerated().flatMap { number, row in
            let cells = zip(header, row).filter { !$1.isEmpty }
            let lines = cells.map { name, cell in
                Terminal.styled(name.padding(width), .dim) + "  " + cell
            }
            return number == 0 ? lines : [""] + lines
        }
    }

    func print(indentation: String = "") {
        for line in lines(indentation: indentation) { Terminal.out(line) }
    }
}

/// A bar on standard error while something long goes on; nothing in a pipe.
final class ProgressBar: Sendable {
    private let what: String
    private let lastPercent = Mutex(-1)

    init(_ what: String) { self.what = what }

    /// Draws the bar anew if it has moved.
    ///
    /// - Parameter note: what stands behind the percentage, such as a rate.
    func update(done: UInt64, total: UInt64, note: String = "") {
        guard Terminal.canRedraw, total > 0 else { return }
        let percent = Int(min(100, done * 100 / total))
        let isNew = lastPercent.withLock { last in
            defer { last = percent }
            return last != percent
        }
        guard isNew else { return }
        let filled = String(repeating: "█", count: percent / 4)
        let empty = String(repeating: "░", count: 25 - percent / 4)
        let line = "\r\(what) \(filled)\(empty) \(percent) %  \(note)\u{1B}[K"
        try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
    }

    func finish() {
        guard Terminal.canRedraw, lastPercent.withLock({ $0 >= 0 }) else { return }
        try? FileHandle.standardError.write(contentsOf: Data("\r\u{1B}[K".utf8))
    }
}

extension Timestamp {
    /// For listings: UTC, to the second.
    var shown: String { String(rfc3339.prefix(19)).replacing("T", with: " ") }
}

extension String {
    func padding(_ width: Int) -> String {
        count >= width ? self : self + String(repeating: " ", count: width - count)
    }

    /// At most `width` characters; the last is an ellipsis if something was cut.
    func cut(_ width: Int) -> String {
        count <= width ? self : String(prefix(max(0, width - 1))) + "…"
    }
}

extension Terminal {
    /// Styled text for standard error.
    static func mark(_ text: String, _ style: Style) -> String {
        canRedraw && hasColor ? styled(text, style) : text
    }
}
