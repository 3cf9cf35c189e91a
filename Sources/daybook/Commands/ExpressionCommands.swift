import ArgumentParser
import CEL
import Documents
import EventModel
import Foundation
import Runtime

/// `daybook expr`: try expressions out and check them.
struct ExpressionCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "expr",
        abstract: "Evaluate and check expressions (docs/expressions.md).",
        discussion: """
            EXAMPLES:
              daybook expr eval "1 + 1"
              daybook expr eval "input.amount > 100" --with variables.yaml
              daybook expr eval "Dear {{ input.name }}" --template --with variables.yaml
              daybook expr check "input.amuont > 100" --types declarations.yaml --wanted bool
            """,
        subcommands: [Evaluate.self, Check.self]
    )

    struct Evaluate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "eval",
            abstract: "Print the value of an expression."
        )

        @Argument(help: "The expression.")
        var expression: String
        @Option(help: ArgumentHelp("Variables, as YAML or JSON.", valueName: "file"))
        var with: String?
        @Option(
            help: ArgumentHelp(
                "The time that 'now' is, in RFC 3339; else the present.",
                valueName: "time"
            )
        )
        var at: String?
        @Flag(help: "The text has {{ }} in it, as in a workflow.")
        var template = false
        @OptionGroup var output: OutputOptions

        func run() async throws {
            var variables = try ExpressionFiles.variables(with)
            if variables["now"] == nil || at != nil {
                variables["now"] = .timestamp(try ExpressionFiles.time(at))
            }
            do throws(CELError) {
                let functions = FunctionLibrary.workflows
                let value =
                    template
                    ? try Interpolation.compile(expression, functions: functions)
                        .evaluate(variables)
                    : try Expression.compile(expression, functions: functions)
                        .evaluate(variables)
                if !output.json, case .string(let text) = value {
                    Terminal.out(text)
                } else {
                    Terminal.out((try? JSON.text(value)) ?? "\(value)")
                }
            } catch {
                throw CommandFailure(error.rendered)
            }
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check",
            abstract: "Print the type of an expression, or all its mistakes.",
            discussion: """
                Without --types and --with, every name is a variable of unknown type, and only what is \
                surely wrong is reported.
                """
        )

        @Argument(help: "The expression.")
        var expression: String
        @Option(help: ArgumentHelp("Types of the variables, as YAML or JSON.", valueName: "file"))
        var types: String?
        @Option(help: ArgumentHelp("Variables whose types are taken.", valueName: "file"))
        var with: String?
        @Option(help: ArgumentHelp("The type that it must have.", valueName: "type"))
        var wanted: String = "dyn"
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let environment = ExpressionEnvironment(
                functions: .workflows,
                variables: try declarations()
            )
            let wantedType: ExpressionType
            do throws(CELError) {
                wantedType = try ExpressionType(wanted)
            } catch {
                throw CommandFailure(error.rendered, ExitStatus.wrongArguments)
            }
            let check = ExpressionCheck(expression, environment: environment, wanted: wantedType)
            if output.json {
                Terminal.out(try JSON.text(check.value))
            } else if check.mistakes.isEmpty {
                Terminal.out(check.type.description)
            }
            guard check.mistakes.isEmpty else {
                let text = check.mistakes.map(\.rendered).joined(separator: "\n")
                throw CommandFailure(output.json ? "\(check.mistakes.count) mistakes" : text)
            }
        }

        private func declarations() throws -> [String: ExpressionType]? {
            guard types != nil || with != nil else { return nil }
            var declared: [String: ExpressionType] = ["now": .timestamp]
            for entry in try ExpressionFiles.variables(with).entries {
                guard case .string(let name) = entry.key else { continue }
                declared[name] = ExpressionType(of: entry.value, named: name)
            }
            for entry in try ExpressionFiles.variables(types).entries {
                guard case .string(let name) = entry.key else { continue }
                do throws(CELError) {
                    declared[name] = try ExpressionType(declaration: entry.value, named: name)
                } catch {
                    throw CommandFailure(
                        "\(types ?? ""): \(name): \(error.rendered)",
                        ExitStatus.badInput
                    )
                }
            }
            return declared
        }
    }
}

extension ExpressionCheck {
    /// What `--json` writes.
    fileprivate var value: Value {
        let mistakes = mistakes.map { mistake -> Value in
            [
                "code": .string(mistake.code.rawValue), "message": .string(mistake.message),
                "line": .int(Int64(mistake.line)), "column": .int(Int64(mistake.column)),
            ]
        }
        return ["type": .string(type.description), "mistakes": .list(mistakes)]
    }
}

/// The files that the commands read.
private enum ExpressionFiles {
    static func variables(_ file: String?) throws -> ValueMap {
        guard let file else { return [:] }
        let text = try Library.read(file)
        do throws(Problem) {
            guard let map = try YAML.parse(text, file: file).value.mapValue else {
                throw Problem(
                    at: Place(file: file, line: 1, column: 1),
                    "the file holds no mapping of names"
                )
            }
            return map
        } catch {
            throw CommandFailure(Problems([error]), ExitStatus.badInput)
        }
    }

    static func time(_ text: String?) throws(CommandFailure) -> Timestamp {
        guard let text else {
            return Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        }
        do throws(TextFormatError) {
            return try Timestamp(rfc3339: text)
        } catch {
            throw CommandFailure(
                "--at is no time as in 2026-12-01T10:00:00Z: \(error)",
                ExitStatus.wrongArguments
            )
        }
    }
}
