/// The types of the built-in functions, as data: the notation is that of `FunctionSignature`.
enum Signatures {
    static let standard = read(core + time + strings + numbers + lists + optionals + network)
    static let domain = read(daybook)

    /// The lines that can be read; a test proves that all can.
    private static func read(_ lines: [String]) -> [FunctionSignature] {
        lines.compactMap { try? FunctionSignature($0) }
    }

    static let core = [
        "size(string) -> int", "size(bytes) -> int", "size(list<T>) -> int",
        "size(map<K, V>) -> int", "string . size() -> int", "bytes . size() -> int",
        "list<T> . size() -> int", "map<K, V> . size() -> int", "type(T) -> type", "dyn(T) -> dyn",
        "int(int) -> int", "int(uint) -> int", "int(double) -> int", "int(string) -> int",
        "int(timestamp) -> int", "uint(uint) -> uint", "uint(int) -> uint", "uint(double) -> uint",
        "uint(string) -> uint", "double(double) -> double", "double(int) -> double",
        "double(uint) -> double", "double(string) -> double", "bool(bool) -> bool",
        "bool(string) -> bool", "bytes(bytes) -> bytes", "bytes(string) -> bytes",
        "string(string) -> string", "string(bool) -> string", "string(int) -> string",
        "string(uint) -> string", "string(double) -> string", "string(bytes) -> string",
        "string(timestamp) -> string", "string(duration) -> string", "string(net.IP) -> string",
        "string(net.CIDR) -> string", "base64.encode(bytes) -> string",
        "base64.decode(string) -> bytes",
    ]

    static let time =
        [
            "timestamp(timestamp) -> timestamp", "timestamp(int) -> timestamp",
            "timestamp(string) -> timestamp", "duration(duration) -> duration",
            "duration(int) -> duration", "duration(string) -> duration",
        ]
        + TimePart.allCases.flatMap { part in
            [
                "timestamp . \(part.rawValue)() -> int",
                "timestamp . \(part.rawValue)(string) -> int",
            ] + (part.isOfDurations ? ["duration . \(part.rawValue)() -> int"] : [])
        }

    static let strings = [
        "string . contains(string) -> bool", "string . startsWith(string) -> bool",
        "string . endsWith(string) -> bool", "string . matches(string) -> bool",
        "matches(string, string) -> bool", "string . charAt(int) -> string",
        "string . indexOf(string) -> int", "string . indexOf(string, int) -> int",
        "string . lastIndexOf(string) -> int", "string . lastIndexOf(string, int) -> int",
        "string . substring(int) -> string", "string . substring(int, int) -> string",
        "string . lowerAscii() -> string", "string . upperAscii() -> string",
        "string . trim() -> string", "string . reverse() -> string",
        "string . replace(string, string) -> string",
        "string . replace(string, string, int) -> string", "list<string> . join() -> string",
        "list<string> . join(string) -> string", "string . split(string) -> list<string>",
        "string . split(string, int) -> list<string>", "string . format(list<dyn>) -> string",
        "strings.quote(string) -> string", "regex.extract(string, string) -> optional<string>",
        "regex.extractAll(string, string) -> list<string>",
        "regex.replace(string, string, string) -> string",
        "regex.replace(string, string, string, int) -> string",
    ]

    static let numbers =
        ["math.greatest", "math.least"].flatMap { name in
            ["int", "uint", "double"].flatMap { type in
                ["\(name)(\(type)...) -> \(type)", "\(name)(list<\(type)>) -> \(type)"]
            } + ["\(name)(dyn...) -> dyn"]
        }
        + ["math.ceil", "math.floor", "math.round", "math.trunc"].map { "\($0)(double) -> double" }
        + ["math.abs", "math.sign"].flatMap { name in
            ["int", "uint", "double"].map { "\(name)(\($0)) -> \($0)" }
        }
        + ["int", "uint", "double"].map { "math.sqrt(\($0)) -> double" }
        + ["math.isNaN", "math.isInf", "math.isFinite"].map { "\($0)(double) -> bool" }
        + ["int", "uint"].flatMap { type in
            [
                "math.bitAnd(\(type), \(type)) -> \(type)",
                "math.bitOr(\(type), \(type)) -> \(type)",
                "math.bitXor(\(type), \(type)) -> \(type)", "math.bitNot(\(type)) -> \(type)",
                "math.bitShiftLeft(\(type), int) -> \(type)",
                "math.bitShiftRight(\(type), int) -> \(type)",
            ]
        }

