public import Documents
public import EventModel
import Foundation

/// A part of a notification template: the text of one channel, or one field of a mail.
public enum NotificationPart: String, Sendable, Hashable, CaseIterable {
    /// The subject of a mail; one line.
    case subject
    /// The plain text of a mail.
    case text
    /// The HTML text of a mail; variables are escaped.
    case html
    /// A short message; spaces at its ends are dropped.
    case sms
    /// A message in Slack's markup; variables are escaped.
    case slack
}

/// What a file in `Workflows/<entity>/templates/` holds.
public struct NotificationTemplate: Sendable, Hashable {
    /// The name, which is the file's as well: `booking_confirmed`.
    public var name: String
    public var description: String
    /// The sources, by part.
    public var parts: [NotificationPart: String]

    /// Makes a template; whether its parts can be compiled is seen in the library.
    public init(name: String, description: String, parts: [NotificationPart: String]) {
        self.name = name
        self.description = description
        self.parts = parts
    }
}

/// All notification templates, compiled.
///
/// Parts can include and extend each other as `<template>.<part>`: `{% include 'footer.text' %}`.
public struct TemplateLibrary: Sendable {
    /// By name.
    public let templates: [String: NotificationTemplate]
    private let engine: TemplateEngine

    /// The library without any template.
    public static let empty = TemplateLibrary()

    private init() {
        templates = [:]
        engine = .empty
    }

    private init(templates: [String: NotificationTemplate], engine: TemplateEngine) {
        self.templates = templates
        self.engine = engine
    }

    /// Reads templates from the texts of their files.
    ///
    /// - Parameter texts: for each file its name, for messages, and its text.
    /// - Throws: all mistakes, those in the templates themselves with their lines in the files.
    public static func load(
        texts: [(file: String, text: String)]
    ) throws(Problems) -> TemplateLibrary {
        var problems: [Problem] = []
        var files: [NotificationTemplateFile] = []
        for (file, text) in texts.sorted(by: { $0.file < $1.file }) {
            do throws(Problems) {
                let read = try NotificationTemplateFile.parse(text, file: file)
                if let other = files.first(where: { $0.template.name == read.template.name }) {
                    let message =
                        "the template '\(read.template.name)' is in \(other.place.file) too"
                    problems.append(Problem(at: read.place, message, remedy: "rename one"))
                } else {
                    files.append(read)
                }
            } catch {
                problems += error.list
            }
        }
        var sources: [String: String] = [:]
        for file in files {
            for (part, source) in file.template.parts {
                sources["\(file.template.name).\(part.rawValue)"] = source
                problems += file.problems(in: part)
            }
        }
        guard problems.isEmpty else { throw Problems(problems) }
        let engine = try compile(sources)
        let missing = engine.missingReferences.map { error in
            files.lazy.compactMap { $0.problem(of: error) }.first ?? problem(of: error)
        }
        guard missing.isEmpty else { throw Problems(missing) }
        let byName = files.map { ($0.template.name, $0.template) }
        return TemplateLibrary(
            templates: Dictionary(uniqueKeysWithValues: byName),
            engine: engine
        )
    }

    private static func compile(_ sources: [String: String]) throws(Problems) -> TemplateEngine {
        do throws(TemplateError) {
            return try TemplateEngine(sources)
        } catch {
            throw Problems([problem(of: error)])
        }
    }

    private static func problem(of error: TemplateError) -> Problem {
        let place = Place(file: error.template, line: error.line, column: error.column)
        return Problem(at: place, error.message)
    }

