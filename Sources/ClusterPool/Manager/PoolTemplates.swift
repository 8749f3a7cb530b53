import Fleet
// Yams says null in Foundation's words.
import Foundation
import Upstream
import Yams

/// The files that machines of the pool are made from: for each role the first boot (cloud-init user data, which becomes a secret) and the
/// objects of the machine. Names of files and of what stands in `${…}` are those of the existing backend, so that its files work here.
/// Pure: files are read by who calls.
public struct PoolTemplates: Sendable, Equatable {
    /// The file of each part of a machine.
    enum File: String, CaseIterable {
        case controlPlaneBoot = "control-plane-cloud-config.yaml"
        case controlPlane = "control-plane-template.yaml"
        case workerBoot = "worker-node-cloud-config.yaml"
        case worker = "worker-node-template.yaml"

        static func boot(_ role: PoolDetail.Role) -> File { role == .controlPlane ? .controlPlaneBoot : .workerBoot }
        static func machine(_ role: PoolDetail.Role) -> File { role == .controlPlane ? .controlPlane : .worker }

        var builtIn: String {
            let bytes =
                switch self {
                case .controlPlaneBoot: PackageResources.control_plane_cloud_config_yaml
                case .controlPlane: PackageResources.control_plane_template_yaml
                case .workerBoot: PackageResources.worker_node_cloud_config_yaml
                case .worker: PackageResources.worker_node_template_yaml
                }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// The names under which files may be given.
    public static let names = File.allCases.map(\.rawValue)
    /// A template larger than this, in bytes, is none.
    public static let sizeLimit = 256 << 10

    /// The built-in files, by name.
    public static var builtIn: [String: String] {
        Dictionary(uniqueKeysWithValues: File.allCases.map { ($0.rawValue, $0.builtIn) })
    }

    private let files: [String: String]

    /// - Parameter files: by their names, instead of the built-in ones; others are ignored.
    public init(files: [String: String] = [:]) { self.files = files }

    /// What is put into the files for one cluster. Defaults are the existing backend's (wire-formats 9.3).
    struct Values: Sendable, Equatable {
        var cluster: String
        var templatesNamespace = "vm-templates"
        var kubernetes = "1.33.0"
        var cores = 2
        var memory = "2Gi"
        var storage = "10Gi"
        /// Empty takes the default class.
        var storageClass = ""
        var podNetwork = "10.244.0.0/16"
        /// Known once the control plane runs.
        var address = ""
        /// Holds a token.
        var joinCommand = ""

        static func machine(_ role: PoolDetail.Role, _ cluster: String) -> String {
            (role == .controlPlane ? "cp-" : "wk-") + cluster
        }

        subscript(name: Substring) -> String? {
            switch name {
            case "CONTROL_PLANE_VM_NAME": Self.machine(.controlPlane, cluster)
            case "WORKER_VM_NAME": Self.machine(.worker, cluster)
            case "SESSION_NAMESPACE", "SESSION_ID": cluster
            case "K8S_VERSION": kubernetes
            case "CPU_CORES": String(cores)
            case "MEMORY": memory
            case "STORAGE_SIZE": storage
            case "STORAGE_CLASS": storageClass
            case "POD_CIDR": podNetwork
            case "IMAGE_NAMESPACE": templatesNamespace
            case "IMAGE_NAME": "golden-image-" + kubernetes.replacing(".", with: "-")
            case "CONTROL_PLANE_IP", "CONTROL_PLANE_ENDPOINT": address
            case "JOIN_COMMAND": joinCommand
            default: nil
            }
        }
    }

    /// The first boot of a machine. What is no name of ours in `${…}` is the shell's and stays.
    func boot(_ role: PoolDetail.Role, _ values: Values) -> String {
        Self.filled(text(.boot(role)), values).text
    }

    /// Whether a worker's first boot needs the join command at all.
    var needsJoinCommand: Bool { text(.workerBoot).contains("${JOIN_COMMAND}") }

    /// The objects of a machine, ready to be created in the cluster's namespace.
    ///
    /// - Throws: `.invalid` with the file's name for what cannot be made of it.
    func objects(_ role: PoolDetail.Role, _ values: Values) throws(PoolRefusal) -> [(
        resource: KubeResource, object: JSONValue
    )] {
        let file = File.machine(role)
        let (text, unknown) = Self.filled(text(file), values)
        func wrong(_ why: String) -> PoolRefusal {
            PoolRefusal(
                .invalid(field: file.rawValue), "The template \(file.rawValue) \(why).",
                advice: "Mend it, or take the built-in one: `slipway pool templates` writes it.")
        }
        if let name = unknown { throw wrong("uses ${\(SafeText.line(name, limit: 40))}, which is not known") }
        var found: [(KubeResource, JSONValue)] = []
        do {
            // Dates of a template are text: nothing in these objects is a date.
            let parser = try Yams.Parser(yaml: text, resolver: .default.removing(.timestamp))
            while let document = try parser.nextRoot()?.any {
                if !(document is NSNull) { found.append(try Self.object(document, role, values)) }
            }
        } catch let refusal as Unusable {
            throw wrong(refusal.why)
        } catch {
            throw wrong("is no YAML: \(SafeText.line("\(error)", limit: 200))")
        }
        guard found.contains(where: { $0.0.plural == PoolKind.machine.plural }) else {
            throw wrong("holds no VirtualMachine")
        }
        // Its disks and whatever else it needs first.
        return found.sorted {
            ($0.0.plural == PoolKind.machine.plural ? 1 : 0) < ($1.0.plural == PoolKind.machine.plural ? 1 : 0)
        }
    }

    /// The claims that disks of a machine are copied from, as namespace and name.
    func images(_ role: PoolDetail.Role, _ values: Values) throws(PoolRefusal) -> [KubeName] {
        var found: [KubeName] = []
        for (_, object) in try objects(role, values) {
            for disk in (object.at("spec", "dataVolumeTemplates")?.list ?? []) + [object] {
                guard let claim = disk.at("spec", "source", "pvc"), let name = claim["name"]?.text else { continue }
                found.append(KubeName(namespace: claim["namespace"]?.text ?? values.cluster, name: name))
            }
        }
        return found
    }

    // MARK: parts

    private func text(_ file: File) -> String { files[file.rawValue] ?? file.builtIn }

    /// - Returns: the first name that is not known, too.
    private static func filled(_ text: String, _ values: Values) -> (text: String, unknown: String?) {
        var filled = ""
        var unknown: String?
        var rest = text[...]
        while let start = rest.firstRange(of: "${") {
            filled += rest[..<start.lowerBound]
            guard let end = rest[start.upperBound...].firstIndex(of: "}") else {
                rest = rest[start.lowerBound...]
                break
            }
            let name = rest[start.upperBound..<end]
            if let value = values[name] {
                filled += value
            } else {
                filled += rest[start.lowerBound...end]
                unknown = unknown ?? String(name)
            }
            rest = rest[rest.index(after: end)...]
        }
        return (filled + rest, unknown)
    }

    private struct Unusable: Error { let why: String }

    /// The kinds that a template may hold.
    private static let resources: [String: KubeResource] = [
        "VirtualMachine": KubeResource(group: PoolKind.machine.group, version: "v1", plural: PoolKind.machine.plural),
        "DataVolume": KubeResource(group: PoolKind.disk.group, version: "v1beta1", plural: PoolKind.disk.plural),
        "PersistentVolumeClaim": .claims, "Secret": .secrets, "Service": .services, "ConfigMap": .configMaps,
    ]

    private static func object(
        _ document: Any, _ role: PoolDetail.Role, _ values: Values
    ) throws -> (KubeResource, JSONValue) {
        guard var object = JSONValue(yaml: document), case .object = object else {
            throw Unusable(why: "holds something that is no object")
        }
        let kind = object["kind"]?.text ?? ""
        guard let resource = resources[kind] else {
            throw Unusable(
                why:
                    "holds a \(kind.isEmpty ? "document without a kind" : SafeText.line(kind, limit: 40)); it may hold \(resources.keys.sorted().joined(separator: ", "))"
            )
        }
        guard object.at("metadata", "name")?.text?.isEmpty == false else {
            throw Unusable(why: "holds a \(kind) without a name")
        }
        var metadata = object["metadata"] ?? [:]
        metadata["namespace"] = .text(values.cluster)
        // By these it is found again, whatever it is called.
        var labels = metadata["labels"] ?? [:]
        labels[PoolLabels.clusterID] = .text(values.cluster)
        labels[PoolLabels.role] = .text(role.rawValue)
        metadata["labels"] = labels
        object["metadata"] = metadata
        return (resource, object)
    }
}

extension JSONValue {
    /// What Yams has read; nil for what JSON cannot hold.
    init?(yaml: Any) {
        switch yaml {
        case is NSNull: self = .null
        case let value as Bool: self = .bool(value)
        case let value as Int: self = .whole(value)
        case let value as Double: self = .number(value)
        case let value as String: self = .text(value)
        case let values as [Any]:
            let parts = values.compactMap(JSONValue.init(yaml:))
            guard parts.count == values.count else { return nil }
            self = .list(parts)
        case let members as [AnyHashable: Any]:
            var parts: [String: JSONValue] = [:]
            for (key, value) in members {
                guard let name = key as? String, let part = JSONValue(yaml: value) else { return nil }
                parts[name] = part
            }
            self = .object(parts)
        default: return nil
        }
    }
}