    static let lists = [
        "list<T> . distinct() -> list<T>", "list<T> . flatten() -> list<dyn>",
        "list<T> . flatten(int) -> list<dyn>", "list<T> . slice(int, int) -> list<T>",
        "list<T> . sort() -> list<T>", "list<T> . reverse() -> list<T>",
        "list<T> . first() -> optional<T>", "list<T> . last() -> optional<T>",
        "lists.range(int) -> list<int>", "sets.contains(list<T>, list<T>) -> bool",
        "sets.equivalent(list<T>, list<T>) -> bool", "sets.intersects(list<T>, list<T>) -> bool",
    ]

    static let optionals = [
        "optional.none() -> optional<T>", "optional.of(T) -> optional<T>",
        "optional.ofNonZeroValue(T) -> optional<T>", "optional<T> . hasValue() -> bool",
        "optional<T> . value() -> T", "optional<T> . or(optional<T>) -> optional<T>",
        "optional<T> . orValue(T) -> T", "optional.unwrap(list<optional<T>>) -> list<T>",
        "list<optional<T>> . unwrapOpt() -> list<T>",
    ]

    static let network = [
        "ip(string) -> net.IP", "ip(net.IP) -> net.IP", "cidr(string) -> net.CIDR",
        "cidr(net.CIDR) -> net.CIDR", "isIP(string) -> bool", "isCIDR(string) -> bool",
        "ip.isCanonical(string) -> bool", "net.IP . family() -> int",
        "net.IP . isUnspecified() -> bool", "net.IP . isLoopback() -> bool",
        "net.IP . isGlobalUnicast() -> bool", "net.IP . isLinkLocalMulticast() -> bool",
        "net.IP . isLinkLocalUnicast() -> bool", "net.CIDR . ip() -> net.IP",
        "net.CIDR . prefixLength() -> int", "net.CIDR . isMask() -> bool",
        "net.CIDR . masked() -> net.CIDR", "net.CIDR . containsIP(net.IP) -> bool",
        "net.CIDR . containsIP(string) -> bool", "net.CIDR . containsCIDR(net.CIDR) -> bool",
        "net.CIDR . containsCIDR(string) -> bool",
    ]

    static let daybook = [
        "coalesce() -> null", "coalesce(dyn...) -> dyn", "normalize_phone(string) -> string",
        "normalize_phone(string, string) -> string", "normalize_email(string) -> string",
        "matches_phone(dyn, dyn) -> bool", "matches_phone(dyn, dyn, string) -> bool",
        "slug(string) -> string", "json(dyn) -> string",
        "merge(map<K, V>, map<K, V>) -> map<K, V>",
        "merge(map<K, dyn>, map<K, dyn>) -> map<K, dyn>",
        "sum(list<T>) -> T",
        "format_time(timestamp, string) -> string", "format_time(string, string) -> string",
        "format_time(int, string) -> string", "format_time(timestamp, string, string) -> string",
        "format_time(string, string, string) -> string",
        "format_time(int, string, string) -> string", "changed(dyn) -> bool",
        "changed(dyn, string...) -> bool", "overlaps(dyn, dyn) -> bool",
        "business_days(T, U) -> int", "business_days(T, U, string) -> int",
        "business_days(T, U, list<string>) -> int",
        "business_days(T, U, string, list<string>) -> int",
        "add_business_days(T, int) -> timestamp", "add_business_days(T, int, string) -> timestamp",
        "add_business_days(T, int, list<string>) -> timestamp",
        "add_business_days(T, int, string, list<string>) -> timestamp",
        "in_timezone(T, string) -> map<string, dyn>", "idempotency_key() -> string",
        "idempotency_key(dyn...) -> string",
    ]
}

extension TimePart {
    /// Whether durations have this part too.
    var isOfDurations: Bool {
        switch self {
        case .hours, .minutes, .seconds, .milliseconds: true
        case .fullYear, .month, .date, .dayOfMonth, .dayOfWeek, .dayOfYear: false
        }
    }
}
