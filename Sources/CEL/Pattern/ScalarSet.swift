/// A set of Unicode scalars, as a class of a regular expression names it.
struct ScalarSet: Sendable {
    private(set) var ranges: [ClosedRange<UInt32>] = []
    private(set) var categories: [(category: ScalarCategory, isNegated: Bool)] = []
    var isNegated = false
    var foldsCase = false
    /// The members below 128, once `seal` has found them.
    private var asciiLow: UInt64 = 0
    private var asciiHigh: UInt64 = 0

    init() {}

    init(_ scalar: Unicode.Scalar, foldsCase: Bool) {
        insert(scalar.value...scalar.value)
        self.foldsCase = foldsCase
        seal()
    }

    init(ranges: [ClosedRange<UInt32>], isNegated: Bool = false) {
        self.ranges = ranges
        self.isNegated = isNegated
        seal()
    }

    mutating func insert(_ range: ClosedRange<UInt32>) { ranges.append(range) }

    mutating func insert(_ category: ScalarCategory, isNegated: Bool) {
        categories.append((category, isNegated))
    }

    /// Adds the members of another set, which is not folded and has no categories.
    mutating func insert(_ other: ScalarSet) {
        guard other.isNegated else {
            ranges += other.ranges
            return
        }
        var start: UInt32 = 0
        for range in other.ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > start { ranges.append(start...range.lowerBound - 1) }
            start = range.upperBound + 1
        }
        ranges.append(start...0x10FFFF)
    }

    /// Computes the members below 128; to be called when the set is complete.
    mutating func seal() {
        asciiLow = 0
        asciiHigh = 0
        for value in UInt32(0)..<128 where holds(Unicode.Scalar(UInt8(value))) {
            if value < 64 { asciiLow |= 1 << value } else { asciiHigh |= 1 << (value - 64) }
        }
    }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        let value = scalar.value
        if value < 64 { return asciiLow >> value & 1 == 1 }
        if value < 128 { return asciiHigh >> (value - 64) & 1 == 1 }
        return holds(scalar)
    }

    private func holds(_ scalar: Unicode.Scalar) -> Bool {
        var isMember = holdsExactly(scalar)
        if !isMember, foldsCase {
            isMember = scalar.otherCases.contains { holdsExactly($0) }
        }
        return isMember != isNegated
    }

    private func holdsExactly(_ scalar: Unicode.Scalar) -> Bool {
        for range in ranges where range.contains(scalar.value) { return true }
        for (category, isNegated) in categories where category.contains(scalar) != isNegated {
            return true
        }
        return false
    }
}

extension Unicode.Scalar {
    /// The scalars that this is in another case, as far as they are single.
    fileprivate var otherCases: [Unicode.Scalar] {
        var cases: [Unicode.Scalar] = []
        for mapping in [properties.lowercaseMapping, properties.uppercaseMapping] {
            let scalars = mapping.unicodeScalars
            guard scalars.count == 1, let scalar = scalars.first else { continue }
            if scalar != self { cases.append(scalar) }
            // The Kelvin sign and the long s fold to letters that do not map back to them.
            for extra in Self.oneWayFolds where extra.folded == scalar {
                cases.append(extra.scalar)
            }
        }
        return cases
    }

    private static let oneWayFolds: [(scalar: Unicode.Scalar, folded: Unicode.Scalar)] = [
        ("\u{212A}", "k"), ("\u{017F}", "s"),
    ]
}

/// A general category of Unicode, or a group of them.
struct ScalarCategory: Sendable {
    private let categories: Set<Unicode.GeneralCategory>?

    /// The category of a name such as `L`, `Lu` or `Any`; nil if there is none.
    init?(_ name: String) {
        if name == "Any" {
            categories = nil
            return
        }
        let found = Self.names.filter { $0.key.hasPrefix(name) && name.utf8.count <= 2 }
        guard !found.isEmpty, !name.isEmpty else { return nil }
        categories = Set(found.values)
    }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        categories?.contains(scalar.properties.generalCategory) ?? true
    }

    private static let names: [String: Unicode.GeneralCategory] = [
        "Lu": .uppercaseLetter, "Ll": .lowercaseLetter, "Lt": .titlecaseLetter,
        "Lm": .modifierLetter, "Lo": .otherLetter, "Mn": .nonspacingMark, "Mc": .spacingMark,
        "Me": .enclosingMark, "Nd": .decimalNumber, "Nl": .letterNumber, "No": .otherNumber,
        "Pc": .connectorPunctuation, "Pd": .dashPunctuation, "Ps": .openPunctuation,
        "Pe": .closePunctuation, "Pi": .initialPunctuation, "Pf": .finalPunctuation,
        "Po": .otherPunctuation, "Sm": .mathSymbol, "Sc": .currencySymbol,
        "Sk": .modifierSymbol, "So": .otherSymbol, "Zs": .spaceSeparator,
        "Zl": .lineSeparator, "Zp": .paragraphSeparator, "Cc": .control, "Cf": .format,
        "Cs": .surrogate, "Co": .privateUse,
    ]
}
