/// How a deployment goes, and what it says when nothing happens.
extension KordentScript {
    /// Somebody deletes it: the cloud's resources go, then the cluster, its release and its services.
    mutating func end() {
        move(to: deployment.deletedAfter)
        let start = currentAge
        deletedAt = now
        generation += 1
        tell("CAPIClusterIsDeleting", "Cluster is being deleted")
        conditions.set("CAPIClusterSummary", "False", "Deleting", "Cluster is being deleted", at: now)
        conditions.set("Ready", "False", "Deleting", "Cluster is being deleted", at: now)
        wait("WaitingForCloudResourcesDeletion", "waiting for load balancers and volumes to be removed")
        move(to: start + deployment.deletion * 0.25)
        cluster.isDeleting = true
        for name in cluster.controlPlanes + cluster.workers where cluster.stages[name] != nil {
            cluster.stages[name] = .deleting
        }
        if deployment.fate != .noCredential { writeCluster() }
        wait(
            "WaitingForClusterDeletion", "waiting for Cluster \(deployment.namespace)/\(deployment.name) to be deleted")
        let removals = deployment.fate == .noCredential ? [] : cluster.removals
        for (index, object) in removals.enumerated() {
            move(to: start + deployment.deletion * (0.3 + 0.5 * Double(index + 1) / Double(removals.count)))
            remove(object)
        }
        conditions.set("CAPIClusterSummary", "False", "DeletionCompleted", "Cluster is deleted", at: now)
        tell("ClusterDeleted", "Cluster \(deployment.namespace)/\(deployment.name) is deleted")
        wait("WaitingForHelmReleaseDeletion", "waiting for HelmRelease \(deployment.name) to be deleted")
        move(to: start + deployment.deletion * 0.9)
        tell("HelmReleaseDeleted", "HelmRelease \(deployment.name) is deleted")
        wait("WaitingForServiceSetsDeletion", "waiting for ServiceSets to be deleted")
        move(to: start + deployment.deletion)
        tell("ServiceSetsDeleted", "ServiceSets are deleted")
        tell("SuccessfulDelete", "ClusterDeployment \(deployment.namespace)/\(deployment.name) is deleted")
        remove(object)
    }

    private mutating func wait(_ reason: String, _ message: String) {
        conditions.set("Deleting", "True", reason, message, at: now)
        writeDeployment()
    }

    /// What controllers repeat while a cluster is built; nine events of ten are like these.
    mutating func makeNoise(from start: Double, to end: Double) {
        for noise in deployment.provider.noise {
            scatter(noise.times, from: start, to: end) { script, age in
                script.tell(
                    noise.reason, noise.message, on: noise.kind, script.deployment.name + noise.suffix,
                    type: noise.type, at: age)
            }
        }
        scatter(62, from: start, to: end) { script, age in script.sayUpToDate(at: age) }
        scatter(27, from: start + (end - start) * 0.1, to: end) { script, age in
            script.tell(
                "ServiceSetCollectServiceStatusesFailed",
                "failed to get ClusterSummaries: no matching ClusterSummary for profile \(script.deployment.name)",
                on: "ServiceSet", type: "Warning", at: age)
        }
    }

    /// What goes on when all is done: little.
    mutating func hum(from start: Double, for seconds: Double) {
        guard seconds > 0 else { return }
        scatter(Int(seconds / 300), from: start, to: start + seconds) { script, age in script.sayUpToDate(at: age) }
        // As the controller's period is, whatever it found.
        scatter(Int(seconds / 900), from: start, to: start + seconds) { script, age in
            script.tell(
                "ServiceSetCollectServiceStatusesSuccess", "Successfully collected service statuses",
                on: "ServiceSet", at: age)
        }
    }

    /// One of the sources that are looked at every few minutes: the template's chart, the repository, the charts of the services.
    private mutating func sayUpToDate(at age: Double) {
        let digest = "artifact up-to-date with remote revision: 'sha256:9b2c41'"
        switch Int(chance.next() % 4) {
        case 0: tell("ArtifactUpToDate", digest, on: "HelmRepository", "kcm-templates", at: age)
        case 1:
            tell(
                "ArtifactUpToDate", "artifact up-to-date with remote revision: '1.0.0'", on: "HelmChart",
                deployment.provider.template, at: age)
        default:
            let service = deployment.services[Int(chance.next() % UInt64(max(1, deployment.services.count)))]
            tell(
                "ArtifactUpToDate", "artifact up-to-date with remote revision: '\(service.version)'", on: "HelmChart",
                "\(deployment.name)-\(service.name)", at: age)
        }
    }

    /// So many times, at times that chance decides.
    private mutating func scatter(
        _ count: Int, from start: Double, to end: Double, _ tell: (inout KordentScript, Double) -> Void
    ) {
        for _ in 0..<max(0, count) {
            let age = start + (end - start) * chance.unit()
            tell(&self, age)
        }
    }
}
