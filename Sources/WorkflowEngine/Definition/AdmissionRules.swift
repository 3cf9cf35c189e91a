import EventModel

/// What a workflow says about how many of its instances run, and when.
public struct AdmissionRules: Sendable {
    /// How many of a key may run at once.
    public struct Concurrency: Sendable {
        public var key: ValueTemplate
        public var limit: Int
        public var whenFull: AdmissionState.WhenFull
    }

    /// How many of a key may begin in a length of time.
    public struct Rate: Sendable {
        public var key: ValueTemplate
        public var limit: Int
        public var per: Duration
    }

    /// Within which time a second one of a key is the same again.
    public struct Deduplication: Sendable {
        public var key: ValueTemplate
        public var window: Duration
    }

    public var concurrency: Concurrency?
    public var rate: Rate?
    public var deduplication: Deduplication?
    public var priority: Int

    /// The rules for one instance, its keys worked out.
    func admission(of decision: Decision) -> Result<AdmissionState, ActionFailure> {
        var state = AdmissionState(priority: priority)
        if let concurrency {
            switch decision.key(concurrency.key) {
            case .failure(let failure): return .failure(failure)
            case .success(let key):
                state.concurrency = AdmissionState.Concurrency(
                    key: key,
                    limit: concurrency.limit,
                    whenFull: concurrency.whenFull
                )
            }
        }
        if let rate {
            switch decision.key(rate.key) {
            case .failure(let failure): return .failure(failure)
            case .success(let key):
                state.rate = AdmissionState.Rate(key: key, limit: rate.limit, per: rate.per)
            }
        }
        if let deduplication {
            switch decision.key(deduplication.key) {
            case .failure(let failure): return .failure(failure)
            case .success(let key):
                state.deduplication = AdmissionState.Deduplication(
                    key: key,
                    window: deduplication.window
                )
            }
        }
        return .success(state)
    }
}

extension Decision {
    /// What a key comes to, as text.
    fileprivate func key(_ template: ValueTemplate) -> Result<String, ActionFailure> {
        evaluate(template, at: nil).map { value in
            value.stringValue ?? (try? JSON.text(value)) ?? value.digest.hexadecimal
        }
    }
}
