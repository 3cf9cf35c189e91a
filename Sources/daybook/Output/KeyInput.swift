import Foundation

/// Commands for a walk: single keys in a terminal, lines from anything else.
struct KeyInput {
    /// Whether standard input is a terminal.
    static var isTerminal: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 }

    private let before: termios?

    /// Switches the terminal to single keys, if there is one; ``close()`` puts it back.
    init() {
        guard Self.isTerminal else {
            before = nil
            return
        }
        var now = termios()
        guard tcgetattr(STDIN_FILENO, &now) == 0 else {
            before = nil
            return
        }
        before = now
        // Keys come at once and are not echoed; Ctrl-C still ends the program.
        now.c_lflag &= ~tcflag_t(ICANON | ECHO)
        tcsetattr(STDIN_FILENO, TCSANOW, &now)
    }

    /// The next command; nil at the end of the input.
    func next() -> String? {
        guard before != nil else { return readLine() }
        guard let key = byte() else { return nil }
        switch key {
        case UInt8(ascii: "\u{1B}"): return arrow()
        case UInt8(ascii: "j"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return number(first: key)
        case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"): return "next"
        case 0x04: return nil
        case let other: return String(UnicodeScalar(other))
        }
    }

    /// Puts the terminal back as it was.
    func close() {
        guard var before else { return }
        tcsetattr(STDIN_FILENO, TCSANOW, &before)
    }

    private func byte() -> UInt8? {
        var byte: UInt8 = 0
        return read(STDIN_FILENO, &byte, 1) == 1 ? byte : nil
    }

    /// An arrow key is `ESC [ A` to `D`, as in ECMA-48: up and left go back, down and right on.
    private func arrow() -> String {
        guard byte() == UInt8(ascii: "[") else { return "help" }
        switch byte() {
        case UInt8(ascii: "A"), UInt8(ascii: "D"): return "previous"
        case UInt8(ascii: "B"), UInt8(ascii: "C"): return "next"
        case _: return "help"
        }
    }

    /// Digits up to return, shown as they are typed.
    private func number(first: UInt8) -> String {
        var digits = first == UInt8(ascii: "j") ? "" : String(UnicodeScalar(first))
        show("jump to \(digits)")
        while let key = byte(), key != UInt8(ascii: "\n"), key != UInt8(ascii: "\r") {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(key) else { continue }
            digits.append(String(UnicodeScalar(key)))
            show(String(UnicodeScalar(key)))
        }
        show("\n")
        return "jump \(digits)"
    }

    private func show(_ text: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }
}
