import EventModel
import Foundation

/// One number with what it was measured against in the same run.
struct Measurement {
    /// Whether more or less of it is wanted.
    enum Aim: String { case more, less }

    var name: String
    var value: Double
    var unit: String
    var aim = Aim.more
    /// The same thing done by the reference, or a limit; nil if there is none.
    var reference: Double?
    /// What the ratio of value to reference should be: at least so much, or at most.
    var target: Double?
    var settings: ValueMap

    /// The line that other programs read.
    var json: Value {
        .map([
            "name": .string(name),
            "value": .double(Measurement.rounded(value)),
            "unit": .string(unit),
            "aim": .string(aim.rawValue),
            "reference": reference.map { .double(Measurement.rounded($0)) } ?? .null,
            "ratio": ratio.map { .double(Measurement.rounded($0)) } ?? .null,
            "target": target.map(Value.double) ?? .null,
            "settings": .map(settings),
        ])
    }

    /// The line that people read.
    var text: String {
        let title = name.padding(toLength: 26, withPad: " ", startingAt: 0)
        var line = "\(title) \(Measurement.short(value)) \(unit)"
        if let reference, let ratio {
            line += ", reference \(Measurement.short(reference)), ratio \(Measurement.short(ratio))"
        }
        if let target, let ratio {
            let isMet = aim == .more ? ratio >= target : ratio <= target
            let sign = aim == .more ? ">=" : "<="
            line += " (\(isMet ? "meets" : "MISSES") \(sign) \(Measurement.short(target)))"
        }
        return line
    }

    private var ratio: Double? { reference.map { value / $0 } }

    /// Four significant digits: more of a time is noise.
    private static func rounded(_ value: Double) -> Double {
        guard value != 0, value.isFinite else { return value }
        let scale = pow(10, 3 - floor(log10(abs(value))))
        return (value * scale).rounded() / scale
    }

    private static func short(_ value: Double) -> String {
        abs(value) >= 100 ? String(Int(value.rounded())) : String(rounded(value))
    }
}

/// Times work; the middle of several rounds counts, so that one hiccup does not.
enum Stopwatch {
    static func median(_ values: [Double]) -> Double { percentile(values, 0.5) }

    /// The value below which a share of the values lies.
    static func percentile(_ values: [Double], _ share: Double) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return .nan }
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }

    static func seconds(_ work: () throws -> Void) rethrows -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        try work()
        return (clock.now - start) / .seconds(1)
    }

    static func seconds(_ work: () async throws -> Void) async rethrows -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        try await work()
        return (clock.now - start) / .seconds(1)
    }
}

/// The wall clock.
enum SystemTime {
    static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec))
    }
}

/// What the kernel says of this process's memory, in bytes.
struct Memory {
    /// All that is resident, files that are mapped and can be dropped at any time included.
    var resident: Double
    /// What is the process's own.
    var anonymous: Double

    static func now() throws -> Memory {
        let text = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        func kibibytes(_ name: String) -> Double {
            let line = text.split(separator: "\n").first { $0.hasPrefix(name + ":") }
            return Double(line?.filter(\.isNumber) ?? "") ?? .nan
        }
        return Memory(
            resident: kibibytes("VmRSS") * 1024,
            anonymous: kibibytes("RssAnon") * 1024
        )
    }
}

/// Why a number could not be measured.
struct BenchmarkError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
