extension EventRecord {
    /// Records of which only the log knows the rest: the revision and the time.
    ///
    /// Everything else is checked and encoded once, by whoever proposes the events, and lies in one
    /// buffer; to finish a record is then to copy three pieces and to write two numbers.
    ///
    /// Sendable because nothing in it changes any more.
    public final class Drafts: @unchecked Sendable {
        /// The pieces of one record's body, as offsets into the buffer.
        fileprivate struct Draft: Sendable {
            /// From here to the revision.
            var begin: Int
            /// From after the revision to the time.
            var revision: Int
            /// From after the time to the end.
            var time: Int
            var end: Int
        }

        /// The longest head of a number, which is what stands for a revision or a time.
        private static let numberByteCountMax = 9

        private let drafts: [Draft]
        private let memory: UnsafeRawBufferPointer

        fileprivate init(_ drafts: [Draft], _ memory: UnsafeMutableRawBufferPointer) {
            self.drafts = drafts
            self.memory = UnsafeRawBufferPointer(memory)
        }

        deinit { memory.deallocate() }

        /// How many records there are.
        public var count: Int { drafts.count }

        /// How many bytes all records can take at the most, their frames included.
        public var byteCountMax: Int {
            let extra = EventRecord.frameByteCount + 2 * Drafts.numberByteCountMax
            return memory.count + drafts.count * extra
        }

        /// How many bytes a record takes, its frame included.
        public func byteCount(of index: Int, revision: Revision, microseconds: Int64) -> Int {
            let draft = drafts[index]
            let numbers =
                CBORHead.byteCount(revision) + CBORHead.byteCount(signed: microseconds)
            return EventRecord.frameByteCount + draft.end - draft.begin + numbers
        }

        /// Writes a whole record.
        ///
        /// - Parameters:
        ///   - index: which one, in the order in which they were added.
        ///   - revision: the event's place in its stream.
        ///   - microseconds: when the log took it, since 1970.
        ///   - target: where to; as many bytes as the record takes.
        public func write(
            _ index: Int,
            revision: Revision,
            microseconds: Int64,
            to target: UnsafeMutableRawBufferPointer
        ) {
            let draft = drafts[index]
            guard let base = target.baseAddress else { return }
            precondition(
                target.count
                    == byteCount(of: index, revision: revision, microseconds: microseconds),
                "a record must fill its place"
            )
            guard let source = memory.baseAddress else { return }
            var next = base + EventRecord.frameByteCount
            next = copy(source, draft.begin..<draft.revision, to: next)
            next = CBORHead.write(.unsigned, revision, to: next)
            next = copy(source, draft.revision..<draft.time, to: next)
            next = CBORHead.write(signed: microseconds, to: next)
            _ = copy(source, draft.time..<draft.end, to: next)
            EventRecord.writeFrame(of: target)
        }

        private func copy(
            _ source: UnsafeRawPointer,
            _ range: Range<Int>,
            to target: UnsafeMutableRawPointer
        ) -> UnsafeMutableRawPointer {
            target.copyMemory(from: source + range.lowerBound, byteCount: range.count)
            return target + range.count
        }
    }
}

extension EventRecord {
    /// Checks and encodes events, one after the other, to ``Drafts``.
    public struct DraftWriter: ~Copyable {
        private var writer: CBORWriter
        private var drafts: [Drafts.Draft] = []

        /// Begins without records.
        ///
        /// - Parameter count: how many there will be, for the buffer's size.
        public init(capacity count: Int = 1) {
            drafts.reserveCapacity(count)
            writer = CBORWriter(capacity: count * 384)
            writer.depthMax = Limits.nestingDepthMax
        }

        /// How many bytes all records take at the least.
        public var byteCountMin: Int {
            writer.count + drafts.count * (EventRecord.frameByteCount + 2)
        }

        /// Checks an event and adds it.
        ///
        /// - Parameters:
        ///   - event: what to write.
        ///   - stream: the stream that it goes to.
        ///   - bytesMax: how large a record may become, in bytes.
        /// - Throws: ``EventRecordError`` if an envelope text breaks its rule, if the data is nested
        ///   deeper than ``Limits/nestingDepthMax``, or if the record is certainly too large.
        public mutating func append(
            _ event: borrowing ProposedEvent,
            stream: borrowing StreamName,
            bytesMax: Int = Limits.eventBytesMax
        ) throws(EventRecordError) {
            try Envelope.check(
                type: event.type,
                schema: event.schema,
                entity: event.entity,
                actor: event.actor
            )
            var draft = Drafts.Draft(begin: writer.count, revision: 0, time: 0, end: 0)
            EventRecord.writeBegin(id: event.id, stream: stream.text, to: &writer)
            draft.revision = writer.count
            EventRecord.writeKind(type: event.type, schema: event.schema, to: &writer)
            draft.time = writer.count
            EventRecord.writeRest(
                entity: event.entity,
                actor: event.actor,
                correlation: event.correlation ?? event.id,
                causation: event.causation,
                data: event.data,
                metadata: event.metadata,
                to: &writer
            )
            guard !writer.isTooDeep else { throw EventRecord.tooDeep }
            draft.end = writer.count
            let byteCount = EventRecord.frameByteCount + 2 + draft.end - draft.begin
            guard byteCount <= bytesMax, UInt32(exactly: byteCount + 16) != nil else {
                throw EventRecord.tooLarge(
                    event.type,
                    byteCount: byteCount,
                    bytesMax: bytesMax
                )
            }
            drafts.append(draft)
        }

        /// The records, which nothing can be added to any more.
        public consuming func finish() -> Drafts { Drafts(drafts, writer.takeMemory()) }
    }
}
