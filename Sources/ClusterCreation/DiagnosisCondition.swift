/// One condition of a rule over facts. A fact that is not known makes it neither true nor false.
///
/// In the data it is a mapping with one key; `Rules/wait-condition.yaml` explains each.
indirect enum DiagnosisCondition: Sendable, Equatable {
    /// Seconds, or a number of things; both ends belong to it.
    struct Span: Sendable, Equatable, Decodable {
        var atLeast: Double?
        var atMost: Double?

        enum CodingKeys: String, CodingKey {
            case atLeast = "at-least"
            case atMost = "at-most"
        }

        func contains(_ value: Double) -> Bool {
            value >= atLeast ?? -.infinity && value <= atMost ?? .infinity
        }
    }

    /// A log's newest lines.
    struct Line: Sendable, Equatable, Decodable {
        /// Names of logs; every log when it is left out.
        var of: [String]?
        var says: [DiagnosisPhrase]
        /// How many of the newest lines are looked at; all when it is left out.
        var newest: Int?
        /// The line counts only if nothing like this was logged after it.
        var unlessLater: [DiagnosisPhrase]?

        enum CodingKeys: String, CodingKey {
            case of, says, newest
            case unlessLater = "unless-later"
        }
    }

    struct LogAge: Sendable, Equatable, Decodable {
        var of: [String]?
        var atLeast: Double?
        var atMost: Double?

        enum CodingKeys: String, CodingKey {
            case of
            case atLeast = "at-least"
            case atMost = "at-most"
        }
    }

    struct Compute: Sendable, Equatable, Decodable {
        /// States that count; every state when it is left out.
        var states: [String]?
        var atLeast: Double?
        var atMost: Double?

        enum CodingKeys: String, CodingKey {
            case states
            case atLeast = "at-least"
            case atMost = "at-most"
        }
    }

    /// At least one resource of the operation.
    struct Resource: Sendable, Equatable, Decodable {
        var id: String?
        /// How its type begins: `AWS::FSx::`.
        var type: String?
        var status: [String]
    }

    case all([DiagnosisCondition])
    case any([DiagnosisCondition])
    case not(DiagnosisCondition)
    case waited(Span)
    case remaining(Span)
    case usual([String])
    case instance([String])
    case instanceAge(Span)
    case publicIP(Bool)
    case logs([String])
    case message([DiagnosisPhrase])
    case stream(String)
    case logAge(LogAge)
    case line(Line)
    case compute(Compute)
    case fleet([String])
    case resource(Resource)
    case scheduler([String])
}

extension DiagnosisCondition: Decodable {
    private enum Key: String, CodingKey, CaseIterable {
        case all, any, not, waited, remaining, usual, instance, logs, message, stream, line, compute, fleet, resource
        case scheduler
        case instanceAge = "instance-age"
        case publicIP = "public-ip"
        case logAge = "log-age"
    }

    init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: Key.self)
        guard box.allKeys.count == 1, let key = box.allKeys.first else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "a condition has one key, of those known"))
        }
        switch key {
        case .all: self = .all(try box.decode([Self].self, forKey: key))
        case .any: self = .any(try box.decode([Self].self, forKey: key))
        case .not: self = .not(try box.decode(Self.self, forKey: key))
        case .waited: self = .waited(try box.decode(Span.self, forKey: key))
        case .remaining: self = .remaining(try box.decode(Span.self, forKey: key))
        case .usual: self = .usual(try box.decode([String].self, forKey: key))
        case .instance: self = .instance(try box.decode([String].self, forKey: key))
        case .instanceAge: self = .instanceAge(try box.decode(Span.self, forKey: key))
        case .publicIP: self = .publicIP(try box.decode(Bool.self, forKey: key))
        case .logs: self = .logs(try box.decode([String].self, forKey: key))
        case .message: self = .message(try box.decode([DiagnosisPhrase].self, forKey: key))
        case .stream: self = .stream(try box.decode(String.self, forKey: key))
        case .logAge: self = .logAge(try box.decode(LogAge.self, forKey: key))
        case .line: self = .line(try box.decode(Line.self, forKey: key))
        case .compute: self = .compute(try box.decode(Compute.self, forKey: key))
        case .fleet: self = .fleet(try box.decode([String].self, forKey: key))
        case .resource: self = .resource(try box.decode(Resource.self, forKey: key))
        case .scheduler: self = .scheduler(try box.decode([String].self, forKey: key))
        }
    }
}
