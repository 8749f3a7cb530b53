import Hummingbird

/// One route as data: what it takes and who answers.
struct WebRoute: Sendable {
    typealias Handler = @Sendable (Request, WebContext) async throws -> Response

    let method: HTTPRequest.Method
    let path: RouterPath
    let handler: Handler
}
