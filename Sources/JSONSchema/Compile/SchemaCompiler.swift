import CEL
import EventModel

/// Turns documents into nodes; goes on after mistakes, so that all are found at once.
struct SchemaCompiler {
    private(set) var library: SchemaLibrary
    private(set) var nodes: [SchemaNode] = []
    private(set) var mistakes: [SchemaMistake] = []
    /// For each resource the nodes of its dynamic anchors.
    private(set) var dynamicAnchors: [[MapKey: Int]] = []

    private struct Pending {
        var index: Int
        var location: SchemaLocation
        var value: Value
    }

    /// The subschema that is being read.
    var reading = KeywordReading()
    private var indexes: [SchemaLocation: Int] = [:]
    private var pending: [Pending] = []
    private var dynamicNames: Set<MapKey> = []

    init(known: [String: Value], assertsFormats: Bool) {
        library = SchemaLibrary(known: known, assertsFormats: assertsFormats)
    }

    mutating func compile(_ schema: Value, uri: String) {
        let root = library.add(schema, uri: uri)
        _ = node(at: root, schema)
        repeat {
            while let next = pending.popLast() { fill(next) }
            compileDynamicAnchors()
        } while !pending.isEmpty
        for mistake in library.mistakes {
            report(mistake.location, mistake.message, remedy: mistake.remedy)
        }
    }

    /// Every anchor that a `$dynamicRef` may come to, in any resource.
    private mutating func compileDynamicAnchors() {
        for (index, resource) in library.resources.enumerated() {
            if dynamicAnchors.count <= index { dynamicAnchors.append([:]) }
            for name in dynamicNames where dynamicAnchors[index][name] == nil {
                guard let location = resource.dynamicAnchors[name],
                    let value = library.value(at: location)
                else { continue }
                dynamicAnchors[index][name] = node(at: location, value)
            }
        }
    }

    mutating func report(_ location: SchemaLocation, _ message: String, remedy: String = "") {
        guard mistakes.count < JSONSchemaLimits.mistakesMax else { return }
        // A mistake in a document that was referred to is shown with its address.
        let address =
            location.document == 0
            ? "" : " (in \(library.resources[library.resource(of: location)].uri.withoutFragment))"
        mistakes.append(
            SchemaMistake(path: location.pointer, message: message + address, remedy: remedy)
        )
    }

    /// The index of the node for a subschema, which is filled later.
    mutating func node(at location: SchemaLocation, _ value: Value) -> Int {
        if let index = indexes[location] { return index }
        let index = nodes.count
        indexes[location] = index
        nodes.append(SchemaNode(resource: library.resource(of: location)))
        guard index < JSONSchemaLimits.nodesMax else {
            if index == JSONSchemaLimits.nodesMax {
                report(location, "the schema has more than \(index) subschemas")
            }
            return index
        }
        pending.append(Pending(index: index, location: location, value: value))
        return index
    }

    private mutating func fill(_ item: Pending) {
        switch item.value {
        case .bool(let isAnything):
            if !isAnything { nodes[item.index].rules = [.never] }
        case .map(let map):
            let resource = nodes[item.index].resource
            let rules = readKeywords(
                map,
                at: item.location,
                dialect: library.resources[resource].dialect
            )
            nodes[item.index].rules = rules
            for rule in rules {
                if case .unevaluatedProperties = rule { nodes[item.index].tracksProperties = true }
                if case .unevaluatedItems = rule { nodes[item.index].tracksItems = true }
            }
        case .null, .int, .uint, .double, .string, .bytes, .timestamp, .duration, .list:
            report(
                item.location,
                "a schema must be a mapping, true or false, not \(item.value.typeName)"
            )
        }
    }

    /// What a `$ref` or `$dynamicRef` names, and the dynamic anchor if it names one.
    mutating func target(
        of text: String,
        from location: SchemaLocation,
        keyword: String
    ) -> (node: Int, dynamicAnchor: String?)? {
        let place = location.appending(keyword)
        let base = library.resources[library.resource(of: location)].uri
        let uri = URIReference(text).resolved(against: base)
        guard let fragment = uri.decodedFragment else {
            report(place, "'\(text)' has a broken '%' escape")
            return nil
        }
        guard let resource = library.resource(at: uri) else {
            report(
                place,
                "'\(text)' refers to '\(uri.withoutFragment)', which is unknown",
                remedy: "put that schema under '$defs' here and refer to it as '#/$defs/…'"
            )
            return nil
        }
        let target: SchemaLocation
        var dynamicAnchor: String?
        if fragment.isEmpty || fragment.hasPrefix("/") {
            let root = library.resources[resource].root
            target = SchemaLocation(document: root.document, pointer: root.pointer + fragment)
        } else {
            guard let anchored = library.resources[resource].anchors[.string(fragment)] else {
                report(place, "'\(text)' refers to an anchor that is nowhere")
                return nil
            }
            target = anchored
            if library.resources[resource].dynamicAnchors[.string(fragment)] != nil {
                dynamicAnchor = fragment
            }
        }
        guard let value = library.value(at: target) else {
            report(place, "'\(text)' refers to something that is not there")
            return nil
        }
        return (node(at: normalized(target), value), dynamicAnchor)
    }

    /// The place with its tokens escaped as everywhere else.
    private func normalized(_ location: SchemaLocation) -> SchemaLocation {
        var result = SchemaLocation(document: location.document, pointer: "")
        for token in JSONPointer.tokens(location.pointer) { result = result.appending(token) }
        return result
    }

    mutating func needsDynamicAnchor(_ name: String) { dynamicNames.insert(.string(name)) }
}
