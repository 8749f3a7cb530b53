import Foundation
import NIOCore
import Synchronization
import Testing

@testable import Upstream

/// Answers that go on, from a server of plain sockets that does as it is told.
@Suite(.timeLimit(.minutes(5))) struct FollowTests {
    private static let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

    private static func chunk(_ text: String) -> String { "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n" }

    @Test func linesComeWholeHoweverTheyWereSent() async throws {
        let reply =
            Self.head + Self.chunk("{\"a\"") + Self.chunk(":1}\n\n{\"b\":2}\r\n{\"c\"") + Self.chunk(":3}")
            + "0\r\n\r\n"
        let (lines, answer) = try await Self.follow(reply)
        #expect(lines == [#"{"a":1}"#, #"{"b":2}"#, #"{"c":3}"#])
        #expect(answer.status == 200)
    }

    @Test func anAnswerThatBreaksOffIsCutAndWhatCameBeforeWasTold() async throws {
        let lines = Lines()
        await #expect {
            try await Self.follow(Self.head + Self.chunk("{\"a\":1}\n{\"b\""), into: lines)
        } throws: { ($0 as? UpstreamProblem)?.reason == .cut }
        #expect(lines.all == [#"{"a":1}"#])
    }

    @Test func aRefusalComesBackWithItsBody() async throws {
        let (lines, answer) = try await Self.follow("HTTP/1.1 403 No\r\nContent-Length: 9\r\n\r\nforbidden")
        #expect(lines.isEmpty)
        #expect(answer.status == 403)
        #expect(String(decoding: answer.body, as: UTF8.self) == "forbidden")
    }

    @Test func aLineThatNeverEndsIsNotRead() async throws {
        let reply = Self.head + Self.chunk(String(repeating: "x", count: 5000))
        await #expect { try await Self.follow(reply, limit: 1000) } throws: {
            ($0 as? UpstreamProblem)?.reason == .tooLarge(1000)
        }
    }

    @Test func silenceCountsAsHungAndSoDoesAHeadThatNeverComes() async throws {
        let server = try RawServer(reply: nil)
        await #expect { try await Self.follow(from: server, deadline: 5, patience: 0.2) } throws: {
            ($0 as? UpstreamProblem)?.reason == .timedOut
        }
        await #expect { try await Self.follow(from: server, deadline: 1, patience: 60) } throws: {
            ($0 as? UpstreamProblem)?.reason == .timedOut
        }
    }

    @Test(arguments: 1...7) func aLineMayBeCutAnywhere(size: Int) throws {
        let text = Array("first\n\nsecond\r\nthird".utf8)
        var splitter = LineSplitter(limit: 100)
        var lines: [String] = []
        for start in stride(from: 0, to: text.count, by: size) {
            try splitter.take(ByteBuffer(bytes: text[start..<min(text.count, start + size)]))
            while let line = splitter.next() { lines.append(String(decoding: line, as: UTF8.self)) }
        }
        if let line = splitter.last() { lines.append(String(decoding: line, as: UTF8.self)) }
        #expect(lines == ["first", "second", "third"])
    }

    private static func follow(
        _ reply: String, limit: Int = 1 << 20, into lines: Lines = Lines()
    ) async throws -> ([String], HTTPReply) {
        try await follow(from: RawServer(reply: reply), limit: limit, into: lines)
    }

    private static func follow(
        from server: RawServer, deadline: Double = 5, patience: Double = 5, limit: Int = 1 << 20,
        into lines: Lines = Lines()
    ) async throws -> ([String], HTTPReply) {
        let door = try HTTPClientDoor(base: "http://127.0.0.1:\(server.port)", environment: [:])
        let result: Result<HTTPReply, any Error>
        do {
            result = .success(
                try await door.follow(
                    HTTPQuestion(target: "/watch", deadline: deadline, bodyLimit: limit), patience: patience,
                    opened: {}
                ) { lines.add($0) })
        } catch {
            result = .failure(error)
        }
        await door.close()
        return (lines.all, try result.get())
    }
}

/// What a follower was told.
final class Lines: Sendable {
    private let kept = Mutex<[String]>([])

    var all: [String] { kept.withLock { $0 } }

    func add(_ line: Data) { kept.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
}
