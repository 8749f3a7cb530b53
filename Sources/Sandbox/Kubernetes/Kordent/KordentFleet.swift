/// The deployments of the management cluster.
enum KordentFleet {
    static let namespaces = ["kcm-system", "team-a", "restricted"]

    /// Ages are those at the demo's opening.
    static let all: [KordentDeployment] = [
        KordentDeployment(
            namespace: "kcm-system", name: "az-prod", provider: .azure, fate: .settled,
            services: [.ingress, .certificates, .metrics], controlPlanes: 3, workers: 2, age: 811_400),
        KordentDeployment(
            namespace: "kcm-system", name: "aws-prod", provider: .aws, fate: .settled,
            services: [.ingress, .certificates], controlPlanes: 3, workers: 2, age: 1_900_300),
        KordentDeployment(
            namespace: "kcm-system", name: "azure-dev", provider: .azure, fate: .steady,
            services: [.ingress, .certificates], age: 150, period: 3300, deletedAfter: 2800),
        KordentDeployment(
            namespace: "kcm-system", name: "aws-ml", provider: .aws, fate: .growing,
            services: [.ingress, .certificates, .metrics], workers: 2, age: 330, period: 3900, deletedAfter: 3400),
        KordentDeployment(
            namespace: "kcm-system", name: "vs-edge", provider: .vsphere, fate: .steady, age: 238, period: 2700,
            deletedAfter: 2200),
        KordentDeployment(
            namespace: "kcm-system", name: "gcp-batch", provider: .gcp, fate: .failingService,
            services: [.ingress, .metrics], age: 760, period: 4200, deletedAfter: 3600),
        KordentDeployment(
            namespace: "kcm-system", name: "aws-stuck", provider: .aws, fate: .stuck, age: 1680, period: 5400,
            deletedAfter: 4800),
        KordentDeployment(
            namespace: "kcm-system", name: "az-nocred", provider: .azure, fate: .noCredential, age: 540,
            period: 3600, deletedAfter: 3000, deletion: 20),
        KordentDeployment(
            namespace: "kcm-system", name: "os-lab", provider: .openstack, fate: .steady, age: 2140, period: 2900,
            deletedAfter: 2000, deletion: 600),
        KordentDeployment(
            namespace: "team-a", name: "az-dryrun", provider: .azure, fate: .dryRun, age: 5200),
        KordentDeployment(
            namespace: "team-a", name: "aws-paused", provider: .aws, fate: .paused, age: 9100),
        KordentDeployment(
            namespace: "team-a", name: "aws-legacy", provider: .aws, fate: .outdated, age: 205, period: 3000,
            deletedAfter: 2500),
        KordentDeployment(
            namespace: "team-a", name: "az-eager", provider: .azure, fate: .eager, age: 90, period: 3400,
            deletedAfter: 2900),
        KordentDeployment(
            namespace: "team-a", name: "vs-lab", provider: .vsphere, fate: .settled, workers: 2, age: 402_700),
        KordentDeployment(
            namespace: "restricted", name: "az-vault", provider: .azure, fate: .settled, age: 2_600_000),
    ]
}
