import EventModel
import Testing

@Suite struct StandardBase64Tests {
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func writesAndReadsTheExamplesOfTheStandard(text: String, encoded: String) {
        #expect(StandardBase64.encode(Array(text.utf8)) == encoded)
        #expect(StandardBase64.decode(encoded) == Array(text.utf8))
    }

    @Test(arguments: [
        "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "=", "====", "Z===", "Zm 9", "Zm9v\n", "-_-_",
        "Zg==Zg==",
    ])
    func takesNoOtherSpelling(text: String) {
        #expect(StandardBase64.decode(text) == nil)
    }
}
