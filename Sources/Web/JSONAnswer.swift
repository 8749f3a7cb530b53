import Fleet
import Hummingbird
import NIOCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// JSON answers: keys in order, as the orchestrator writes them, and a line break at the end for whoever reads them in a terminal.
enum JSONAnswer {
    /// Larger answers are written in pieces of this many bytes, so that a slow reader who still reads is told from one who stopped.
    private static let piece = 64 << 10

    /// - Parameter location: where to look for what comes of it.
    static func response(
        _ body: some Encodable, status: HTTPResponse.Status = .ok, location: String? = nil
    ) -> Response {
        let encoder = FleetCoder.encoder()
        // Nothing that is answered has a number or a key that JSON cannot hold.
        guard let data = try? encoder.encode(body) else { return Response(status: .internalServerError) }
        var buffer = ByteBuffer()
        buffer.reserveCapacity(data.count + 1)
        buffer.writeBytes(data)
        buffer.writeString("\n")
        var headers: HTTPFields = [.contentType: "application/json"]
        headers[.location] = location
        return Response(status: status, headers: headers, body: self.body(buffer))
    }

    private static func body(_ buffer: ByteBuffer) -> ResponseBody {
        guard buffer.readableBytes > piece else { return ResponseBody(byteBuffer: buffer) }
        return ResponseBody(contentLength: buffer.readableBytes) { writer in
            var rest = buffer
            while let part = rest.readSlice(length: min(piece, rest.readableBytes)), part.readableBytes > 0 {
                try await writer.write(part)
            }
            try await writer.finish(nil)
        }
    }
}
