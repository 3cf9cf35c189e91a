/// A way to spoil the files of a store; each has a number of cases.
enum DamageKind: String, CaseIterable, Sendable {
    /// One byte is another: one bit of it, or all.
    case flip
    /// A file ends too early.
    case truncate
    /// A page is zeroed, full of noise, or another page of the file.
    case page
    /// A file or a folder is gone.
    case missing
    /// A file or a folder is as it was some time ago.
    case older
    /// A file or a folder is that of another log.
    case foreign
}

/// One thing that is wrong with a store.
struct Damage: Sendable {
    enum Change: Sendable {
        case flip(offset: Int, mask: UInt8)
        case truncate(length: Int)
        /// Puts bytes over what is there.
        case overwrite(offset: Int, bytes: [UInt8])
        case remove
        /// Another picture's files that begin like this.
        case exchange(Picture)
    }

    static let pageBytes = 4096

    /// A file's name, or the beginning of the names of several.
    var file: String
    var change: Change
    /// In words, for reports.
    var description: String

    /// The picture with the damage.
    func applied(to picture: Picture) -> Picture {
        var files: [(name: String, bytes: [UInt8])] = []
        for (name, bytes) in picture.files {
            guard name.hasPrefix(file) else {
                files.append((name, bytes))
                continue
            }
            var changed = bytes
            switch change {
            case .flip(let offset, let mask): changed[offset] ^= mask
            case .truncate(let length): changed.removeSubrange(min(length, changed.count)...)
            case .overwrite(let offset, let bytes):
                for (index, byte) in bytes.enumerated() where offset + index < changed.count {
                    changed[offset + index] = byte
                }
            case .remove, .exchange: continue
            }
            files.append((name, changed))
        }
        if case .exchange(let other) = change {
            files += other.files.filter { $0.name.hasPrefix(file) }
        }
        return Picture(files: files)
    }
}

/// All cases of one kind of damage.
struct DamagePlan {
    /// What there is to spoil.
    let picture: Picture
    /// The same store some operations ago.
    let older: Picture
    /// A store of another seed.
    let foreign: Picture
    let seed: UInt64
    /// About how many cases are wanted; 0 for all.
    let sample: Int

    func cases(_ kind: DamageKind) -> [Damage] {
        switch kind {
        case .flip: flips()
        case .truncate: sampled(picture.files.flatMap(truncations))
        case .page: sampled(picture.files.flatMap(pages))
        case .missing:
            groups.map { Damage(file: $0, change: .remove, description: "\($0) is gone") }
        case .older: exchanges(older, "is an older one")
        case .foreign: exchanges(foreign, "is another log's")
        }
    }

    /// Locks hold nothing that is kept; a look at some of their bytes is enough.
    private static func isLock(_ name: String) -> Bool { name.hasSuffix("lock.mdb") }

    private func flips() -> [Damage] {
        var random = SeededRandom(seed, 11)
        var damages: [Damage] = []
        let total = picture.files.reduce(0) { $0 + offsets($1).count }
        for file in picture.files {
            for offset in offsets(file) {
                // Small files are looked at closely: every byte, or some of each.
                let isSmall =
                    file.bytes.count <= 1024 && (sample >= 100 || random.below(16) == 0)
                let isChosen = sample == 0 || isSmall || random.below(total) < sample
                guard isChosen else { continue }
                let isWhole = random.below(4) == 0
                let mask: UInt8 = isWhole ? 0xFF : 1 << UInt8(random.below(8))
                damages.append(
                    Damage(
                        file: file.name,
                        change: .flip(offset: offset, mask: mask),
                        description: "\(file.name) byte \(offset) xor \(mask)"
                    )
                )
            }
        }
        return damages
    }

    /// How long a stretch of zeros may be of which every byte is tried.
    private static let zerosMax = 64

    /// Every byte, but of long stretches of zeros the first and then every 64th, of those at the end
    /// and of locks still less.
    private func offsets(_ file: (name: String, bytes: [UInt8])) -> [Int] {
        let used = (file.bytes.lastIndex { $0 != 0 } ?? -1) + 1
        let dense = min(
            file.bytes.count,
            DamagePlan.isLock(file.name) ? 256 : used + DamagePlan.zerosMax
        )
        var offsets: [Int] = []
        var zeros = 0
        for offset in 0..<dense {
            zeros = file.bytes[offset] == 0 ? zeros + 1 : 0
            let isLong = zeros > DamagePlan.zerosMax
            if !isLong || zeros % DamagePlan.zerosMax == 0 { offsets.append(offset) }
        }
        return offsets + Array(stride(from: dense, to: file.bytes.count, by: 4096))
    }

    private func truncations(_ file: (name: String, bytes: [UInt8])) -> [Damage] {
        let pages = stride(from: 0, to: file.bytes.count, by: Damage.pageBytes)
        let odd = pages.flatMap { [$0 + 1, $0 + 2048, $0 + 4095] }
        return (Array(pages) + odd).filter { $0 < file.bytes.count }.sorted().map { length in
            Damage(
                file: file.name,
                change: .truncate(length: length),
                description: "\(file.name) ends after \(length) bytes"
            )
        }
    }

    private func pages(_ file: (name: String, bytes: [UInt8])) -> [Damage] {
        var random = SeededRandom(seed, 12)
        let size = Damage.pageBytes
        let used = (file.bytes.lastIndex { $0 != 0 } ?? -1) + 1
        return stride(from: 0, to: used, by: size).flatMap { offset in
            let noise = (0..<size / 8).map { _ in random.next() }
            let other = random.below((used + size - 1) / size) * size
            let copy = Array(file.bytes[other..<min(other + size, file.bytes.count)])
            let zeros = [UInt8](repeating: 0, count: size)
            let contents: [(String, [UInt8])] = [
                ("is zeroed", zeros), ("is noise", noise.withUnsafeBytes { Array($0) }),
                ("has a zeroed half", Array(zeros.prefix(size / 2))),
                ("holds what is at \(other)", copy),
            ]
            return contents.map { name, bytes in
                Damage(
                    file: file.name,
                    change: .overwrite(offset: offset, bytes: bytes),
                    description: "\(file.name): the page at \(offset) \(name)"
                )
            }
        }
    }

    /// Every file, and every folder with all that is in it.
    private var groups: [String] {
        let names = picture.files.map(\.name).filter { $0 != "lock" }
        let folders = Set(
            names.compactMap { name in
                name.lastIndex(of: "/").map { String(name[...$0]) }
            }
        )
        return (names + folders).sorted()
    }

    private func exchanges(_ other: Picture, _ words: String) -> [Damage] {
        groups.map {
            Damage(file: $0, change: .exchange(other), description: "\($0) \(words)")
        }
    }

    private func sampled(_ damages: [Damage]) -> [Damage] {
        guard sample > 0, damages.count > sample else { return damages }
        var random = SeededRandom(seed, 13)
        return damages.filter { _ in random.below(damages.count) < sample }
    }
}
