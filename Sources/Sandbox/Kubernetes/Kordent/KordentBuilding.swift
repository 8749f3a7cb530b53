/// How a deployment comes up.
extension KordentScript {
    /// From the creation to the last thing that its fate allows.
    mutating func build() {
        // The recorded run, slightly different every time.
        let pace = deployment.provider.pace * chance.factor(spread: 0.025)
        writeDeployment()
        move(to: 1)
        if deployment.fate == .noCredential { return refuse() }
        for type in ["CredentialReady", "TemplateReady"] { conditions.set(type, "True", "Succeeded", at: now) }
        conditions.set("HelmReleaseReady", "Unknown", "Progressing", at: now)
        conditions.aggregate(at: now)
        writeDeployment()
        move(to: 2)
        conditions.set("HelmChartReady", "True", "Succeeded", at: now)
        conditions.aggregate(at: now)
        writeDeployment()
        if deployment.fate == .dryRun {
            tell("DryRunEnabled", "DryRun mode is enabled. Remove spec.dryRun to proceed with the deployment")
            return
        }
        tell("HelmReleaseCreated", "Successfully created HelmRelease \(deployment.namespace)/\(deployment.name)")
        move(to: 4)
        tell(
            "InstallSucceeded",
            "Helm install succeeded for release \(deployment.namespace)/\(deployment.name).v1 with chart "
                + deployment.provider.template, on: "HelmRelease")
        move(to: 6)
        conditions.set("HelmReleaseReady", "True", "InstallSucceeded", "Helm install succeeded", at: now)
        tell("HelmReleaseIsReady", "HelmRelease \(deployment.name) is ready: InstallSucceeded")
        tell("Provisioning", "Cluster \(deployment.name) is Provisioning", on: "Cluster")
        infrastructure = "waiting for \(deployment.provider.cluster)"
        conditions.set("Paused", deployment.fate == .paused ? "True" : "False", "NotPaused", at: now)
        if deployment.fate == .eager {
            move(to: 8)
            conditions.aggregate(at: now)
            writeDeployment()
            move(to: 20)
        }
        move(to: 8)
        summarize()
        provision(pace)
        guard deployment.fate != .paused else { return }
        bootstrap(pace)
        scale(pace)
        install()
    }

    /// The credential is not ready, and nothing goes on.
    private mutating func refuse() {
        let message = "the Credential kcm-system/\(deployment.provider.credential) is not ready"
        conditions.set("CredentialReady", "False", "Failed", message, at: now)
        conditions.set("TemplateReady", "True", "Succeeded", at: now)
        conditions.set("HelmReleaseReady", "Unknown", "Progressing", at: now)
        conditions.aggregate(at: now)
        writeDeployment()
        // The controller comes back less and less often.
        var wait = 5.0
        var age = 1.0
        while age < deployment.deletedAfter {
            tell("CredentialNotReady", message, type: "Warning", at: age)
            age += wait
            wait = min(600, wait * 2)
        }
    }

    /// Networks, addresses, load balancers.
    private mutating func provision(_ pace: Double) {
        let provider = deployment.provider
        let start = currentAge
        var ready = 243 * pace
        let isLong = deployment.fate == .stuck
        for step in provider.steps {
            move(to: step.at * pace)
            if !step.reason.isEmpty {
                tell(step.reason, step.message, on: step.kind, deployment.name + step.suffix)
            }
            let isNews = infrastructure != step.state
            infrastructure = step.state
            // Subnets and the like come in groups; the summary changes once.
            if isNews { summarize() }
            if isLong, step.at > 60 { break }
        }
        if deployment.fate == .paused {
            move(to: 135)
            cluster.isPaused = true
            conditions.set("Paused", "True", "Paused", "the resource is paused", at: now)
            conditions.aggregate(at: now)
            writeCluster()
            writeDeployment()
            return
        }
        if isLong {
            move(to: 150)
            infrastructure = provider.trouble
            summarize()
            // After half an hour it counts as an error.
            move(to: KordentConditions.patience + 11)
            summarize()
            for retry in 0..<18 {
                tell(
                    provider.failure, provider.trouble, on: provider.cluster, type: "Warning",
                    at: 160 + Double(retry) * 140)
            }
            ready = 2700 * chance.factor(spread: 0.03)
        }
        let create = max(currentAge + 2, min(ready - 90, 128 * pace))
        move(to: create)
        tell("SuccessfulCreate", "Created MachineSet", on: "MachineDeployment", cluster.workerSet)
        for name in cluster.controlPlanes + cluster.workers { cluster.stages[name] = .pending }
        for name in cluster.workers {
            tell("SuccessfulCreate", "Created machine \"\(name)\"", on: "MachineSet", cluster.workerSet)
        }
        writeCluster()
        makeNoise(from: start, to: max(386 * pace, ready + 140))
        move(to: ready)
        cluster.infrastructureIsReady = true
        for name in cluster.controlPlanes { cluster.stages[name] = .provisioning }
        tell("InfrastructureReady", "Infrastructure of cluster \(deployment.name) is ready", on: "Cluster")
        tell("Provisioned", "Cluster \(deployment.name) is Provisioned", on: "Cluster")
        summarize()
    }

