import Testing
import Wire

@testable import sluice

@Suite struct `The TLS port` {
    @Test(arguments: [(504, "Timeout"), (503, "ServiceUnavailable"), (413, "RequestEntityTooLarge"), (408, nil)])
    func `refuses as Kubernetes does`(code: Int, reason: String?) throws {
        let refusal = TLSEndpoint(admission: nil, figures: nil).refusal(code, "Try again.")
        #expect(refusal.status == code && refusal.headers == [HTTPField("content-type", "application/json")])
        var parser = JSONParser()
        var status: JSON = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "message": "Try again.",
        ]
        if let reason { status["reason"] = .string(reason) }
        status["details"] = [:]
        status["code"] = .integer(Int64(code))
        #expect(JSON(try parser.parse(refusal.body)) == status)
    }
}
