public import HTTPClient
public import WorkflowEngine

/// The actions on records, calendars, bookings and tasks, ready for a catalogue.
public enum NotionActions {
    /// Makes all of them over one record store.
    ///
    /// - Parameters:
    ///   - store: where the records are.
    ///   - transport: by which calendar feeds are fetched.
    public static func all(
        store: NotionRecordStore,
        transport: any HTTPTransport
    ) -> [any ActionHandler] {
        let notion: [any ActionHandler] = [
            RecordsFind(store: store),
            RecordsQuery(store: store),
            RecordsFindOrCreate(store: store),
            RecordsCreate(store: store),
            RecordsUpdate(store: store),
            BookingAssignPractitioner(finder: store),
            BookingReserve(finder: store),
        ]
        let other: [any ActionHandler] = [
            CalendarSync(finder: store, transport: transport), BookingRelease(), TaskCreate(),
        ]
        return notion.map { IntegratedAction($0, "notion") } + other
            + NotionNamed.all(store: store) + [DataQuery(finder: store)]
    }
}
