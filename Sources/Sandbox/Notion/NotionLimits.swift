/// What Notion takes at most; above it answers 400.
enum NotionLimits {
    /// The content of one text, in UTF-16 units.
    static let textLengthMax = 2000
    static let urlLengthMax = 2000
    static let equationLengthMax = 1000
    static let emailLengthMax = 200
    static let phoneLengthMax = 200
    /// Members of any array in one request: texts, options, relations, people.
    static let arrayCountMax = 100
    static let pageSizeMax = 100
    /// A request's body.
    static let bodyBytesMax = 500_000
    /// Relations that a page shows; the others are read by the property.
    static let shownRelationCount = 25
    /// How deep `and` and `or` lie in each other.
    static let filterDepthMax = 2
}
