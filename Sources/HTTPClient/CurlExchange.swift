import CCurl

/// One easy handle at work: its options, and what comes in through its callbacks.
///
/// The callbacks run inside `curl_multi_perform`, so on the loop's thread; they find this object
/// by the unretained pointer that they are given, which is valid because the loop holds the object
/// until it has taken the handle out.
final class CurlExchange {
    typealias Key = UnsafeMutableRawPointer

    let easy: UnsafeMutableRawPointer
    var key: Key { easy }

    private var headers: [HTTPHeader] = []
    private var headerBytes = 0
    private var body: [UInt8] = []
    private var bodyBytesMax = 0
    private var headerBytesMax = 0
    private var headerLinesMax = 0
    /// Set after the empty line, so that trailers are not taken for headers.
    private var areHeadersComplete = false
    private var upload: [UInt8] = []
    private var uploadOffset = 0
    /// The last line in which a mail server refused; what follows it is its answer to our QUIT.
    private var lastRefusal = ""
    /// Why a callback stopped the exchange.
    private var refusal: HTTPClientError?
    private let errorText: UnsafeMutablePointer<CChar>
    private var lists: [UnsafeMutablePointer<curl_slist>] = []

    init(easy: UnsafeMutableRawPointer) {
        self.easy = easy
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        errorText.deallocate()
        for list in lists { curl_slist_free_all(list) }
    }

    /// Sets all options for a transfer.
    func prepare(
        _ transfer: Transfer,
        configuration: HTTPClient.Configuration
    ) throws(HTTPClientError) {
        headerBytesMax = configuration.headerBytesMax
        headerLinesMax = configuration.headerLinesMax
        try prepareCommon(configuration)
        let left = transfer.deadline - .now
        try set(CURLOPT_TIMEOUT_MS, left.wholeMilliseconds)
        switch transfer.job {
        case .request(let request): try prepare(request, configuration)
        case .mail(let mail, let server): try prepare(mail, server)
        }
    }

