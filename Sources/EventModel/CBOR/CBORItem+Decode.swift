extension CBORItem {
    /// Reads exactly one item.
    ///
    /// - Parameters:
    ///   - bytes: the item, with nothing after it.
    ///   - mode: whether any valid encoding is taken or only the deterministic one.
    /// - Returns: the item.
    /// - Throws: ``CBORError`` with the place of the first mistake.
    public static func decode(
        _ bytes: [UInt8],
        mode: Mode = .lenient
    ) throws(CBORError) -> CBORItem {
        let result = bytes.withUnsafeBytes { buffer -> Result<CBORItem, CBORError> in
            do throws(CBORError) {
                var reader = CBORReader(buffer, isStrict: mode == .strict)
                let item = try reader.item(depth: 0)
                try reader.finish()
                return .success(item)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

extension CBORReader {
    fileprivate mutating func item(depth: Int) throws(CBORError) -> CBORItem {
        try item(try head(), depth: depth)
    }

    fileprivate mutating func item(_ head: CBORHead, depth: Int) throws(CBORError) -> CBORItem {
        guard depth <= Limits.nestingDepthMax else {
            let message = "nested deeper than \(Limits.nestingDepthMax) levels"
            throw CBORError(.depthLimit, at: head.offset, message)
        }
        switch head.major {
        case .unsigned: return .unsigned(head.argument)
        case .negative: return .negative(head.argument)
        case .bytes:
            guard head.isIndefinite else { return .bytes(Array(try content(head))) }
            return .bytes(try chunkedBytes())
        case .text:
            guard head.isIndefinite else { return .text(try string(head)) }
            return .text(try chunkedText())
        case .array: return .array(try elements(head, depth: depth))
        case .map: return .map(try members(head, depth: depth))
        case .tag: return try tagged(head, depth: depth)
        case .simple: return try simple(head)
        }
    }

    private mutating func chunkedBytes() throws(CBORError) -> [UInt8] {
        var all: [UInt8] = []
        while let chunk = try chunkHead(.bytes) { all.append(contentsOf: try content(chunk)) }
        return all
    }

    private mutating func chunkedText() throws(CBORError) -> String {
        // Each chunk must be UTF-8 by itself (RFC 8949 section 3.2.3).
        var all = ""
        while let chunk = try chunkHead(.text) { all += try string(chunk) }
        return all
    }

    private mutating func chunkHead(_ major: CBORMajor) throws(CBORError) -> CBORHead? {
        let head = try head()
        guard !head.isBreak else { return nil }
        guard head.major == major, !head.isIndefinite else {
            let message = "a chunk must be a string of the same type with a definite length"
            throw CBORError(.malformed, at: head.offset, message)
        }
        return head
    }

    private mutating func elements(
        _ head: CBORHead,
        depth: Int
    ) throws(CBORError) -> [CBORItem] {
        var items: [CBORItem] = []
        if head.isIndefinite {
            while true {
                let next = try self.head()
                guard !next.isBreak else { return items }
                items.append(try item(next, depth: depth + 1))
            }
        }
        for _ in 0..<(try count(head)) { items.append(try item(depth: depth + 1)) }
        return items
    }

    private mutating func members(
        _ head: CBORHead,
        depth: Int
    ) throws(CBORError) -> [CBORItem.Member] {
        var members: [CBORItem.Member] = []
        var keys = Set<[UInt8]>()
        var previous: [UInt8] = []
        let count = head.isIndefinite ? Int.max : try count(head)
        while members.count < count {
            let keyHead = try self.head()
            if head.isIndefinite, keyHead.isBreak { break }
            let key = try item(keyHead, depth: depth + 1)
            let encoded = key.encode()
            if isStrict, !members.isEmpty, !previous.lexicographicallyPrecedes(encoded) {
                let isTwin = previous == encoded
                throw CBORError(
                    isTwin ? .duplicateKey : .notDeterministic,
                    at: keyHead.offset,
                    isTwin ? "the key comes twice" : "the keys are not in order"
                )
            }
            guard keys.insert(encoded).inserted else {
                throw CBORError(.duplicateKey, at: keyHead.offset, "the key comes twice")
            }
            previous = encoded
            members.append(CBORItem.Member(key: key, value: try item(depth: depth + 1)))
        }
        return members
    }

    private mutating func tagged(_ head: CBORHead, depth: Int) throws(CBORError) -> CBORItem {
        let contentOffset = offset
        let content = try item(depth: depth + 1)
        func fail(_ wanted: String) -> CBORError {
            CBORError(.tagContent, at: contentOffset, "tag \(head.argument) needs \(wanted)")
        }
        switch head.argument {
        case CBORTag.dateTimeText:
            guard case .text = content else { throw fail("a text") }
        case CBORTag.epochSeconds:
            switch content {
            case .unsigned, .negative, .float: break
            case .bignum, .bytes, .text, .array, .map, .tag, .bool, .null, .undefined, .simple:
                throw fail("a number")
            }
        case CBORTag.unsignedBignum, CBORTag.negativeBignum:
            guard case .bytes(let bytes) = content else { throw fail("a byte string") }
            let isNegative = head.argument == CBORTag.negativeBignum
            if isStrict, bytes.count <= 8 || bytes.first == 0 {
                let message = "the bignum is longer than needed"
                throw CBORError(.notDeterministic, at: head.offset, message)
            }
            return .integer(isNegative: isNegative, bigEndian: bytes)
        default:
            break
        }
        return .tag(head.argument, content)
    }

    private func simple(_ head: CBORHead) throws(CBORError) -> CBORItem {
        switch head.information {
        case 20: return .bool(false)
        case 21: return .bool(true)
        case 22: return .null
        case 23: return .undefined
        case 0..<20: return .simple(head.information)
        case 24:
            guard head.argument >= 32 else {
                let message = "a simple value below 32 has a one-byte head"
                throw CBORError(.malformed, at: head.offset, message)
            }
            return .simple(UInt8(truncatingIfNeeded: head.argument))
        case 25, 26, 27: return .float(try float(head))
        default:
            throw CBORError(.malformed, at: head.offset, "a break where an item should be")
        }
    }
}
