/// Why something about a person was not done.
public enum SubjectError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Nobody is known by this text.
    case unknown(String)
    /// The text fits several people.
    case ambiguous(String, candidates: [Subject])
    /// A legal hold forbids it; nothing was erased.
    case held(Subject, holders: [Subject])
    /// Instances that carry the values still run; nothing was erased.
    case running([String])
    /// There is a hold already.
    case alreadyHeld(Subject)
    /// There is no hold to release.
    case notHeld(Subject)
    /// The engine has no keys.
    case noKeys

    /// A word for programs.
    public var code: String {
        switch self {
        case .unknown: "unknown_subject"
        case .ambiguous: "ambiguous_subject"
        case .held: "legal_hold"
        case .running: "instances_running"
        case .alreadyHeld: "already_held"
        case .notHeld: "not_held"
        case .noKeys: "no_keys"
        }
    }

    public var description: String {
        switch self {
        case .unknown(let text):
            return "nobody is known as '\(text)'; give DATABASE/ID, the id of a contact, an e-mail "
                + "address or a telephone number; 'daybook subject list' shows who is known"
        case .ambiguous(let text, let candidates):
            return "'\(text)' fits several people: \(Self.list(candidates)); name one of them"
        case .held(let subject, let holders):
            guard holders != [subject] else {
                return "\(subject) is under a legal hold; nothing was erased. 'daybook subject "
                    + "release \(subject)' ends it, if it may be ended"
            }
            return "what names \(subject) is under a legal hold, by that of \(Self.list(holders)); "
                + "nothing was erased. Release the hold first, if it may be ended"
        case .running(let instances):
            let isOne = instances.count == 1
            let who = isOne ? "an instance that carries" : "\(instances.count) instances that carry"
            return "\(who) the values still \(isOne ? "runs" : "run"): "
                + instances.prefix(5).joined(separator: ", ")
                + (instances.count > 5 ? " …" : "")
                + "; nothing was erased. Cancel them or wait for their ends, or give --running"
        case .alreadyHeld(let subject): return "\(subject) is under a legal hold already"
        case .notHeld(let subject): return "\(subject) is under no legal hold"
        case .noKeys: return "the engine runs without a key store, so it can erase nobody"
        }
    }

    private static func list(_ subjects: [Subject]) -> String {
        subjects.prefix(5).map(\.text).joined(separator: ", ") + (subjects.count > 5 ? " …" : "")
    }
}
