import EventModel

/// Writing and reading events in memory.
enum CodecBenchmark {
    private static let eventCount = 20_000

    static func run(rounds: Int) throws -> [Measurement] {
        var sample = Sample(streams: 1000)
        let events = sample.events(eventCount)
        let records = try events.map { try EventRecord.encode($0) }
        let values = events.map(\.data.canonicalBytes)
        let texts = try events.map { try JSON.bytes($0.data) }
        var checksum = 0
        func measure(
            _ name: String,
            bytes: Int,
            _ work: (Int) throws -> Int
        ) throws -> Measurement {
            var rates: [Double] = []
            for _ in 0..<rounds {
                let seconds = try Stopwatch.seconds {
                    for index in 0..<eventCount { checksum &+= try work(index) }
                }
                rates.append(Double(eventCount) / seconds)
            }
            return Measurement(
                name: name,
                value: Stopwatch.median(rates),
                unit: "per second",
                reference: nil,
                settings: ["count": .int(Int64(eventCount)), "bytes": .int(Int64(bytes))]
            )
        }
        let measurements = [
            try measure("codec.cbor_encode", bytes: values[0].count) { index in
                events[index].data.canonicalBytes.count
            },
            try measure("codec.cbor_decode", bytes: values[0].count) { index in
                try Value(canonicalBytes: values[index]).mapValue?.count ?? 0
            },
            try measure("codec.record_encode", bytes: records[0].count) { index in
                try EventRecord.encode(events[index]).count
            },
            try measure("codec.record_decode", bytes: records[0].count) { index in
                let event = try EventRecord.decode(position: 1, bytes: records[index])
                return Int(truncatingIfNeeded: event.revision)
            },
            try measure("codec.crc32c", bytes: records[0].count) { index in
                Int(CRC32C.checksum(records[index]))
            },
            try measure("codec.json_parse", bytes: texts[0].count) { index in
                try JSON.parse(bytes: texts[index]).mapValue?.count ?? 0
            },
        ]
        // Used, so that no compiler may leave the work out.
        if checksum == 42 { print("") }
        return measurements
    }
}
