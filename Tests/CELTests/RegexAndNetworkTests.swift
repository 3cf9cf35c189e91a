import CEL
import EventModel
import Testing

/// The extensions `regex` and `network`, and `cel.block`.
@Suite struct RegexAndNetworkTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var source: String
        var value: Value
        var testDescription: String { source }

        init(_ source: String, _ value: Value) {
            self.source = source
            self.value = value
        }
    }

    static let regex = [
        Row("regex.extract('hello world', 'hello(.*)')", " world"),
        Row("regex.extract('item-A, item-B', 'item-(\\\\w+)')", "A"),
        Row("regex.extract('HELLO', 'hello')", nil), Row("regex.extract('aXb', '[A-Z]')", "X"),
        Row("regex.extract('aaa', 'a*?')", ""), Row("regex.extract('aaa', 'a+?')", "a"),
        Row("regex.extract('<b><i>', '<.+>')", "<b><i>"),
        Row("regex.extract('<b><i>', '<.+?>')", "<b>"),
        Row("regex.extract('<b><i>', '(?U)<.+>')", "<b>"),
        Row("regex.extract('foobar', 'foo|foobar')", "foo"),
        Row("regex.extract('foobar', '(?:foo|foobar)$')", "foobar"),
        Row("regex.extract('ab', '(x)?ab')", nil),
        Row("regex.extractAll('id:123, id:456', 'id:\\\\d+')", ["id:123", "id:456"]),
        Row("regex.extractAll('id:123, id:456', 'id:(\\\\d+)')", ["123", "456"]),
        Row("regex.extractAll('abc', 'z')", []), Row("regex.extractAll('aab', 'a*')", ["aa", ""]),
        Row("regex.replace('banana', 'a', 'x')", "bxnxnx"),
        Row("regex.replace('banana', 'a', 'x', 0)", "banana"),
        Row("regex.replace('banana', 'a', 'x', 2)", "bxnxna"),
        Row("regex.replace('banana', 'a', 'x', -12)", "bxnxnx"),
        Row(#"regex.replace('foo bar', '(fo)o (ba)r', r'\2 \1')"#, "ba fo"),
        Row(#"regex.replace('a.b', '[.]', r'\\')"#, #"a\b"#),
        Row(#"regex.replace('žžz', 'ž', r'<\0>')"#, "<ž><ž>z"),
        Row("regex.replace('abc', '', '-')", "-a-b-c-"),
        Row("regex.replace('abc', 'b*', '-')", "-a-c-"),
        Row(#"regex.replace('2026-12-01', r'(?P<y>\d+)-(\d+)-(\d+)', r'\3.\2.\1')"#, "01.12.2026"),
        Row("['x1', 'y22'].map(t, regex.extract(t, '[0-9]' + '+').value())", ["1", "22"]),
    ]

    static let network = [
        Row("string(ip('2001:DB8:0:0:0:0:0:1'))", "2001:db8::1"),
        Row("string(ip('2001:db8:0:0:1:0:0:1'))", "2001:db8::1:0:0:1"),
        Row("string(ip('::'))", "::"), Row("string(ip('1::'))", "1::"),
        Row("string(ip('0:0:1:0:0:0:0:0'))", "0:0:1::"), Row("ip('1.2.3.4')", "1.2.3.4"),
        Row("string(ip('1:2:3:4:5:6:1.2.3.4'))", "1:2:3:4:5:6:102:304"),
        Row("isIP('1.2.3')", false), Row("isIP('01.2.3.4')", false),
        Row("isIP('1:2::3::4')", false), Row("isIP(':::')", false),
        Row("isIP('::ffff:1.2.3.4')", false), Row("isIP('12345::')", false),
        Row("isIP('')", false), Row("isIP('1:2:3:4:5:6:7:8:9')", false), Row("isIP('+1::')", false),
        Row("isCIDR('10.0.0.1/8')", true), Row("isCIDR('10.0.0.0/33')", false),
        Row("isCIDR('::/129')", false), Row("isCIDR('10.0.0.0')", false),
        Row("isCIDR('10.0.0.0/08')", false), Row("ip.isCanonical('2001:db8::1')", true),
        Row("ip.isCanonical('2001:DB8::1')", false),
        Row("cidr('192.168.1.5/24').masked() == cidr('192.168.1.0/24')", true),
        Row("cidr('192.168.1.5/24').isMask()", false), Row("cidr('192.168.1.0/24').isMask()", true),
        Row("cidr('10.0.0.0/8').containsCIDR('9.0.0.0/8')", false),
        Row("cidr('10.0.0.0/16').containsCIDR('10.0.0.0/8')", false),
        Row("cidr('2001:db8::/33').containsIP('2001:db8:7fff::1')", true),
        Row("cidr('2001:db8::/33').containsIP('2001:db8:8000::1')", false),
        Row("cidr('0.0.0.0/0').containsIP('255.1.2.3')", true),
        Row("[ip('1.1.1.1'), ip('1.1.1.1')].distinct().size()", 1),
        Row("'%s'.format([ip('1.1.1.1')])", "1.1.1.1"), Row("type(cidr('::/0')) == net.CIDR", true),
        Row("ip('ff02::1').isLinkLocalMulticast()", true), Row("ip('1.1.1.1') == '1.1.1.1'", false),
    ]

    static let block = [
        Row("cel.block([1, cel.index(0) + 1], cel.index(1) * 2)", 4),
        // A part that nobody asks for is not evaluated.
        Row("cel.block([1 / 0, 2], cel.index(1))", 2),
        Row(
            "cel.block([[1, 2]], cel.index(0).map(cel.iterVar(0, 0), cel.iterVar(0, 0) + 1))",
            [2, 3]
        ),
        Row("[1].map(x, cel.block([x + 1], cel.index(0) + cel.index(0)))", [4]),
    ]

    @Test(arguments: regex + network + block)
    func give(_ row: Row) throws {
        #expect(try Expression.compile(row.source).evaluate([:]) == row.value)
    }

    static let refused = [
        "regex.extract('a@b', '(.*)@(.*)')", "regex.extractAll('a@b', '(.*)@(.*)')",
        #"regex.replace('test', '(.)', r'\2')"#, #"regex.replace('test', '(.)', r'\x')"#,
        #"regex.replace('test', '(.)', '\\')"#, "regex.extract('a', '(' + '')",
        "ip('1.2.3.4.5')", "ip('fe80::1%en0')", "cidr('10.0.0.0/33')", "ip('::ffff:1.2.3.4')",
        "cidr('10.0.0.0/8').containsIP(cidr('10.0.0.0/8'))", "cel.index(0)",
        "ip.isCanonical('1.2.3')", "json(1).family()",
    ]

    @Test(arguments: refused)
    func refuse(_ source: String) throws {
        #expect(throws: CELError.self) { try Expression.compile(source).evaluate([:]) }
    }

    @Test func constantPatternsAreReadWhenCompiling() throws {
        let error = try #require(throws: CELError.self) {
            try Expression.compile("regex.replace(a, '(', 'x')")
        }
        #expect(error.offset == 17)
    }
}
