import ArgumentParser
import Foundation
import Testing

@testable import daybook

/// Every command line that the documents and the help show is one that the program takes.
@Suite struct CommandLineTests {
    @Test func documentsShowRealCommandLines() throws {
        let folder = Program.root.appendingPathComponent("docs")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let files = names.filter { $0.hasSuffix(".md") }.map { "docs/\($0)" } + ["README.md"]
        var count = 0
        for file in files {
            let url = Program.root.appendingPathComponent(file)
            let text = try String(contentsOf: url, encoding: .utf8)
            for line in Self.commandLines(in: text) {
                count += 1
                check(line, shownIn: file)
            }
        }
        #expect(count > 10)
    }

    @Test func helpShowsRealCommandLines() {
        let commands: [any ParsableCommand.Type] =
            Daybook.configuration.subcommands + [Daybook.self]
        var count = 0
        for command in commands {
            for line in command.configuration.discussion.split(separator: "\n") {
                guard let found = line.range(of: "daybook "), line.hasPrefix("  ") else { continue }
                count += 1
                check(String(line[found.lowerBound...]), shownIn: command._commandName)
            }
        }
        #expect(count > 25)
    }

    @Test(arguments: [
        ("`daybook log verify` and `daybook events`", ["daybook log verify", "daybook events"]),
        ("```sh\ndaybook demo --keep\n```", ["daybook demo --keep"]), ("the daybook is", []),
        ("a `daybook.yaml`", []),
    ])
    func findsCommandLines(text: String, lines: [String]) {
        #expect(Self.commandLines(in: text) == lines)
    }

    @Test(arguments: [
        ("daybook a --b 'c d' \"e f\"", ["a", "--b", "c d", "e f"]),
        ("daybook events      the last 20", ["events"]), ("daybook a > b.txt", ["a"]),
    ])
    func splitsLikeAShell(line: String, words: [String]) {
        #expect(Self.words(of: line) == words)
    }

    private func check(_ line: String, shownIn place: String) {
        let words = Self.words(of: line)
        do {
            try CommandNames.check(words, in: Daybook.self)
            // A group alone shows its help.
            _ = try Daybook.parseAsRoot(words)
        } catch {
            Issue.record("\(place): \(line): \(Daybook.message(for: error))")
        }
    }

    static func commandLines(in text: String) -> [String] {
        var lines: [String] = []
        var isCode = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isCode.toggle()
            } else if isCode {
                let code = line.drop { $0 == " " || $0 == "$" }
                if code.hasPrefix("daybook ") { lines.append(String(code)) }
            } else {
                lines += line.matches(of: /`(daybook [^`]+)`/).map { String($0.output.1) }
            }
        }
        return lines
    }

    /// The words after the program's name, up to a comment or a redirection.
    static func words(of line: String) -> [String] {
        var words: [String] = []
        var word = ""
        var quote: Character?
        var spaces = 0
        for character in line + " " {
            if let open = quote {
                if character == open { quote = nil } else { word.append(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                spaces = 0
            } else if character == " " {
                if !word.isEmpty { words.append(word) }
                word = ""
                spaces += 1
                // Help sets remarks apart with a gap.
                if spaces > 1 { break }
            } else {
                spaces = 0
                word.append(character)
            }
        }
        let end = words.firstIndex { [">", "|", "#", "&"].contains($0) } ?? words.endIndex
        return Array(words[..<end].dropFirst())
    }
}
