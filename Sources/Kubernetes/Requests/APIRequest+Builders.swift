public import Wire

extension APIRequest {
    /// Whose changes these are, in `metadata.managedFields`.
    public static let fieldManager = "sluice"

    /// Reads one object, or a subresource of it such as `scale`.
    public static func get(
        _ resource: Resource, namespace: String? = nil, name: String, subresource: String? = nil
    ) -> APIRequest {
        APIRequest(.get, path: path(resource, namespace: namespace, name: name, subresource: subresource))
    }

    /// Lists objects, a page at a time if `limit` says so; without `namespace`, those of all namespaces.
    public static func list(
        _ resource: Resource, namespace: String? = nil, selection: Selection = Selection(), limit: Int? = nil,
        continueToken: String? = nil
    ) -> APIRequest {
        var query = selection.query
        if let limit { query.append(QueryItem("limit", String(limit))) }
        if let continueToken { query.append(QueryItem("continue", continueToken)) }
        return APIRequest(
            .get, path: path(resource, namespace: namespace), query: query, timeout: listTimeout,
            responseBytesMax: limit == nil ? listResponseBytesMax : pageResponseBytesMax)
    }

    /// Watches for changes after `resourceVersion`, with bookmarks, until the server ends it after `timeoutSeconds`.
    public static func watch(
        _ resource: Resource, namespace: String? = nil, selection: Selection = Selection(), resourceVersion: String,
        timeoutSeconds: Int
    ) -> APIRequest {
        let query =
            selection.query + [
                QueryItem("watch", "true"), QueryItem("allowWatchBookmarks", "true"),
                QueryItem("resourceVersion", resourceVersion), QueryItem("timeoutSeconds", String(timeoutSeconds)),
            ]
        return APIRequest(
            .get, path: path(resource, namespace: namespace), query: query,
            timeout: .seconds(timeoutSeconds) + defaultTimeout)
    }

    /// Creates an object from JSON.
    public static func create(
        _ resource: Resource, namespace: String? = nil, body: JSON, dryRun: Bool = false
    ) -> APIRequest {
        APIRequest(
            .post, path: path(resource, namespace: namespace), query: writeQuery(dryRun: dryRun),
            contentType: "application/json", body: body.encoded())
    }

    /// Replaces an object; `metadata.resourceVersion` in `body` is the precondition.
    public static func replace(
        _ resource: Resource, namespace: String? = nil, name: String, subresource: String? = nil, body: JSON
    ) -> APIRequest {
        APIRequest(
            .put, path: path(resource, namespace: namespace, name: name, subresource: subresource),
            query: writeQuery(dryRun: false), contentType: "application/json", body: body.encoded())
    }

    /// How a patch is written.
    public enum PatchType: String, Sendable, Hashable {
        /// RFC 7386; `uid` and `resourceVersion` in its `metadata` are preconditions.
        case merge = "application/merge-patch+json"
        /// RFC 6902; its `test` operations are preconditions.
        case json = "application/json-patch+json"
    }

    /// Changes an object or a subresource of it, such as `status` or `scale`, in part.
    public static func patch(
        _ resource: Resource, namespace: String? = nil, name: String, subresource: String? = nil, type: PatchType,
        body: JSON, dryRun: Bool = false
    ) -> APIRequest {
        APIRequest(
            .patch, path: path(resource, namespace: namespace, name: name, subresource: subresource),
            query: writeQuery(dryRun: dryRun), contentType: type.rawValue, body: body.encoded())
    }

    /// What an object must still be, or a delete is answered with 409.
    public struct Preconditions: Sendable, Hashable {
        /// The uid it must have.
        public var uid: String?
        /// The version it must have.
        public var resourceVersion: String?

        /// Makes preconditions.
        public init(uid: String? = nil, resourceVersion: String? = nil) {
            self.uid = uid
            self.resourceVersion = resourceVersion
        }
    }

    /// Deletes an object, if it is still the one that was looked at.
    public static func delete(
        _ resource: Resource, namespace: String? = nil, name: String, preconditions: Preconditions = Preconditions(),
        gracePeriodSeconds: Int64? = nil
    ) -> APIRequest {
        var options: JSON = ["apiVersion": "v1", "kind": "DeleteOptions"]
        var conditions: JSON = [:]
        conditions["uid"] = preconditions.uid.map(JSON.string)
        conditions["resourceVersion"] = preconditions.resourceVersion.map(JSON.string)
        if !conditions.members.isEmpty { options["preconditions"] = conditions }
        options["gracePeriodSeconds"] = gracePeriodSeconds.map(JSON.integer)
        return APIRequest(
            .delete, path: path(resource, namespace: namespace, name: name), contentType: "application/json",
            body: options.encoded())
    }

    /// Asks a pod's own HTTP server through the API server.
    ///
    /// The port has to be a number: a port's name ends in an error within HTTP/2 (seen on 1.20).
    public static func podProxy(
        namespace: String, pod: String, port: Int, path inner: String, query: [QueryItem] = [],
        timeout: Duration = defaultTimeout, responseBytesMax: Int = defaultResponseBytesMax
    ) -> APIRequest {
        let base = path(.pods, namespace: namespace) + "/http:\(PercentEncoding.component(pod)):\(port)/proxy"
        let rest = PercentEncoding.path(inner)
        return APIRequest(
            .get, path: base + (rest.hasPrefix("/") ? rest : "/" + rest), query: query, timeout: timeout,
            responseBytesMax: responseBytesMax)
    }

    private static func writeQuery(dryRun: Bool) -> [QueryItem] {
        [QueryItem("fieldManager", fieldManager)] + (dryRun ? [QueryItem("dryRun", "All")] : [])
    }
}

/// Which objects of a resource a list or watch is about.
public struct Selection: Sendable, Hashable {
    /// A label selector such as `app=alluxio,role=alluxio-worker`.
    public var labels: String?
    /// A field selector such as `metadata.name=hbase`.
    public var fields: String?

    /// Makes a selection; nil means all.
    public init(labels: String? = nil, fields: String? = nil) {
        self.labels = labels
        self.fields = fields
    }

    var query: [APIRequest.QueryItem] {
        var query: [APIRequest.QueryItem] = []
        if let labels { query.append(APIRequest.QueryItem("labelSelector", labels)) }
        if let fields { query.append(APIRequest.QueryItem("fieldSelector", fields)) }
        return query
    }
}

extension APIRequest {
    /// Lets the request take no longer than this, in whole seconds, and tells the server so (`timeout`).
    ///
    /// What waits in the server's queue is not carried out any more then. At least one second.
    public mutating func limit(to time: Duration) {
        let seconds = max(1, time.components.seconds)
        timeout = .seconds(seconds)
        query.append(QueryItem("timeout", "\(seconds)s"))
    }
}