    private func prepareCommon(_ configuration: HTTPClient.Configuration) throws(HTTPClientError) {
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_NOPROGRESS, 1)
        try set(CURLOPT_FOLLOWLOCATION, 0)
        try set(CURLOPT_TCP_KEEPALIVE, 1)
        try set(CURLOPT_CONNECTTIMEOUT_MS, configuration.connectTimeout.wholeMilliseconds)
        let dnsSeconds = Int(clamping: configuration.dnsCacheTimeout.components.seconds)
        try set(CURLOPT_DNS_CACHE_TIMEOUT, dnsSeconds)
        // An empty text, unlike none, makes libcurl ignore the proxies of the environment.
        try set(CURLOPT_PROXY, configuration.proxy ?? "")
        if let file = configuration.certificateAuthorityFile { try set(CURLOPT_CAINFO, file) }
        let context = Unmanaged.passUnretained(self).toOpaque()
        try set(CURLOPT_WRITEDATA, context)
        try set(CURLOPT_HEADERDATA, context)
        try set(CURLOPT_READDATA, context)
        try set(CURLOPT_ERRORBUFFER, UnsafeMutableRawPointer(errorText))
        try check(daybook_curl_set_callback(easy, CURLOPT_WRITEFUNCTION, receiveBody))
        try check(daybook_curl_set_callback(easy, CURLOPT_HEADERFUNCTION, receiveHeader))
        try check(daybook_curl_set_callback(easy, CURLOPT_READFUNCTION, giveUpload))
    }

    private func prepare(
        _ request: HTTPRequest,
        _ configuration: HTTPClient.Configuration
    ) throws(HTTPClientError) {
        bodyBytesMax = request.responseBytesMax
        if request.refusesPrivateAddresses {
            let context = Unmanaged.passUnretained(self).toOpaque()
            try check(daybook_curl_set_prerequest(easy, checkAddress, context))
        }
        try set(CURLOPT_URL, request.url)
        try set(CURLOPT_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        // Rather wait for a connection that can carry many exchanges than open one for each.
        try set(CURLOPT_PIPEWAIT, 1)
        try set(CURLOPT_USERAGENT, configuration.userAgent)
        try set(CURLOPT_ACCEPT_ENCODING, "")
        // To refuse by Content-Length already; 0 would mean no limit, and HEAD announces what
        // never comes.
        if request.method != "HEAD" {
            let limit = curl_off_t(max(1, request.responseBytesMax))
            try check(daybook_curl_set_offset(easy, CURLOPT_MAXFILESIZE_LARGE, limit))
        }
        try prepareBody(request)
        let given = Set(request.headers.map { $0.name.lowercased() })
        // libcurl adds these to bodies on its own: the first costs a round trip, the second is a
        // lie.
        var lines = given.contains("expect") ? [] : ["Expect:"]
        if !given.contains("content-type") { lines.append("Content-Type:") }
        for header in request.headers {
            lines.append(
                header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)"
            )
        }
        try set(CURLOPT_HTTPHEADER, lines)
    }

    private func prepareBody(_ request: HTTPRequest) throws(HTTPClientError) {
        if request.method == "HEAD" { return try set(CURLOPT_NOBODY, 1) }
        let carriesBody =
            ["POST", "PUT", "PATCH"].contains(request.method) || !request.body.isEmpty
        guard carriesBody else {
            if request.method != "GET" { try set(CURLOPT_CUSTOMREQUEST, request.method) }
            return
        }
        let count = curl_off_t(request.body.count)
        try check(daybook_curl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, count))
        let result = request.body.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else {
                return daybook_curl_set_string(easy, CURLOPT_COPYPOSTFIELDS, "")
            }
            let pointer = UnsafeMutableRawPointer(mutating: start)
            return daybook_curl_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, pointer)
        }
        try check(result)
        if request.method != "POST" { try set(CURLOPT_CUSTOMREQUEST, request.method) }
    }

    private func prepare(_ mail: MailEnvelope, _ server: MailServer) throws(HTTPClientError) {
        bodyBytesMax = 1 << 20
        upload = mail.message
        try set(CURLOPT_URL, server.url)
        try set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        try set(CURLOPT_UPLOAD, 1)
        let size = curl_off_t(mail.message.count)
        try check(daybook_curl_set_offset(easy, CURLOPT_INFILESIZE_LARGE, size))
        try set(CURLOPT_MAIL_FROM, "<\(mail.sender)>")
        try set(CURLOPT_MAIL_RCPT, mail.recipients.map { "<\($0)>" })
        let policy = server.requiresTLS ? CURLUSESSL_ALL : CURLUSESSL_TRY
        try set(CURLOPT_USE_SSL, Int(policy.rawValue))
        if let user = server.user { try set(CURLOPT_USERNAME, user) }
        if let password = server.password { try set(CURLOPT_PASSWORD, password) }
    }

    /// The answer, or why there is none.
    func outcome(_ result: CURLcode, of transfer: Transfer) -> Transfer.Outcome {
        if let refusal {
            let message = "\(transfer.subject): \(refusal.message)"
            return .failure(HTTPClientError(refusal.code, message))
        }
        let status = information(CURLINFO_RESPONSE_CODE)
        guard result == CURLE_OK else {
            let detail =
                errorText.pointee == 0 ? curl_easy_strerror(result) : UnsafePointer(errorText)
            let words = detail.map { String(cString: $0) } ?? "error \(result.rawValue)"
            let report = CurlReport(
                result: result,
                words: words,
                reply: lastRefusal,
                status: status
            )
            return .failure(report.error(of: transfer))
        }
        if case .request = transfer.job, !areHeadersComplete {
            // libcurl takes the end of the connection for the end of the headers.
            let words = "the connection ended within the headers"
            let report = CurlReport(result: CURLE_RECV_ERROR, words: words, reply: "", status: 0)
            return .failure(report.error(of: transfer))
        }
        let version =
            switch information(CURLINFO_HTTP_VERSION) {
            case Int(CURL_HTTP_VERSION_1_0): "1.0"
            case Int(CURL_HTTP_VERSION_2_0): "2"
            case Int(CURL_HTTP_VERSION_3): "3"
            default: "1.1"
            }
        return .success(
            HTTPResponse(status: status, headers: headers, body: body, version: version)
        )
    }

    private func information(_ what: CURLINFO) -> Int {
        var value = 0
        return daybook_curl_get_long(easy, what, &value) == CURLE_OK ? value : 0
    }

    // MARK: Callbacks

    fileprivate func receive(body bytes: UnsafeRawBufferPointer) -> Bool {
        guard body.count + bytes.count <= bodyBytesMax else {
            refusal = HTTPClientError(
                .responseTooLarge,
                "the answer is longer than \(bodyBytesMax) bytes; ask for less or raise the limit"
            )
            return false
        }
        body.append(contentsOf: bytes)
        return true
    }

    fileprivate func receive(header bytes: UnsafeRawBufferPointer) -> Bool {
        let line = String(decoding: bytes, as: UTF8.self).trimmingSpace()
        if line.hasPrefix("4") || line.hasPrefix("5") { lastRefusal = line }
        if line.hasPrefix("HTTP/") {
            // An interim answer (1xx) came before this one.
            headers = []
            headerBytes = 0
            areHeadersComplete = false
            return true
        }
        guard !line.isEmpty else {
            areHeadersComplete = true
            return true
        }
        guard !areHeadersComplete else { return true }
        headerBytes += bytes.count
        guard headerBytes <= headerBytesMax, headers.count < headerLinesMax else {
            let limit = "\(headerBytesMax) bytes or \(headerLinesMax) lines"
            refusal = HTTPClientError(.responseTooLarge, "the headers exceed \(limit)")
            return false
        }
        guard let colon = line.firstIndex(of: ":") else { return true }
        let value = String(line[line.index(after: colon)...]).trimmingSpace()
        headers.append(HTTPHeader(String(line[..<colon]), value))
        return true
    }

    fileprivate func connects(to address: String) -> Bool {
        guard PrivateAddress.isPrivate(address) else { return true }
        refusal = HTTPClientError(
            .invalidRequest,
            "the host has the private address \(address), which may not be called"
        )
        return false
    }

    fileprivate func give(_ room: UnsafeMutableRawBufferPointer) -> Int {
        let part = upload[uploadOffset...].prefix(room.count)
        room.copyBytes(from: part)
        uploadOffset += part.count
        return part.count
    }

    // MARK: Options

    private func check(_ result: CURLcode) throws(HTTPClientError) {
        guard result == CURLE_OK else {
            let words = String(cString: curl_easy_strerror(result))
            throw HTTPClientError(.other, "libcurl refuses an option: \(words)")
        }
    }

    private func set(_ option: CURLoption, _ value: Int) throws(HTTPClientError) {
        try check(daybook_curl_set_long(easy, option, value))
    }

    private func set(_ option: CURLoption, _ value: String) throws(HTTPClientError) {
        try check(daybook_curl_set_string(easy, option, value))
    }

    private func set(
        _ option: CURLoption,
        _ value: UnsafeMutableRawPointer
    ) throws(HTTPClientError) {
        try check(daybook_curl_set_pointer(easy, option, value))
    }

    private func set(_ option: CURLoption, _ lines: [String]) throws(HTTPClientError) {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let longer = curl_slist_append(list, line) else {
                curl_slist_free_all(list)
                throw HTTPClientError(.other, "out of memory")
            }
            list = longer
        }
        guard let list else { return }
        lists.append(list)
        try check(daybook_curl_set_list(easy, option, list))
    }
}

