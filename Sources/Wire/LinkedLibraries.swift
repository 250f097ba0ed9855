internal import CNghttp2
internal import COpenSSL
internal import CSimdjson

/// The C libraries of this module.
public enum LinkedLibraries {
    /// Each library's name and version, as the loaded library says it where it can (wslay can not).
    public static var versions: [(name: String, version: String)] {
        let openssl = unsafe String(cString: OpenSSL_version(OPENSSL_VERSION_STRING))
        let nghttp2 = unsafe nghttp2_version(0).map { unsafe String(cString: $0.pointee.version_str) }
        return unsafe [
            ("OpenSSL", openssl), ("nghttp2", nghttp2 ?? "?"), ("simdjson", String(cString: CSimdjson_version())),
        ]
    }
}
