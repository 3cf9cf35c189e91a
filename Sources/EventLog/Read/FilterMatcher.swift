import EventModel
import Glibc

/// A filter that is made ready to be asked for many records: it compares bytes where they lie.
///
/// The filter's texts are compared by their bytes. What a record is passed over for is its header as
/// ``EventRecord/View`` checks it.
struct FilterMatcher: Sendable {
    private let categories: TextSet?
    private let types: TextSet?
    private let entities: TextSet?
    private let streams: TextSet?
    private let actors: TextSet?
    private let records: TextSet?
    private let correlation: EventID?
    /// In microseconds since 1970, the first inclusive.
    private let since: Int64
    private let until: Int64?

    init(_ filter: EventFilter) {
        categories = TextSet(filter.categories)
        types = TextSet(filter.types)
        entities = TextSet(filter.entities)
        streams = TextSet(filter.streams.map(\.text))
        actors = TextSet(filter.actors)
        records = TextSet(filter.records)
        correlation = filter.correlation
        since = filter.since.map(FilterMatcher.microsecondsUp) ?? .min
        until = filter.until.map(FilterMatcher.microsecondsUp)
    }

    /// Whether the event of a record is wanted.
    ///
    /// - Throws: ``EventRecordError`` if the metadata has to be read and is damaged.
    func matches(_ view: borrowing EventRecord.View) throws(EventRecordError) -> Bool {
        if let types, !types.contains(view.typeBytes) { return false }
        if let streams, !streams.contains(view.streamBytes) { return false }
        if let categories, !categories.contains(view.categoryBytes) { return false }
        if let correlation, view.correlation != correlation { return false }
        if let entities {
            guard let entity = view.entityBytes, entities.contains(entity) else { return false }
        }
        if let actors, !actors.contains(view.actorBytes) { return false }
        let time = view.recordedAtMicroseconds
        guard time >= since, until.map({ time < $0 }) ?? true else { return false }
        guard let records else { return true }
        let category = view.categoryBytes
        guard !category.elementsEqual(EventFilter.recordCategory.utf8) else {
            let identifier = view.streamBytes[category.count...].dropFirst()
            return records.contains(UnsafeRawBufferPointer(rebasing: identifier))
        }
        guard let text = try view.metadata()[EventFilter.recordMember]?.stringValue else {
            return false
        }
        return records.contains(text)
    }

    /// Rounds up: records have whole microseconds, and those before a time are before its fraction.
    private static func microsecondsUp(_ time: Timestamp) -> Int64 {
        let microseconds = time.microseconds
        let isWhole = Timestamp(microseconds: microseconds) >= time
        return isWhole || microseconds == .max ? microseconds : microseconds + 1
    }
}

/// Texts to look bytes up in; there is none without texts.
private struct TextSet: Sendable {
    private let texts: [[UInt8]]

    init?(_ texts: some Collection<String>) {
        guard !texts.isEmpty else { return nil }
        self.texts = texts.map { Array($0.utf8) }.sorted { left, right in
            left.withUnsafeBytes { left in right.withUnsafeBytes { TextSet.order(left, $0) < 0 } }
        }
    }

    func contains(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var low = 0
        var high = texts.count
        while low < high {
            let middle = (low &+ high) / 2
            let order = texts[middle].withUnsafeBytes { TextSet.order($0, bytes) }
            if order == 0 { return true }
            if order < 0 { low = middle &+ 1 } else { high = middle }
        }
        return false
    }

    func contains(_ text: String) -> Bool {
        Array(text.utf8).withUnsafeBytes { contains($0) }
    }

    /// Any order will do: by length, then by bytes.
    private static func order(
        _ left: UnsafeRawBufferPointer,
        _ right: UnsafeRawBufferPointer
    ) -> Int {
        guard left.count == right.count, let first = left.baseAddress,
            let second = right.baseAddress
        else { return left.count - right.count }
        return Int(memcmp(first, second, left.count))
    }
}
