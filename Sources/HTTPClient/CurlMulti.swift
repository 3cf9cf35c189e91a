import CCurl

/// libcurl's multi handle.
///
/// Unchecked: `wake` may be called from any thread while the handle lives (curl_multi_wakeup
/// allows it); everything else belongs to the loop's thread. The loop's lock keeps `wake` and
/// `close` apart.
final class CurlMulti: @unchecked Sendable {
    private let handle: UnsafeMutableRawPointer
    /// Easy handles to use again; making one costs more than resetting it.
    private var spare: [UnsafeMutableRawPointer] = []
    private static let spareMax = 64
    private static let isLibraryReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init?(configuration: HTTPClient.Configuration) {
        guard CurlMulti.isLibraryReady, let handle = curl_multi_init() else { return nil }
        self.handle = handle
        let perHost = max(1, configuration.connectionsPerHostMax)
        _ = daybook_curl_multi_set_long(handle, CURLMOPT_MAX_HOST_CONNECTIONS, perHost)
        let idle = max(1, configuration.idleConnectionsMax)
        _ = daybook_curl_multi_set_long(handle, CURLMOPT_MAXCONNECTS, idle)
    }

    func wake() { _ = curl_multi_wakeup(handle) }

    func start(
        _ transfer: Transfer,
        configuration: HTTPClient.Configuration
    ) throws(HTTPClientError) -> CurlExchange {
        guard let easy = spare.popLast() ?? curl_easy_init() else {
            throw HTTPClientError(.other, "\(transfer.subject): out of memory")
        }
        let exchange = CurlExchange(easy: easy)
        do throws(HTTPClientError) {
            try exchange.prepare(transfer, configuration: configuration)
        } catch {
            recycle(easy)
            throw error
        }
        let result = curl_multi_add_handle(handle, easy)
        guard result == CURLM_OK else {
            recycle(easy)
            let words = String(cString: curl_multi_strerror(result))
            throw HTTPClientError(.other, "\(transfer.subject): \(words)")
        }
        return exchange
    }

    /// Takes an exchange out, whether complete or not.
    func remove(_ exchange: CurlExchange) {
        curl_multi_remove_handle(handle, exchange.easy)
        recycle(exchange.easy)
    }

    /// Moves what bytes can move; gives back what is complete, with libcurl's verdict.
    func advance() -> [(key: CurlExchange.Key, result: CURLcode)] {
        var running: Int32 = 0
        _ = curl_multi_perform(handle, &running)
        var complete: [(CurlExchange.Key, CURLcode)] = []
        var left: Int32 = 0
        while let message = curl_multi_info_read(handle, &left) {
            guard message.pointee.msg == CURLMSG_DONE else { continue }
            complete.append((message.pointee.easy_handle, message.pointee.data.result))
        }
        return complete
    }

    func wait(milliseconds: Int) {
        _ = curl_multi_poll(handle, nil, 0, Int32(clamping: milliseconds), nil)
    }

    func close() {
        for easy in spare { curl_easy_cleanup(easy) }
        spare = []
        _ = curl_multi_cleanup(handle)
    }

    private func recycle(_ easy: UnsafeMutableRawPointer) {
        guard spare.count < CurlMulti.spareMax else { return curl_easy_cleanup(easy) }
        curl_easy_reset(easy)
        spare.append(easy)
    }
}
