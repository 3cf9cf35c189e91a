import EventModel

/// Values as JSON text, for lists and maps inside a text.
enum JSONText {
    /// - Throws: `costLimit`, or `invalidArgument` for what JSON cannot say.
    static func format(_ operand: Operand, _ context: inout Context) throws(Fault) -> String {
        // Counted before it is written, because values share their parts and texts do not.
        let counted = try context.value(operand)
        let text: String
        do throws(JSONError) {
            text = try JSON.text(counted)
        } catch {
            throw Fault(.invalidArgument, error.description)
        }
        try context.text(text.utf8.count)
        return text
    }
}
