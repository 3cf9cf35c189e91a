/// A step of an instance: which node of the plan, and in which round of each loop around it.
struct Spot: Hashable {
    var node: Int
    /// The rounds of the loops around the node, the outermost first.
    var rounds: [Int] = []
}

extension Plan {
    /// What events call a step: its path with the rounds put in, `clients[3].greet`.
    func path(_ spot: Spot) -> String {
        let node = nodes[spot.node]
        return Plan.path(node.step.path, node.roundPlaces, spot.rounds)
    }

    static func path(_ path: String, _ places: [Int], _ rounds: [Int]) -> String {
        guard !rounds.isEmpty else { return path }
        let bytes = path.utf8
        var text = ""
        var start = bytes.startIndex
        for (place, round) in zip(places, rounds) {
            let end = bytes.index(bytes.startIndex, offsetBy: place)
            text += path[start..<end]
            text += "[\(round)]"
            start = end
        }
        return text + path[start...]
    }

    /// The step that events call so; nil if the workflow has none.
    func spot(_ path: String) -> Spot? {
        if let node = indexByPath[path] {
            return nodes[node].roundPlaces.isEmpty ? Spot(node: node) : nil
        }
        var plain = ""
        var rounds: [Int] = []
        var rest = Substring(path)
        while let open = rest.firstIndex(of: "[") {
            plain += rest[..<open]
            guard let close = rest[open...].firstIndex(of: "]"),
                let round = Int(rest[rest.index(after: open)..<close]), round >= 0
            else { return nil }
            rounds.append(round)
            rest = rest[rest.index(after: close)...]
        }
        plain += rest
        guard let node = indexByPath[plain], nodes[node].roundPlaces.count == rounds.count else {
            return nil
        }
        return Spot(node: node, rounds: rounds)
    }

    /// The step that a sequence belongs to, seen from inside it; nil for the root.
    func owner(of sequence: Int, rounds: [Int]) -> Spot? {
        guard let owner = sequences[sequence].owner else { return nil }
        return Spot(node: owner, rounds: Array(rounds.prefix(nodes[owner].roundPlaces.count)))
    }
}
