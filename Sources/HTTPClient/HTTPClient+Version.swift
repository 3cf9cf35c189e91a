import CCurl

extension HTTPClient {
    /// The version of the libcurl that this program runs with.
    public static var libraryVersion: String {
        guard let version = curl_version() else { return "unknown" }
        return String(cString: version)
    }
}
