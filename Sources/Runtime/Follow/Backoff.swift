/// How long to wait after the n-th failure in a row: doubling, with an upper limit.
struct Backoff: Sendable {
    static let standard = Backoff(first: .seconds(1), max: .seconds(30))

    var first: Duration
    var max: Duration

    func delay(afterFailures count: Int) -> Duration {
        var delay = first
        var left = count
        while left > 1, delay < max {
            delay *= 2
            left -= 1
        }
        return min(delay, max)
    }
}
