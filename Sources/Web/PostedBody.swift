import BareMetal
import Fleet
import Hummingbird
import NIOCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads what somebody posts, with bounds on its size and on the time it may take.
struct PostedBody: Sendable {
    /// The most bytes of a body.
    static let limit = 64 << 10

    let time: TimeSource
    /// Seconds in which a body must have arrived.
    let patience: Double

    /// Whether a request has, or may have, more to send than is ever read.
    static func mayBeLarge(_ request: Request) -> Bool {
        if request.headers[.transferEncoding] != nil { return true }
        guard let length = request.headers[.contentLength] else { return false }
        return Int(length).map { $0 > limit } ?? true
    }

    /// Takes the body as JSON whatever its declared type: a node's script posts with `curl -d`, which declares a form.
    func decode<Body: Decodable>(_ type: Body.Type, from request: Request) async throws -> Body {
        let bytes = try await collect(request)
        guard !bytes.isEmpty else { throw WebFault(.badRequest, "The body is empty; send a JSON object.") }
        return try decode(type, from: bytes)
    }

    /// The same for a body that need not be sent.
    func decodeIfSent<Body: Decodable>(_ type: Body.Type, from request: Request) async throws -> Body? {
        let bytes = try await collect(request)
        return bytes.isEmpty ? nil : try decode(type, from: bytes)
    }

    private func decode<Body: Decodable>(_ type: Body.Type, from bytes: Data) throws -> Body {
        do {
            return try JSONDecoder().decode(type, from: bytes)
        } catch let error as DeploymentError {
            throw error
        } catch let fault as WebFault {
            throw fault
        } catch {
            throw WebFault(.badRequest, "The body is not JSON; send a JSON object.")
        }
    }

    private func collect(_ request: Request) async throws -> Data {
        let tooLarge = WebFault(.contentTooLarge, "The body is larger than \(Self.limit) bytes.")
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > Self.limit { throw tooLarge }
        let start = time.uptime()
        var buffer = ByteBuffer()
        for try await part in request.body {
            guard buffer.readableBytes + part.readableBytes <= Self.limit else { throw tooLarge }
            // A connection on which nothing comes is closed by the server; this ends one on which a byte comes now and then.
            guard time.uptime() - start <= patience else {
                throw WebFault(.requestTimeout, "The body did not arrive within \(DurationText.short(patience)).")
            }
            buffer.writeImmutableBuffer(part)
        }
        // Bytes that are not UTF-8 become U+FFFD: a log line with a stray byte is worth more than none.
        return Data(String(decoding: buffer.readableBytesView, as: UTF8.self).utf8)
    }
}

extension KeyedDecodingContainer {
    /// A field that may be missing or null.
    ///
    /// - Parameter what: what it must be, as in `a text`.
    /// - Throws: a 400 that names the field when it is something else.
    func posted<Value: Decodable>(_ type: Value.Type, _ key: Key, _ what: String) throws -> Value? {
        do {
            return try decodeIfPresent(type, forKey: key)
        } catch {
            throw WebFault(.badRequest, "\(key.stringValue) must be \(what).")
        }
    }
}
