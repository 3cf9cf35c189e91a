import ArgumentParser
import Testing

@testable import daybook

/// All commands of the program, with the words that lead to them.
enum CommandTree {
    struct Entry: Sendable, CustomTestStringConvertible {
        let words: [String]
        let isGroup: Bool

        var testDescription: String { words.joined(separator: " ") }
    }

    static let all: [Entry] = entries(of: Daybook.self, words: [])

    private static func entries(
        of command: any ParsableCommand.Type,
        words: [String]
    ) -> [Entry] {
        command.configuration.subcommands.flatMap { child in
            let path = words + [child._commandName]
            let below = entries(of: child, words: path)
            return [Entry(words: path, isGroup: !below.isEmpty)] + below
        }
    }
}
