import EventModel

/// A place in a document: `/properties/name` of the second one.
struct SchemaLocation: Hashable {
    var document: Int
    /// A JSON pointer; texts of keys compare code points, those of `String` do not.
    private var key: MapKey

    init(document: Int, pointer: String) {
        self.document = document
        key = .string(pointer)
    }

    var pointer: String { if case .string(let text) = key { text } else { "" } }

    func appending(_ token: String) -> SchemaLocation {
        SchemaLocation(
            document: document,
            pointer: pointer + "/" + JSONPointer.escaped(token)
        )
    }

    /// The place around this one; nil for a document's root.
    var outer: SchemaLocation? {
        guard let slash = pointer.unicodeScalars.lastIndex(of: "/") else { return nil }
        return SchemaLocation(document: document, pointer: String(pointer[..<slash]))
    }
}

/// The keywords that a schema can use, by vocabulary.
struct SchemaDialect {
    var hasApplicator = true
    var hasUnevaluated = true
    var hasValidation = true
    var assertsFormats = false
}

/// A schema with an address of its own, which may lie inside another.
struct SchemaResource {
    var uri: URIReference
    var root: SchemaLocation
    var dialect: SchemaDialect
    /// Places by anchor.
    var anchors: [MapKey: SchemaLocation] = [:]
    /// Those of them that `$dynamicRef` can find.
    var dynamicAnchors: [MapKey: SchemaLocation] = [:]
}

/// The documents that a schema stands on, with the addresses and anchors in them.
struct SchemaLibrary {
    private(set) var documents: [Value] = []
    private(set) var resources: [SchemaResource] = []
    private(set) var mistakes: [(location: SchemaLocation, message: String, remedy: String)] = []
    private var resourceByURI: [MapKey: Int] = [:]
    private var resourceByRoot: [SchemaLocation: Int] = [:]
    /// Documents that are read only when something refers to them.
    private let known: [String: Value]
    private let assertsFormats: Bool

    init(known: [String: Value], assertsFormats: Bool) {
        self.known = known.merging(Metaschema.documents) { own, _ in own }
        self.assertsFormats = assertsFormats
    }

    /// Takes a document in and gives back its root.
    mutating func add(_ document: Value, uri: String) -> SchemaLocation {
        let root = SchemaLocation(document: documents.count, pointer: "")
        documents.append(document)
        var dialect = SchemaDialect()
        dialect.assertsFormats = assertsFormats
        let resource = SchemaResource(uri: URIReference(uri), root: root, dialect: dialect)
        let index = register(resource, as: uri)
        scan(document, at: root, in: index, depth: 0)
        return root
    }

    func value(at location: SchemaLocation) -> Value? {
        JSONPointer.find(location.pointer, in: documents[location.document])
    }

    /// The resource that a place belongs to.
    func resource(of location: SchemaLocation) -> Int {
        var current: SchemaLocation? = location
        while let place = current {
            if let index = resourceByRoot[place] { return index }
            current = place.outer
        }
        return 0
    }

    func resource(rootedAt location: SchemaLocation) -> Int? { resourceByRoot[location] }

    /// The resource of an address; a known document is read first if need be.
    mutating func resource(at uri: URIReference) -> Int? {
        let text = uri.withoutFragment
        if let index = resourceByURI[.string(text)] { return index }
        guard let document = known[text] else { return nil }
        let root = add(document, uri: text)
        return resource(of: root)
    }

    private mutating func register(_ resource: SchemaResource, as uri: String) -> Int {
        let index = resources.count
        resources.append(resource)
        resourceByRoot[resource.root] = index
        if resourceByURI[.string(uri)] == nil { resourceByURI[.string(uri)] = index }
        return index
    }

    private mutating func report(
        _ location: SchemaLocation,
        _ message: String,
        _ remedy: String = ""
    ) {
        guard mistakes.count < JSONSchemaLimits.mistakesMax else { return }
        mistakes.append((location, message, remedy))
    }
}

