/// How big things of a projection can get.
public enum ProjectionLimits {
    /// A row's key or another name of it, in bytes: it must fit in a key of the views' tables.
    public static let keyBytesMax = 400
    /// The columns of a projection.
    public static let columnsMax = 200
    /// The sinks of a projection.
    public static let sinksMax = 8
}
