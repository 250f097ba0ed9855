internal import CLinux

/// What the process does with memory that it freed.
public enum Memory {
    /// Gives it back to the system rather than keeping it for later; call it before any thread is started.
    public static func keepLittle() {
        CLinux_keep_little_memory()
    }
}
