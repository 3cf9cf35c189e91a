import EventModel
import Testing

@Suite struct Base64URLTests {
    /// The examples of RFC 4648 section 10 without padding, and the two letters that differ.
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"),
        ("fooba", "Zm9vYmE"), ("foobar", "Zm9vYmFy"), ("\u{3E}\u{3F}~", "Pj9-"),
    ]) func roundTrips(plain: String, text: String) {
        #expect(Base64URL.encode(Array(plain.utf8)) == text)
        #expect(Base64URL.decode(text) == Array(plain.utf8))
    }

    @Test(arguments: ["Z", "Zg==", "Zh", "Zm9", "Zm9v ", "Zm+v", "Zm/v"])
    func refuses(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }
}