    /// Reads every `<entity>/templates/*.yaml` of a folder of workflows; a missing folder has none.
    ///
    /// - Throws: all mistakes; a file that cannot be read is one.
    public static func load(workflows folder: String) throws(Problems) -> TemplateLibrary {
        let manager = FileManager.default
        var texts: [(file: String, text: String)] = []
        for entity in ((try? manager.contentsOfDirectory(atPath: folder)) ?? []).sorted() {
            let path = "\(folder)/\(entity)/templates"
            for name in ((try? manager.contentsOfDirectory(atPath: path)) ?? []).sorted()
            where name.hasSuffix(".yaml") {
                let file = "\(path)/\(name)"
                guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
                    let place = Place(file: file, line: 1, column: 1)
                    let remedy = "check that it may be read and is UTF-8"
                    throw Problems([Problem(at: place, "cannot be read", remedy: remedy)])
                }
                texts.append((file, text))
            }
        }
        return try load(texts: texts)
    }

    /// The names of all templates, sorted.
    public var names: [String] { templates.keys.sorted() }

    /// Makes the text of one part.
    ///
    /// - Returns: the text, or nil if the template has no such part.
    /// - Throws: ``TemplateError``; `missing_template` if there is no template of that name.
    public func render(
        _ template: String,
        _ part: NotificationPart,
        _ data: ValueMap
    ) throws(TemplateError) -> String? {
        guard let found = templates[template] else {
            let message = TemplateFailure.missing(template, among: templates.keys).message
            throw TemplateError(.missingTemplate, message, template: template, line: 0, column: 0)
        }
        guard found.parts[part] != nil else { return nil }
        let name = "\(template).\(part.rawValue)"
        let isMarkup = part == .html || part == .slack
        let text = try engine.render(name, data, escaping: isMarkup ? .html : .none)
        switch part {
        case .subject: return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        case .text, .html: return text
        case .sms: return TemplateFilter.trimmed(text)
        case .slack:
            // Slack knows only the entities of the three characters & < >.
            return TemplateFilter.trimmed(text).replacing("&#34;", with: "\"")
                .replacing("&#39;", with: "'")
        }
    }
}

/// A template with the places of its parts in its file.
private struct NotificationTemplateFile {
    var template: NotificationTemplate
    var place: Place
    private var nodes: [NotificationPart: Node]
    private var lines: [Substring]

    static func parse(_ text: String, file: String) throws(Problems) -> NotificationTemplateFile {
        let node: Node
        do throws(Problem) {
            node = try YAML.parse(text, file: file)
        } catch {
            throw Problems([error])
        }
        var reader = MappingReader(node, what: "a notification template")
        let name = reader.requiredText("template") ?? ""
        let description = reader.requiredText("description") ?? ""
        var parts: [NotificationPart: String] = [:]
        var nodes: [NotificationPart: Node] = [:]
        for part in NotificationPart.allCases {
            guard let source = reader.text(part.rawValue) else { continue }
            parts[part] = source
            nodes[part] = reader.node(part.rawValue)
        }
        let base = file.split(separator: "/").last.map(String.init) ?? file
        if !name.isEmpty, base.hasSuffix(".yaml"), base != "\(name).yaml" {
            let message = "the template '\(name)' stands in \(base)"
            reader.report(Problem(at: node.place, message, remedy: "name the file \(name).yaml"))
        }
        let isName = name.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F
        }
        if !isName {
            let remedy = "use small letters, digits and underscores"
            reader.report(
                Problem(at: node.place, "'\(name)' is no template's name", remedy: remedy)
            )
        }
        if parts.isEmpty {
            let remedy = "write at least one of subject, text, html, sms and slack"
            reader.report(Problem(at: node.place, "the template has no part", remedy: remedy))
        }
        let problems = reader.finish()
        guard problems.isEmpty else { throw Problems(problems) }
        return NotificationTemplateFile(
            template: NotificationTemplate(name: name, description: description, parts: parts),
            place: node.place,
            nodes: nodes,
            lines: text.split(separator: "\n", omittingEmptySubsequences: false)
        )
    }

    /// The mistakes of a part's source, looked at alone.
    func problems(in part: NotificationPart) -> [Problem] {
        do throws(TemplateError) {
            let name = "\(template.name).\(part.rawValue)"
            _ = try TemplateEngine([name: template.parts[part] ?? ""])
            return []
        } catch {
            return problem(of: error).map { [$0] } ?? []
        }
    }

    /// The mistake with its place in this file, or nil if it is in another one.
    func problem(of error: TemplateError) -> Problem? {
        for (part, node) in nodes where error.template == "\(template.name).\(part.rawValue)" {
            return Problem(at: place(of: error, in: node), error.message)
        }
        return nil
    }

    private func place(of error: TemplateError, in node: Node) -> Place {
        guard error.line > 0 else { return node.place }
        let line = lines.indices.contains(node.place.line - 1) ? lines[node.place.line - 1] : ""
        let start = line.dropFirst(node.place.column - 1).first
        // The text of a block begins on the line after its mark; other texts begin where they stand.
        guard start == "|" || start == ">" else { return node.place }
        let number = node.place.line + error.line
        let first = lines.indices.contains(node.place.line) ? lines[node.place.line] : ""
        let indentation = first.prefix { $0 == " " }.count
        return Place(file: node.place.file, line: number, column: error.column + indentation)
    }
}