    /// A machine has an instance in the cloud.
    private mutating func provide(_ name: String, _ words: KeyPath<KordentProvider.Instance, String>) {
        cluster.stages[name] = .provisioned
        guard let instance = deployment.provider.instance else { return }
        tell(instance.reason, instance[keyPath: words], on: deployment.provider.machine, name)
    }

    /// The first control plane answers.
    private mutating func bootstrap(_ pace: Double) {
        let start = currentAge
        move(to: start + 12 * pace)
        for name in cluster.controlPlanes { provide(name, \.controlPlane) }
        writeCluster()
        move(to: start + 21 * pace)
        cluster.controlPlaneIsReady = true
        for name in cluster.workers { cluster.stages[name] = .provisioning }
        tell(
            "ControlPlaneReady", "Control plane of \(deployment.name) is ready", on: "K0sControlPlane",
            cluster.controlPlane)
        summarize()
        move(to: start + 25 * pace)
        for name in cluster.controlPlanes {
            cluster.stages[name] = .running
            tell("SuccessfulSetNodeRef", "\(name) is up", on: "Machine", name)
        }
        writeCluster()
    }

    /// The workers join.
    private mutating func scale(_ pace: Double) {
        let start = currentAge
        move(to: start + 40 * pace)
        for name in cluster.workers { provide(name, \.worker) }
        writeCluster()
        for (index, name) in cluster.workers.enumerated() {
            move(to: start + (82 + Double(index) * 14) * pace)
            cluster.stages[name] = .running
            tell("SuccessfulSetNodeRef", "\(name) is up", on: "Machine", name)
            if index < cluster.workers.count - 1 { summarize() }
        }
        writeCluster()
        move(to: currentAge + 28 * pace)
        hasVersion = true
        begin(deployment.fate == .growing ? Array(deployment.services.prefix(1)) : deployment.services)
        tell("CAPIClusterIsReady", "Cluster has been provisioned")
        summarize()
    }

    /// What is to run in the cluster is installed.
    private mutating func install() {
        let start = currentAge
        if deployment.fate == .growing {
            move(to: start + 25)
            begin(Array(deployment.services.dropFirst()))
            conditions.aggregate(at: now)
            writeDeployment()
        }
        for index in services.indices {
            move(to: currentAge + 26 * chance.factor(spread: 0.1))
            let fails = deployment.fate == .failingService && index == services.count - 1
            services[index].state = fails ? "Failed" : "Deployed"
            services[index].since = now
            if fails {
                let name = services[index].service.name
                services[index].failure =
                    "Helm install failed for release \(name)/\(name): context deadline exceeded: "
                    + "Deployment \(name) has 0 of 2 pods ready: ImagePullBackOff"
            }
            count()
            conditions.aggregate(at: now)
            writeDeployment()
        }
        tell("ServiceSetCollectServiceStatusesSuccess", "Successfully collected service statuses", on: "ServiceSet")
        let until = deployment.period == nil ? currentAge + 60 : deployment.deletedAfter
        hum(from: currentAge, for: until - currentAge)
    }

    private mutating func begin(_ more: [KordentDeployment.Service]) {
        services += more.map { (service: $0, state: "Provisioning", since: now, failure: nil) }
        tell("ServiceSetEnsureProfileSuccess", "Successfully ensured ProjectSveltos Profile", on: "ServiceSet")
        count()
    }

    /// `2/3`, the message of ServicesInReadyState.
    private mutating func count() {
        let ready = services.filter { $0.state == "Deployed" }.count
        let isDone = ready == services.count
        conditions.set(
            "ServicesInReadyState", isDone ? "True" : "False", isDone ? "Succeeded" : "Failed",
            "\(ready)/\(services.count)", at: now)
    }
}
