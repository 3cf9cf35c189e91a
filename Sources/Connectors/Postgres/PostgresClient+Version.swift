import CPostgres

extension PostgresClient {
    /// The version of the libpq that this program runs with, such as `15.18`.
    public static var libraryVersion: String {
        let number = PQlibVersion()
        return "\(number / 10_000).\(number % 10_000)"
    }
}
