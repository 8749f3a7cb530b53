import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The installed `pcluster`: its library kept loaded where that works, its command line where it does not.
public actor PclusterProgram: PclusterDoor {
    /// How questions are put, for `slipway doctor`.
    public enum Way: Sendable, Equatable {
        case library(interpreter: String, version: String)
        case commandLine(program: String, because: String)
        case missing(String)
        /// The library is still being loaded, or was lost and is loaded again.
        case pending(String)
    }

    private let program: PclusterInstallation
    private let warm: WarmInterpreter?
    private let cold: PclusterCommandLine

    /// - Parameter profile: the AWS profile, handed over as `AWS_PROFILE`.
    public init(
        _ program: PclusterInstallation, profile: String? = nil, commands: any CommandDoor, time: TimeSource
    ) {
        self.program = program
        let environment = profile.map { ["AWS_PROFILE": $0] } ?? [:]
        cold = PclusterCommandLine(program: program.path, environment: environment, commands: commands)
        warm = program.interpreter.map {
            WarmInterpreter(interpreter: $0, environment: environment, commands: commands, time: time)
        }
    }

    public func ask(_ question: PclusterQuestion) async throws(PclusterProblem) -> Data {
        guard let warm else { return try await cold.ask(question) }
        do throws(PclusterProblem) {
            return try await warm.ask(question)
        } catch {
            // The library cannot be loaded there: its own program may still work.
            guard case .missing = error else { throw error }
            return try await cold.ask(question)
        }
    }

    /// How it is asked now. Nothing was asked yet: it is found out.
    public func way() async -> Way {
        guard let warm else {
            return await coldWay(because: "its first line names no interpreter")
        }
        _ = try? await warm.ask(PclusterQuestion(.version, region: "us-east-1", deadline: 10))
        switch await warm.condition {
        case .ready(let version): return .library(interpreter: program.interpreter ?? "", version: version)
        case .unfit(let reason): return await coldWay(because: reason)
        case .ended(let reason): return .pending(reason)
        case .starting: return .pending("it is still loading")
        }
    }

    private func coldWay(because reason: String) async -> Way {
        do throws(PclusterProblem) {
            _ = try await cold.ask(PclusterQuestion(.version, region: "us-east-1", deadline: 10))
            return .commandLine(program: program.path, because: reason)
        } catch {
            return .missing(error.sentence)
        }
    }

    /// Processes that are kept for it.
    public func processes() async -> [Int] { await warm?.processes() ?? [] }

    public func close() async { await warm?.close() }
}
