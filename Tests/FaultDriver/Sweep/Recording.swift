/// What a process did to files, in order, as the shim recorded it.
struct Recording {
    enum Kind: UInt32 {
        case write = 1
        case sync, create, rename, unlink, truncate, allocate, note, mapped, folder, durableWrite
    }

    struct Entry {
        var kind: Kind
        /// From the folder on, without the slash; of a note, nothing.
        var path: String
        var offset: Int
        var data: [UInt8]
    }

    let entries: [Entry]

    /// Reads a recording; its end may be missing.
    init(_ bytes: [UInt8]) {
        var entries: [Entry] = []
        var place = 0
        func number(_ count: Int) -> Int {
            defer { place += count }
            return (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << ($1 * 8) }
        }
        while place + 24 <= bytes.count {
            let kind = Kind(rawValue: UInt32(number(4)))
            let (pathCount, offset, count) = (number(4), number(8), number(8))
            guard let kind, place + pathCount + count <= bytes.count else { break }
            let path = String(decoding: bytes[place..<place + pathCount], as: UTF8.self)
            let data = Array(bytes[place + pathCount..<place + pathCount + count])
            place += pathCount + count
            let name = String(path.drop { $0 == "/" })
            entries.append(Entry(kind: kind, path: name, offset: offset, data: data))
        }
        self.entries = entries
    }
}

/// A disk with a cache that a power failure empties, as the entries of a recording fill it.
///
/// What was written before the last sync of its file is there. Of what came after, each piece may be
/// there or not, in any order, and a piece may be torn at 512 bytes. Names are journaled: they
/// become permanent in their order, and a sync of a file or a folder brings all that came before.
struct PowerModel {
    private struct File {
        var durable: [UInt8] = []
        var pending: [Change] = []
    }

    private enum Change {
        case write(offset: Int, data: [UInt8])
        /// Shorter, or longer with zeros.
        case resize(Int)
        /// At least so long.
        case grow(Int)
    }

    private enum Name {
        case link(String, Int)
        case rename(String, String)
        case unlink(String)
    }

    private var files: [File] = []
    private var now: [String: Int] = [:]
    private var durableNames: [String: Int] = [:]
    private var pendingNames: [Name] = []

    mutating func apply(_ entry: Recording.Entry) {
        switch entry.kind {
        case .create:
            files.append(File())
            change(.link(entry.path, files.count - 1))
        case .rename:
            let target = String(
                decoding: entry.data.drop { $0 == UInt8(ascii: "/") },
                as: UTF8.self
            )
            change(.rename(entry.path, target))
        case .unlink: change(.unlink(entry.path))
        case .write, .mapped: add(.write(offset: entry.offset, data: entry.data), entry.path)
        case .truncate: add(.resize(entry.offset), entry.path)
        case .allocate: add(.grow(entry.offset), entry.path)
        case .durableWrite:
            guard let number = now[entry.path] else { return }
            PowerModel.apply(.write(offset: entry.offset, data: entry.data), &files[number].durable)
            files[number].pending.append(.write(offset: entry.offset, data: entry.data))
        case .sync:
            if let number = now[entry.path] {
                for change in files[number].pending {
                    PowerModel.apply(change, &files[number].durable)
                }
                files[number].pending = []
            }
            durableNames = now
            pendingNames = []
        case .note, .folder: break
        }
    }

    private mutating func change(_ name: Name) {
        PowerModel.apply(name, &now)
        pendingNames.append(name)
    }

    private mutating func add(_ change: Change, _ path: String) {
        guard let number = now[path] else { return }
        files[number].pending.append(change)
    }

    private static func apply(_ name: Name, _ names: inout [String: Int]) {
        switch name {
        case .link(let path, let number): names[path] = number
        case .rename(let source, let target):
            names[target] = names[source]
            names[source] = nil
        case .unlink(let path): names[path] = nil
        }
    }

    private static func apply(_ change: Change, _ bytes: inout [UInt8]) {
        switch change {
        case .write(let offset, let data):
            extend(&bytes, to: offset + data.count)
            bytes.replaceSubrange(offset..<offset + data.count, with: data)
        case .resize(let count):
            if count < bytes.count { bytes.removeSubrange(count...) }
            extend(&bytes, to: count)
        case .grow(let count): extend(&bytes, to: count)
        }
    }

    private static func extend(_ bytes: inout [UInt8], to count: Int) {
        guard bytes.count < count else { return }
        bytes += [UInt8](repeating: 0, count: count - bytes.count)
    }

    /// How much of what is not certain a failure takes.
    enum Loss { case everything, nothing, some(UInt64) }

    /// The files after a power failure now.
    func picture(_ loss: Loss) -> Picture {
        var random = SeededRandom(0)
        var names = durableNames
        switch loss {
        case .everything: break
        case .nothing: names = now
        case .some(let seed):
            random = SeededRandom(seed, 61)
            let kept = random.below(pendingNames.count + 1)
            for name in pendingNames.prefix(kept) { PowerModel.apply(name, &names) }
        }
        let found = names.sorted { $0.key < $1.key }.map { name, number in
            (name: name, bytes: content(of: files[number], loss, &random))
        }
        return Picture(files: found)
    }

    private func content(of file: File, _ loss: Loss, _ random: inout SeededRandom) -> [UInt8] {
        var bytes = file.durable
        switch loss {
        case .everything: return bytes
        case .nothing:
            for change in file.pending { PowerModel.apply(change, &bytes) }
        case .some:
            let chance = random.below(5)
            for change in file.pending where random.below(4) < chance {
                PowerModel.apply(torn(change, &random), &bytes)
            }
        }
        return bytes
    }

    /// One write in three is there only in part, whole sectors of it.
    private func torn(_ change: Change, _ random: inout SeededRandom) -> Change {
        guard case .write(let offset, let data) = change, data.count > 512, random.below(3) == 0
        else { return change }
        let first = 512 - offset % 512
        let cuts = [0] + stride(from: first, to: data.count, by: 512) + [data.count]
        let begin = random.below(cuts.count - 1)
        let end = begin + 1 + random.below(cuts.count - 1 - begin)
        return .write(offset: offset + cuts[begin], data: Array(data[cuts[begin]..<cuts[end]]))
    }
}