extension String {
    /// Without the spaces, tabs and line ends at both ends.
    fileprivate func trimmingSpace() -> String {
        let isSpace = { (byte: UInt8) in
            byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A
        }
        guard let first = utf8.firstIndex(where: { !isSpace($0) }),
            let last = utf8.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(self[first...last])
    }
}

private typealias Context = UnsafeMutableRawPointer

private func exchange(_ context: Context) -> CurlExchange {
    Unmanaged<CurlExchange>.fromOpaque(context).takeUnretainedValue()
}

private func receiveBody(
    bytes: UnsafeMutablePointer<CChar>?,
    size: Int,
    count: Int,
    context: Context?
) -> Int {
    guard let context else { return 0 }
    let buffer = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return exchange(context).receive(body: buffer) ? size * count : -1
}

private func receiveHeader(
    bytes: UnsafeMutablePointer<CChar>?,
    size: Int,
    count: Int,
    context: Context?
) -> Int {
    guard let context else { return 0 }
    let buffer = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return exchange(context).receive(header: buffer) ? size * count : -1
}

private func checkAddress(
    context: Context?,
    address: UnsafeMutablePointer<CChar>?,
    ownAddress: UnsafeMutablePointer<CChar>?,
    port: Int32,
    ownPort: Int32
) -> Int32 {
    guard let context, let address else { return CURL_PREREQFUNC_ABORT }
    let isGood = exchange(context).connects(to: String(cString: address))
    return isGood ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
}

private func giveUpload(
    bytes: UnsafeMutablePointer<CChar>?,
    size: Int,
    count: Int,
    context: Context?
) -> Int {
    guard let context else { return 0 }
    let room = UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
    return exchange(context).give(room)
}