// Finding the addresses and anchors of a document.
extension SchemaLibrary {
    private mutating func scan(
        _ value: Value,
        at location: SchemaLocation,
        in outer: Int,
        depth: Int
    ) {
        guard case .map(let map) = value else { return }
        guard depth <= JSONSchemaLimits.depthMax else {
            return report(location, "nested deeper than \(JSONSchemaLimits.depthMax) levels")
        }
        var resource = outer
        if let id = map["$id"] { resource = enter(id, at: location, in: outer) }
        if resources[resource].root == location, let address = map["$schema"] {
            follow(address, in: resource, at: location.appending("$schema"))
        }
        for keyword in ["$anchor", "$dynamicAnchor"] {
            guard let anchor = map[keyword] else { continue }
            name(anchor, keyword, at: location, in: resource)
        }
        for entry in map.entries {
            guard case .string(let keyword) = entry.key, let form = SubschemaForm.of(keyword)
            else { continue }
            let place = location.appending(keyword)
            switch (form, entry.value) {
            case (.schema, let schema):
                scan(schema, at: place, in: resource, depth: depth + 1)
            case (.list, .list(let schemas)):
                for (index, schema) in schemas.enumerated() {
                    scan(schema, at: place.appending("\(index)"), in: resource, depth: depth + 1)
                }
            case (.map, .map(let schemas)):
                for entry in schemas.entries {
                    guard case .string(let key) = entry.key else { continue }
                    scan(entry.value, at: place.appending(key), in: resource, depth: depth + 1)
                }
            case (.list, _), (.map, _):
                break
            }
        }
    }

    /// A new resource for an `$id`, or another address for the document's own.
    private mutating func enter(_ id: Value, at location: SchemaLocation, in outer: Int) -> Int {
        guard let text = id.stringValue, URIReference(text).fragment ?? "" == "" else {
            report(location.appending("$id"), "'$id' must be a URI without '#…'", "use '$anchor'")
            return outer
        }
        let uri = URIReference(text).resolved(against: resources[outer].uri)
        if resources[outer].root == location {
            resources[outer].uri = uri
            resourceByURI[.string(uri.withoutFragment)] = outer
            return outer
        }
        if let other = resourceByURI[.string(uri.withoutFragment)],
            resources[other].root.document == location.document
        {
            report(location.appending("$id"), "another schema has this '$id' already")
        }
        let dialect = resources[outer].dialect
        let resource = SchemaResource(uri: uri, root: location, dialect: dialect)
        return register(resource, as: uri.withoutFragment)
    }

    private mutating func name(
        _ anchor: Value,
        _ keyword: String,
        at location: SchemaLocation,
        in resource: Int
    ) {
        guard let text = anchor.stringValue, let first = text.unicodeScalars.first,
            first == "_" || first.properties.isAlphabetic
        else {
            let place = location.appending(keyword)
            return report(place, "'\(keyword)' must be a name", "begin it with a letter")
        }
        resources[resource].anchors[.string(text)] = location
        if keyword == "$dynamicAnchor" {
            resources[resource].dynamicAnchors[.string(text)] = location
        }
    }

    /// Takes over which vocabularies the meta-schema of a resource has.
    private mutating func follow(
        _ address: Value,
        in resource: Int,
        at location: SchemaLocation
    ) {
        guard let address = address.stringValue else {
            return report(location, "'$schema' must be a URI", "use \(Metaschema.address)")
        }
        let text = URIReference(address).withoutFragment
        guard text != Metaschema.address else { return }
        guard let metaschema = known[text] else {
            return report(
                location,
                "the meta-schema '\(address)' is unknown",
                "write the schema for \(Metaschema.address)"
            )
        }
        guard let vocabularies = metaschema["$vocabulary"]?.mapValue else { return }
        var dialect = SchemaDialect(
            hasApplicator: false,
            hasUnevaluated: false,
            hasValidation: false,
            assertsFormats: assertsFormats
        )
        for entry in vocabularies.entries {
            guard case .string(let vocabulary) = entry.key else { continue }
            switch vocabulary {
            case Metaschema.vocabularyPrefix + "applicator": dialect.hasApplicator = true
            case Metaschema.vocabularyPrefix + "unevaluated": dialect.hasUnevaluated = true
            case Metaschema.vocabularyPrefix + "validation": dialect.hasValidation = true
            case Metaschema.vocabularyPrefix + "format-assertion": dialect.assertsFormats = true
            case Metaschema.vocabularyPrefix + "core", Metaschema.vocabularyPrefix + "meta-data",
                Metaschema.vocabularyPrefix + "format-annotation",
                Metaschema.vocabularyPrefix + "content":
                break
            default:
                guard entry.value == .bool(true) else { continue }
                report(location, "'\(address)' needs the vocabulary '\(vocabulary)', unknown here")
            }
        }
        resources[resource].dialect = dialect
    }
}

/// Where a keyword holds schemas.
enum SubschemaForm {
    case schema
    case list
    case map

    static func of(_ keyword: String) -> SubschemaForm? {
        switch keyword {
        case "additionalProperties", "contains", "else", "if", "items", "not", "propertyNames",
            "then", "unevaluatedItems", "unevaluatedProperties", "contentSchema":
            .schema
        case "allOf", "anyOf", "oneOf", "prefixItems": .list
        case "$defs", "dependentSchemas", "patternProperties", "properties", "definitions": .map
        default: nil
        }
    }
}
