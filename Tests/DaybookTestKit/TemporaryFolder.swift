import Foundation

/// A folder that is there for one test and removed with this object.
public final class TemporaryFolder: Sendable {
    /// The folder's absolute path.
    public let path: String

    /// Makes an empty folder under the system's folder for such things.
    public init(_ name: String = "daybook") throws {
        let root = FileManager.default.temporaryDirectory
        let folder = root.appendingPathComponent("\(name)-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of something in the folder.
    public func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Copies a file or a folder within the folder, in place of an older copy.
    public func copy(_ source: String, to target: String) throws {
        try? FileManager.default.removeItem(atPath: file(target))
        try FileManager.default.copyItem(atPath: file(source), toPath: file(target))
    }

    /// Removes a file or a folder with everything in it.
    public func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: file(name))
    }

    /// The bytes of a file.
    public func bytes(of name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: file(name))))
    }

    /// Replaces the bytes of a file.
    public func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
    }
}
