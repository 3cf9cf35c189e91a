import EventLog
import EventModel
import Glibc

/// Lets the power fail after every entry of a recording, several times each, and opens what is left.
///
/// Its lines are those of ``Sweep``.
struct PowerSweep {
    private let recording: Recording
    private let folder: String
    private let progress: Acknowledgements
    private let first: Int
    private let sample: Int
    private let seed: UInt64
    private let configuration: EventLogConfiguration

    init(_ arguments: Arguments) throws {
        seed = try arguments.seed()
        recording = Recording(Disk.bytes(of: try arguments.required("recording")) ?? [])
        folder = try arguments.required("folder")
        progress = try Acknowledgements(try arguments.required("acks"))
        first = try arguments.number("first", 0)
        sample = try arguments.number("sample", 0)
        configuration = try Worker.configuration(arguments)
    }

    func run() async throws {
        var model = PowerModel()
        var lines: [Substring] = []
        var random = SeededRandom(seed, 71)
        let losses = sample == 0 ? 6 : 3
        progress.write("N \(recording.entries.count * losses)")
        for (place, entry) in recording.entries.enumerated() {
            model.apply(entry)
            if entry.kind == .note {
                let text = String(decoding: entry.data, as: UTF8.self)
                lines += text.split(separator: "\n")
            }
            let isChosen = sample == 0 || random.below(recording.entries.count) < sample
            guard isChosen else { continue }
            for loss in 0..<losses where place * losses + loss >= first {
                let number = place * losses + loss
                progress.write("B \(number) after entry \(place), \(entry.kind) \(entry.path)")
                try await check(model, loss, number, lines)
            }
        }
    }

    private func check(
        _ model: PowerModel,
        _ loss: Int,
        _ number: Int,
        _ lines: [Substring]
    ) async throws {
        let kinds: [PowerModel.Loss] = [.everything, .nothing]
        let kind = loss < kinds.count ? kinds[loss] : .some(seed &+ UInt64(number))
        try model.picture(kind).restore(to: folder)
        let checker = Checker(
            seed: seed,
            folder: folder,
            lines: lines.filter { !$0.hasPrefix("M") },
            configuration: configuration
        )
        do {
            let problems = try await checker.run()
            if let problem = problems.first {
                progress.write("X \(number) \(problem)")
            } else {
                progress.write("H \(number)")
            }
        } catch {
            progress.write("X \(number) \(error)")
        }
    }
}
