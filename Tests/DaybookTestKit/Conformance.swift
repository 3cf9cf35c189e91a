public import Foundation

/// Finds the conformance sets: other people's test data that does not live in this repository.
public enum Conformance {
    /// The folder of a set, or nil (after a message) where the sets are not at hand.
    public static func folder(_ name: String) -> URL? {
        let environment = ProcessInfo.processInfo.environment["DAYBOOK_CONFORMANCE"]
        let root = environment ?? "../shared/conformance"
        let folder = URL(fileURLWithPath: root).appendingPathComponent(name)
        var isDirectory: ObjCBool = false
        if FileManager.default.fileExists(atPath: folder.path, isDirectory: &isDirectory),
            isDirectory.boolValue
        {
            return folder
        }
        print("conformance \(name): skipped, no folder \(folder.path); set DAYBOOK_CONFORMANCE")
        return nil
    }

    /// Prints the one line that a conformance suite ends with.
    public static func report(_ name: String, passed: Int, total: Int) {
        print("conformance \(name): \(passed)/\(total)")
    }
}
