/// What the demo promises, each found true or false.
struct Checks {
    struct Check {
        let promise: String
        let holds: Bool
        let detail: String
    }

    private(set) var list: [Check] = []

    var allHold: Bool { list.allSatisfy(\.holds) }

    mutating func expect(_ holds: Bool, _ promise: String, _ detail: String = "") {
        list.append(Check(promise: promise, holds: holds, detail: detail))
    }

    mutating func expectEqual<Thing: Equatable>(
        _ found: Thing,
        _ wanted: Thing,
        _ promise: String
    ) {
        expect(found == wanted, promise, found == wanted ? "" : "wanted \(wanted), found \(found)")
    }

    func print() {
        for check in list {
            let mark =
                check.holds ? Terminal.styled("✓", .green) : Terminal.styled("✗", .red)
            Terminal.out("  \(mark) \(check.promise)")
            if !check.detail.isEmpty { Terminal.out("      \(check.detail)") }
        }
    }
}
