import EventModel
import Testing

@Suite struct IdentifierTests {
    private let parent = Identifier.build(unixMilliseconds: 1_700_000_000_000, randA: 1, randB: 2)

    @Test func bytesRoundTrip() {
        #expect(Identifier(bytes: parent.bytes) == parent)
        #expect(parent.bytes.count == 16 && parent.bytes[6] >> 4 == 7)
        #expect(Identifier(bytes: [UInt8](repeating: 0, count: 15)) == nil)
    }

    @Test func derivedIsAlwaysTheSame() {
        let derived = Identifier.derived(from: parent, "instance/booking")
        #expect(derived == Identifier.derived(from: parent, "instance/booking"))
        #expect(derived != Identifier.derived(from: parent, "instance/bookings"))
        #expect(derived.isVersion7)
        #expect(derived.unixMilliseconds == parent.unixMilliseconds)
        // Computed with Python's hashlib from the same rule.
        #expect(derived.text == "018bcfe5-6800-7762-a7c7-adc10f783875")
    }

    @Test func generatedOnesAscend() {
        var generator = IdentifierGenerator()
        var random = SystemRandomNumberGenerator()
        var previous: Identifier?
        var wrongCount = 0
        for step in 0..<5000 {
            // The clock stands still, jumps back and goes on.
            let milliseconds = Int64(1_700_000_000_000 + (step / 100) * (step % 300 == 0 ? -5 : 1))
            let next = generator.next(
                at: Timestamp(milliseconds: milliseconds),
                randA: .max,
                randB: .random(in: (.max - 1000)...(.max), using: &random)
            )
            if let previous, next <= previous { wrongCount += 1 }
            if !next.isVersion7 { wrongCount += 1 }
            previous = next
        }
        #expect(wrongCount == 0)
    }

    @Test func aLaterClockGivesItsTime() {
        var generator = IdentifierGenerator()
        _ = generator.next(at: Timestamp(milliseconds: 5), randA: 9, randB: 9)
        let next = generator.next(at: Timestamp(milliseconds: 6), randA: 1, randB: 2)
        #expect(next == .build(unixMilliseconds: 6, randA: 1, randB: 2))
    }
}
