import BareMetal
import ClusterPool
import Hummingbird

/// A refusal: a status and a sentence, answered as `{"error": "…"}`, with `"advice"` where there is something to do about it.
struct WebFault: Error, Sendable {
    let status: HTTPResponse.Status
    let message: String
    let advice: String?
    let headers: HTTPFields

    init(_ status: HTTPResponse.Status, _ message: String, advice: String? = nil, headers: HTTPFields = [:]) {
        self.status = status
        self.message = message
        self.advice = advice
        self.headers = headers
    }

    init(_ error: DeploymentError) {
        let status: HTTPResponse.Status =
            switch error {
            case .invalid: .badRequest
            case .unknown: .notFound
            case .conflict: .conflict
            case .unavailable: .serviceUnavailable
            case .unusable: .internalServerError
            }
        self.init(status, error.message)
    }

    var response: Response {
        var response = JSONAnswer.response(ErrorBody(error: message, advice: advice), status: status)
        response.headers.append(contentsOf: headers)
        return response
    }

    private struct ErrorBody: Encodable {
        let error: String
        let advice: String?
    }
}

/// Turns every refusal into its JSON answer, and ends connections whose request has more to send than anybody wants to read.
struct FaultAnswers: RouterMiddleware {
    typealias Context = WebContext

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch let error as DeploymentError {
            response = WebFault(error).response
        } catch let refusal as PoolRefusal {
            response = PoolAnswer.refusal(refusal)
        } catch let fault as WebFault {
            response = fault.response
        } catch let error as HTTPError where error.status == .notFound {
            response = WebFault(.notFound, "Not found").response
        }
        if response.status.kind == .serverError {
            // Without the path: it may hold anything.
            context.logger.error("answered \(response.status.code) to a \(request.method.rawValue) request")
        }
        if PostedBody.mayBeLarge(request) {
            response.headers[.connection] = "close"
            context.closeSoon()
        }
        return response
    }
}
