import Documents
import Foundation
import Testing
import WorkflowEngine

/// The steps that the guide shows are steps.
@Suite struct GuideTests {
    private static func blocks() throws -> [String] {
        let guide = try String(contentsOfFile: "docs/workflows.md", encoding: .utf8)
        return guide.components(separatedBy: "```yaml\n").dropFirst().compactMap { part in
            part.components(separatedBy: "\n```").first
        }
    }

    /// A block of steps as a workflow: what stands before the first step and dots are not for reading.
    private static func workflow(_ block: String) -> String {
        let steps = block.replacingOccurrences(of: "[…]", with: "[{name: NAME, set: {x: 1}}]")
        var text = "workflow: w\nsteps:\n"
        var count = 0
        for part in steps.components(separatedBy: "NAME") {
            text += count == 0 ? part : "x\(count)" + part
            count += 1
        }
        return text
    }

    @Test func showsStepsThatCanBeRead() throws {
        let blocks = try Self.blocks().filter { $0.hasPrefix("- ") }
        #expect(blocks.count >= 10)
        for block in blocks {
            do throws(Problems) {
                _ = try WorkflowDefinition.parse(
                    Self.workflow(block),
                    file: "guide.yaml",
                    actions: nil
                )
            } catch {
                // An excerpt may speak of what stands before it; anything else is a mistake.
                let wrong = error.list.filter { problem in
                    !["there is no step", "no step sets", "has not run", "never reached"].contains {
                        problem.message.contains($0)
                    }
                }
                #expect(wrong.isEmpty, "\(block)\n\(wrong)")
            }
        }
    }
}
