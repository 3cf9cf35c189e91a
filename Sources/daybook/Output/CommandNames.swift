import ArgumentParser

/// A group whose next word may be an argument of the command that is meant when none is named.
protocol TakesArgument {}

/// Notices a misspelt command before the parser calls it an unexpected argument.
enum CommandNames {
    /// Follows the words down the tree of commands.
    ///
    /// - Throws: ``CommandFailure`` with what the user may have meant.
    static func check(
        _ arguments: [String],
        in root: any ParsableCommand.Type
    ) throws(CommandFailure) {
        var command = root
        var path = [root._commandName]
        for word in arguments {
            let subcommands = command.configuration.subcommands
            guard !word.hasPrefix("-"), !subcommands.isEmpty else { return }
            if path.count == 1, word == "help" { continue }
            if let next = subcommands.first(where: { $0._commandName == word }) {
                command = next
                path.append(word)
                continue
            }
            if command is any TakesArgument.Type { return }
            throw CommandFailure(
                "there is no command '\((path + [word]).joined(separator: " "))'; "
                    + Suggest.remedy(for: word, among: subcommands.map { $0._commandName }),
                ExitStatus.wrongArguments
            )
        }
    }
}
