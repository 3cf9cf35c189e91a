import Foundation
import Testing

@Suite struct ExpressionCommandTests {
    private func run(_ arguments: [String]) async throws -> Program.Result {
        let program = try Program()
        let variables = "input:\n  amount: 120\n  name: Ana\n  tags: [a, b]\n"
        try program.write(variables, to: "variables.yaml")
        try program.write("input: {amount: int, name: string}\n", to: "types.yaml")
        try program.write("input: {amount: itn}\n", to: "bad.yaml")
        let result = try await program.start(arguments).result()
        // The files live as long as the program.
        return withExtendedLifetime(program) { result }
    }

    @Test(arguments: [
        (["eval", "1 + 1"], "2"),
        (["eval", "input.name + '!'", "--with", "variables.yaml"], "Ana!"),
        (["eval", "input.name", "--with", "variables.yaml", "--json"], "\"Ana\""),
        (["eval", "input.tags", "--with", "variables.yaml"], "[\"a\",\"b\"]"),
        (
            ["eval", "Dear {{ input.name }}", "--template", "--with", "variables.yaml"],
            "Dear Ana"
        ),
        (["eval", "string(now)", "--at", "2026-12-01T10:00:00Z"], "2026-12-01T10:00:00Z"),
        (["eval", "now.getHours('Europe/Ljubljana')", "--at", "2026-12-01T10:00:00Z"], "11"),
        (["check", "input.amount > 1", "--types", "types.yaml"], "bool"),
        (["check", "input.tags[0]", "--with", "variables.yaml"], "string"),
        (["check", "a.b"], "dyn"),
    ])
    func writes(_ arguments: [String], _ output: String) async throws {
        let result = try await run(["expr"] + arguments)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output == output + "\n")
    }

    @Test(arguments: [
        (["eval", "1 +"], 1, "found the end of the expression"),
        (["eval", "inptu.amount", "--with", "variables.yaml"], 1, "did you mean 'input'?"),
        (["check", "input.amuont", "--types", "types.yaml"], 1, "'amount'?\n  input.amuont"),
        (["check", "input.amount", "--types", "types.yaml", "--wanted", "bool"], 1, "is wanted"),
        (["check", "1", "--types", "bad.yaml"], 65, "there is no type 'itn'; did you mean 'int'?"),
        (["check", "1", "--wanted", "itn"], 64, "there is no type 'itn'"),
        (["eval", "1", "--with", "nowhere.yaml"], 65, "nowhere.yaml"),
        (["eval", "1", "--at", "noon"], 64, "--at is no time"),
    ])
    func refuses(_ arguments: [String], _ status: Int32, _ fragment: String) async throws {
        let result = try await run(["expr"] + arguments)
        #expect(result.status == status)
        #expect(result.errors.contains(fragment), "\(result.errors)")
        #expect(result.output.isEmpty)
    }

    @Test func mistakesAreWrittenForPrograms() async throws {
        let line = ["expr", "check", "input.amuont + nobody", "--types", "types.yaml", "--json"]
        let result = try await run(line)
        #expect(result.status == 1)
        #expect(result.output.contains(#""column":7"#))
        #expect(result.output.contains(#""code":"undeclared_reference""#))
    }
}
