import Foundation
import Testing

/// How big a file and a function may get, and what must not stand in the sources.
@Suite struct SizeTests {
    static let linesPerFileMax = 800
    static let linesPerFunctionMax = 70

    @Test func filesStayReadable() {
        for file in SourceTree.swiftSources + SourceTree.swiftTests
        where file.lines.count > Self.linesPerFileMax {
            Issue.record("\(file.path): \(file.lines.count) lines, more than a room holds")
        }
    }

    @Test func functionsStayReadable() {
        for file in SourceTree.swiftSources {
            for function in Self.functions(of: file.lines)
            where function.lineCount > Self.linesPerFunctionMax {
                Issue.record(
                    "\(file.path):\(function.line): \(function.lineCount) lines in one function"
                )
            }
        }
    }

    @Test func nothingIsLeftForLater() {
        let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X:", "HA" + "CK"]
        for file in SourceTree.swiftSources + SourceTree.swiftTests {
            for (number, line) in file.lines.enumerated() {
                for word in words where line.contains(word) {
                    Issue.record("\(file.path):\(number + 1): \(word)")
                }
            }
        }
    }

    @Test func noForcedTryOrCastOutsideTests() {
        for file in SourceTree.swiftSources {
            for (number, line) in file.lines.enumerated() {
                let code = line.trimmingCharacters(in: .whitespaces)
                guard !code.hasPrefix("//") else { continue }
                for word in ["try!", " as! "] where code.contains(word) {
                    Issue.record("\(file.path):\(number + 1): \(word)")
                }
            }
        }
    }

    @Test func everyModuleProvesItsFeatureFlags() {
        for module in ImportTests.allowed.keys {
            let path = "Sources/\(module)/FeatureFlags.swift"
            #expect(SourceTree.swiftSources.contains { $0.path == path }, "\(path) is missing")
        }
    }

    @Test func measuresFunctions() {
        let text = """
            struct A {
                func one() {
                    two()
                }

                init() {
                }
            }
            """
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let functions = Self.functions(of: lines)
        #expect(functions.map(\.line) == [2, 6])
        #expect(functions.map(\.lineCount) == [3, 2])
    }

    struct Function {
        let line: Int
        let lineCount: Int
    }

    /// Functions of formatted code: the closing brace stands alone at the indentation of the first line.
    static func functions(of lines: [Substring]) -> [Function] {
        var functions: [Function] = []
        for (number, line) in lines.enumerated() {
            let code = line.drop { $0 == " " }
            let indentation = line.count - code.count
            let words = code.split(separator: " ").prefix(6)
            guard words.contains("func") || words.contains(where: { $0.hasPrefix("init(") }),
                !code.hasPrefix("//"), !code.hasPrefix("case"), !code.hasPrefix("self.")
            else { continue }
            let end = String(repeating: " ", count: indentation) + "}"
            var last = number
            while last < lines.count, lines[last] != end, last - number < 400 {
                // A declaration without a body ends where the next line is no deeper.
                if last > number, !lines[last].isEmpty,
                    !lines[last].hasPrefix(" " + end.dropLast()),
                    !lines[last].hasPrefix(end.dropLast() + ")"),
                    !lines[last].hasPrefix(end.dropLast() + "{"),
                    !lines[last].hasPrefix(end.dropLast() + "where")
                {
                    break
                }
                last += 1
            }
            guard last < lines.count, lines[last] == end else { continue }
            functions.append(Function(line: number + 1, lineCount: last - number + 1))
        }
        return functions
    }
}
