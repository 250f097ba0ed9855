/// The size of a data set as Fluid writes it, such as `84.29MiB`.
public enum DataSize {
    private static let factors: [(suffix: String, bytes: Double)] = [
        ("KiB", 0x1p10), ("MiB", 0x1p20), ("GiB", 0x1p30), ("TiB", 0x1p40), ("PiB", 0x1p50), ("EiB", 0x1p60),
        ("kB", 1e3), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("PB", 1e15), ("B", 1), ("", 1),
    ]
    /// The longest text that is looked at, in bytes.
    private static let textBytesMax = 32

    /// The number of bytes, to the nearest one; nil where there is none, as in `[Calculating]`.
    public static func bytes(_ text: String) -> Int64? {
        guard text.utf8.count <= textBytesMax else { return nil }
        let digits = text.prefix { ("0"..."9").contains($0) || $0 == "." }
        guard let number = Double(digits), let factor = factors.first(where: { $0.suffix == text[digits.endIndex...] })
        else { return nil }
        return Int64(exactly: (number * factor.bytes).rounded())
    }
}
