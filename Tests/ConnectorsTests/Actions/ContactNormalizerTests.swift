import Testing

@testable import Connectors

@Suite struct ContactNormalizerTests {
    @Test(
        arguments: [
            (" Ana@Example.ORG ", "ana@example.org"), ("mailto:ana@example.org", "ana@example.org"),
            ("ana", nil), ("@example.org", nil), ("a@b@c", nil), ("", nil),
        ] as [(String, String?)]
    )
    func bringsAddressesIntoOneForm(text: String, expected: String?) {
        #expect(ContactNormalizer().email(text) == expected)
    }

    @Test(
        arguments: [
            ("+386 40 111 222", "+38640111222"), ("00386-40-111-222", "+38640111222"),
            ("+386 (0)40 111 222", "+38640111222"), ("(040) 111/222", "+38640111222"),
            ("040 111 222", "+38640111222"), ("none", nil), ("112", nil), ("", nil),
        ] as [(String, String?)]
    )
    func bringsNumbersIntoOneForm(text: String, expected: String?) {
        #expect(ContactNormalizer(countryCode: "386").phone(text) == expected)
    }

    @Test func guessesNoCountry() {
        #expect(ContactNormalizer().phone("040 111 222") == "040111222")
    }
}
