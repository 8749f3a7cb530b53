import ClusterPool
import Fleet

/// The objects that the backend of the pool writes.
enum PoolShapes {
    /// The claim that holds the golden image.
    static let image = "golden-image-1-33-0"

    static func namespace(_ name: String) -> JSONValue {
        [
            "kind": "Namespace", "apiVersion": "v1",
            "metadata": [
                "name": .text(name), "labels": ["cks.io/cluster-pool": "true", "cks.io/cluster-id": .text(name)],
            ],
        ]
    }

    /// What machines are made from.
    static let templates: [JSONValue] = [
        [
            "kind": "Namespace", "apiVersion": "v1",
            "metadata": ["name": .text(SandboxPool.templates), "labels": ["cks.io/vm-templates": "true"]],
        ],
        JSONValue(
            .claim, SandboxPool.templates, image, labels: ["cks.io/image": "ubuntu-24.04-k8s-1.33.0"],
            members: ["spec": storage]),
    ]

    static func quota(_ namespace: String) -> JSONValue {
        [
            "kind": "ResourceQuota", "apiVersion": "v1",
            "metadata": ["name": "session-quota", "namespace": .text(namespace)],
            "spec": ["hard": ["cpu": "16", "memory": "16Gi", "pods": "20"]],
        ]
    }

    /// The first thing that a machine reads; there is nothing secret in the sandbox's.
    static func secret(_ namespace: String, _ machine: String) -> JSONValue {
        [
            "kind": "Secret", "apiVersion": "v1", "type": "Opaque",
            "metadata": ["name": .text(machine), "namespace": .text(namespace), "labels": ["app": "cks"]],
            "data": ["userdata": "I2Nsb3VkLWNvbmZpZwo="],
        ]
    }

    static func machine(_ namespace: String, _ name: String, _ role: PoolDetail.Role) -> JSONValue {
        let labels: JSONValue = [
            "app": "cks", "role": .text(role.rawValue), "cks.io/vm-role": .text(role.rawValue),
            "cks.io/cluster-id": .text(namespace), "k8s-version": "1.33.0",
        ]
        let disk = JSONValue.text("\(name)-rootdisk")
        let guest: JSONValue = [
            "domain": [
                "cpu": ["cores": 2], "memory": ["guest": "2Gi"],
                "devices": [
                    "disks": [
                        ["name": "rootdisk", "disk": ["bus": "virtio"]],
                        ["name": "cloudinitdisk", "disk": ["bus": "virtio"]],
                    ],
                    "interfaces": [["name": "default", "masquerade": [:]]],
                ],
            ],
            "networks": [["name": "default", "pod": [:]]],
            "volumes": [
                ["name": "rootdisk", "dataVolume": ["name": disk]],
                ["name": "cloudinitdisk", "cloudInitNoCloud": ["secretRef": ["name": .text(name)]]],
            ],
        ]
        let source: JSONValue = ["pvc": ["namespace": .text(SandboxPool.templates), "name": .text(image)]]
        return JSONValue(
            .machine, namespace, name, labels: labels,
            members: [
                "spec": [
                    "runStrategy": "Always",
                    "dataVolumeTemplates": [
                        ["metadata": ["name": disk], "spec": ["source": source, "storage": storage]]
                    ],
                    "template": ["metadata": ["labels": labels], "spec": guest],
                ]
            ])
    }

    static func snapshot(_ namespace: String, of machine: String, _ role: PoolDetail.Role) -> JSONValue {
        JSONValue(
            .snapshot, namespace, role.snapshot,
            labels: ["cks.io/cluster-id": .text(namespace), "cks.io/vm-role": .text(role.rawValue)],
            members: ["spec": ["source": machineReference(machine)]])
    }

    static func machineReference(_ name: String) -> JSONValue {
        ["apiGroup": "kubevirt.io", "kind": "VirtualMachine", "name": .text(name)]
    }

    private static let storage: JSONValue = [
        "accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "10Gi"]],
        "storageClassName": "standard",
    ]
}
