/// Where the tree gets the stored records from: the log.
protocol RecordSource: Sendable {
    /// Hands each record between two positions, both inclusive, to the closure, which returns false
    /// to stop.
    func forEach(
        from first: UInt64,
        through last: UInt64,
        _ body: (UInt64, UnsafeRawBufferPointer) throws(EventLogError) -> Bool
    ) throws(EventLogError)
}

extension LogRecords: RecordSource {}
