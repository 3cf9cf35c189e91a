import DaybookTestKit
import EventModel
import Testing

/// Trees, proofs, notes, keys, checkpoints and tile paths against other people's vectors.
@Suite final class MerkleConformanceTests {
    private var (passed, total) = (0, 0)

    @Test func everyRowHolds() throws {
        guard Conformance.folder("merkle") != nil else { return }
        let checks: [(String, ([String: Any]) -> String?)] = [
            ("hashes", hash), ("inclusion", inclusion), ("consistency", consistency),
            ("notes", note), ("signing", signing), ("vkeys", vkey), ("checkpoints", checkpoint),
            ("tiles", tile),
        ]
        for (file, check) in checks {
            guard let rows = try conformanceRows("merkle", file + ".json") else { continue }
            let failures = rows.compactMap { row in
                check(row).map { "\(row["name"] ?? "?"): \($0)" }
            }
            passed += rows.count - failures.count
            total += rows.count
            #expect(failures.isEmpty, "\(file): \(failures.prefix(20).joined(separator: "\n"))")
        }
        Conformance.report("merkle", passed: passed, total: total)
        #expect(total > 0)
    }

    private func hash(_ row: [String: Any]) -> String? {
        let found: Digest
        switch row["kind"] as? String {
        case "leaf": found = MerkleHash.leaf(raw(row, "data"))
        case "node": found = MerkleHash.node(bytes: raw(row, "left"), raw(row, "right"))
        case "root":
            let leaves = row["leaves"] as? [String] ?? []
            found = MerkleHash.root(of: leaves.map { MerkleHash.leaf(bytes(hexadecimal: $0)) })
        case "root-of-leaf-text":
            found = MerkleHash.root(of: leafTexts(row["size"] as? Int ?? 0))
        default: return "unknown kind"
        }
        let wanted = row["hash"] as? String ?? row["root"] as? String
        return found.hexadecimal == wanted ? nil : "hashed to \(found.hexadecimal)"
    }

    private func inclusion(_ row: [String: Any]) -> String? {
        let wanted = row["valid"] as? Bool ?? false
        guard let index = number(row["index"]), let size = number(row["size"]) else {
            return wanted ? "bad row" : nil
        }
        let isValid = MerkleVerifier.isIncluded(
            raw(row, "leaf_hash"),
            index: index,
            size: size,
            proof: proof(row),
            root: raw(row, "root")
        )
        guard isValid == wanted else { return "valid: \(isValid)" }
        guard wanted, row["leaf_text"] != nil else { return nil }
        let prover = TestTree(leafTexts(Int(size))).prover
        let proved = prover.inclusion(index: index, size: size).map(\.bytes)
        guard proved == proof(row) else { return "proved otherwise" }
        return prover.root(size: size) == digest(row, "root") ? nil : "another root"
    }

    private func consistency(_ row: [String: Any]) -> String? {
        let wanted = row["valid"] as? Bool ?? false
        guard let first = number(row["size1"]), let second = number(row["size2"]) else {
            return wanted ? "bad row" : nil
        }
        let isValid = MerkleVerifier.isConsistent(
            from: first,
            to: second,
            proof: proof(row),
            firstRoot: raw(row, "root1"),
            secondRoot: raw(row, "root2")
        )
        return isValid == wanted ? nil : "valid: \(isValid)"
    }

    private func note(_ row: [String: Any]) -> String? {
        var message = Array((row["message"] as? String ?? "").utf8)
        if let encoded = row["message_base64"] as? String {
            message = StandardBase64.decode(encoded) ?? []
        }
        let texts = row["vkeys"] as? [String] ?? []
        let keys = texts.compactMap { try? VerifierKey(text: $0) }
        guard keys.count == texts.count else { return "a key was refused" }
        let outcome: String
        do throws(ProofError) {
            let note = try SignedNote(bytes: message)
            let names = try note.verified(by: keys).map(\.name)
            guard names == row["verified"] as? [String] else { return "verified \(names)" }
            guard note.text == row["text"] as? String else { return "text '\(note.text)'" }
            outcome = "ok"
        } catch {
            switch error.code {
            case .malformed: outcome = "malformed"
            case .invalidSignature: outcome = "invalid signature"
            case .noVerifiableSignature: outcome = "no verifiable signature"
            case .wrongProof, .badKey: outcome = error.message
            }
        }
        return outcome == row["outcome"] as? String ? nil : "outcome: \(outcome)"
    }

    private func signing(_ row: [String: Any]) -> String? {
        do throws(ProofError) {
            let name = row["key_name"] as? String ?? ""
            let key = try SignerKey(name: name, seed: raw(row, "seed"))
            let note = try SignedNote(signing: row["text"] as? String ?? "", with: [key])
            guard note.message == row["note"] as? String else { return "signed \(note.message)" }
            if let vkey = row["vkey"] as? String, vkey != key.verifier.text {
                return "vkey \(key.verifier.text)"
            }
            return try SignerKey(text: key.text).verifier == key.verifier ? nil : "read otherwise"
        } catch {
            return error.message
        }
    }

    private func vkey(_ row: [String: Any]) -> String? {
        let text = row["vkey"] as? String ?? ""
        let key = try? VerifierKey(text: text)
        guard (key != nil) == (row["valid"] as? Bool) else { return "valid: \(key != nil)" }
        return key == nil || key?.text.lowercased() == text.lowercased() ? nil : "written otherwise"
    }

    private func checkpoint(_ row: [String: Any]) -> String? {
        let text = row["text"] as? String ?? ""
        guard let checkpoint = try? Checkpoint(text: text) else {
            return row["valid"] as? Bool == false ? nil : "refused"
        }
        guard row["valid"] as? Bool == true else { return "taken" }
        guard checkpoint.origin == row["origin_line"] as? String,
            checkpoint.size == number(row["size"]), checkpoint.root == digest(row, "root"),
            checkpoint.extensions == row["extensions"] as? [String]
        else { return "read as \(checkpoint)" }
        return checkpoint.text == text ? nil : "written otherwise"
    }

    private func tile(_ row: [String: Any]) -> String? {
        let path = row["path"] as? String ?? ""
        guard let level = row["level"] as? Int, let index = number(row["index"]) else {
            return "bad row"
        }
        let width = row["width"] as? Int ?? 256
        guard let tile = TilePath(.hashes(level: level), index: index, width: width) else {
            return "refused"
        }
        guard tile.path == path else { return "path \(tile.path)" }
        return TilePath(path: path) == tile ? nil : "read otherwise"
    }

    // MARK: Rows

    private func raw(_ row: [String: Any], _ key: String) -> [UInt8] {
        bytes(hexadecimal: row[key] as? String ?? "")
    }

    private func digest(_ row: [String: Any], _ key: String) -> Digest? {
        Digest(hexadecimal: row[key] as? String ?? "")
    }

    private func proof(_ row: [String: Any]) -> [[UInt8]] {
        (row["proof"] as? [String] ?? []).map { bytes(hexadecimal: $0) }
    }

    private func number(_ value: Any?) -> UInt64? {
        // A number beyond 63 bits comes as text or as a number, by the reader's choice.
        if let text = value as? String { return UInt64(text) }
        return value as? UInt64
    }

    private func leafTexts(_ count: Int) -> [Digest] {
        (0..<count).map { MerkleHash.leaf(Array("leaf \($0)".utf8)) }
    }
}
