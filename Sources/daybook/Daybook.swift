import ArgumentParser

/// The command line.
@main
struct Daybook: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daybook",
        abstract: "An event-sourced workflow engine for Notion and Supabase."
    )
}
