import Records
import Testing

@Suite struct ContactNormalizationTests {
    @Test(
        arguments: [
            ("  Ana@Example.org ", "ana@example.org"), ("a@b.c", "a@b.c"),
            ("ana+x@mail.example.org", "ana+x@mail.example.org"), ("ana", nil), ("ana@", nil),
            ("@example.org", nil), ("a@b", nil), ("a@b@c.d", nil), ("a b@c.d", nil),
            ("a@b..c", nil),
            ("", nil),
        ] as [(String, String?)]
    )
    func lowersAddresses(text: String, expected: String?) {
        #expect(ContactNormalization.email(text) == expected)
    }

    @Test(
        arguments: [
            ("+386 40 111 222", "+38640111222"), ("00386 40/111-222", "+38640111222"),
            ("+386 (0)40 111 222", "+38640111222"), ("tel:+1-202-555-0143", "+12025550143"),
            ("(202) 555.0143 ext. 12", "2025550143"), ("040 111 222", "040111222"),
            ("+44 20 7946 0958 x3", "+442079460958"), ("12", nil), ("call me", nil),
            ("+1234567890123456", nil), ("", nil), ("+386+40", nil),
        ] as [(String, String?)]
    )
    func bringsNumbersIntoOneForm(text: String, expected: String?) {
        #expect(ContactNormalization.phone(text) == expected)
    }

    @Test func completesANationalNumber() {
        #expect(ContactNormalization.phone("040 111 222", countryCode: "386") == "+38640111222")
        #expect(ContactNormalization.phone("+43 1 58858", countryCode: "386") == "+43158858")
    }
}
