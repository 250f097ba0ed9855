import Kubernetes
import Wire

extension APIResponse {
    static func object(_ bytes: [UInt8]) -> APIResponse { APIResponse(status: 200, body: bytes) }

    /// A refusal in the API server's form.
    static func refusal(_ code: Int, _ reason: String, _ message: String, retryAfter: Int64? = nil) -> APIResponse {
        let status: JSON = [
            "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": .string(reason),
            "message": .string(message), "code": .integer(Int64(code)),
        ]
        return APIResponse(status: code, body: status.encoded(), retryAfterSeconds: retryAfter)
    }

    static func notFound(_ route: SimRoute) -> APIResponse {
        refusal(404, "NotFound", "\(route.resource.plural) \"\(route.name ?? "")\" not found")
    }

    static func conflict(_ route: SimRoute, _ why: String) -> APIResponse {
        refusal(
            409, "Conflict", "Operation cannot be fulfilled on \(route.resource.plural) \"\(route.name ?? "")\": \(why)"
        )
    }

    static func invalid(_ why: String) -> APIResponse { refusal(422, "Invalid", why) }
}
