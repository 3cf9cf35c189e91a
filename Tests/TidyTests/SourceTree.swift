import Foundation

/// The files of this repository, as the tidy tests see them.
enum SourceTree {
    struct File: Sendable {
        /// From the root of the repository: `Sources/CEL/Lexer.swift`.
        let path: String
        let lines: [Substring]

        /// The part after `Sources/` or `Tests/`, up to the next slash.
        var module: String {
            let parts = path.split(separator: "/")
            return parts.count > 2 ? String(parts[1]) : ""
        }
    }

    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// All files below a folder with one of the endings, in the order of their paths.
    static func files(below folder: String, endings: Set<String>) -> [File] {
        let start = root.appendingPathComponent(folder)
        guard
            let walker = FileManager.default.enumerator(at: start, includingPropertiesForKeys: nil)
        else { return [] }
        var files: [File] = []
        for case let url as URL in walker where endings.contains(url.pathExtension) {
            guard let text = try? String(contentsOf: url, encoding: .utf8) else { continue }
            let path = String(url.path.dropFirst(root.path.count + 1))
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            files.append(File(path: path, lines: lines))
        }
        return files.sorted { $0.path < $1.path }
    }

    /// One file, or nil if it is not there.
    static func file(_ path: String) -> File? {
        let url = root.appendingPathComponent(path)
        guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
        return File(
            path: path,
            lines: text.split(separator: "\n", omittingEmptySubsequences: false)
        )
    }

    /// Every text file but what builds and runs leave behind.
    static func everything() -> [File] {
        let walker = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
        var files: [File] = []
        while let url = walker?.nextObject() as? URL {
            // What a build or a run left behind is not ours, wherever it lies.
            let name = url.lastPathComponent
            if name == ".git" || name == "data" || name.hasPrefix(".build") {
                walker?.skipDescendants()
            } else if let file = file(String(url.path.dropFirst(root.path.count + 1))) {
                files.append(file)
            }
        }
        return files.sorted { $0.path < $1.path }
    }

    static let swiftSources = files(below: "Sources", endings: ["swift"])
    static let swiftTests = files(below: "Tests", endings: ["swift"])
}
