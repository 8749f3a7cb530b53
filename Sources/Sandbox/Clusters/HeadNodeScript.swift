/// What a head node writes into its logs while it is set up. Positions are shares of the time from its launch until
/// it is ready.
struct HeadNodeScript: Sendable {
    struct Line: Sendable {
        let log: String
        let position: Double
        /// `{host}`, `{stack}`, `{region}`, `{instance}` stand for what they say; `{cfn}`, `{chef}`, `{slurm}` for
        /// the time as that log writes it.
        let text: String
    }

    /// Where the script that is to run after the configuration fails.
    static let failsAt = 0.7

    /// What CloudFormation then says of the wait condition.
    static func failure(of instance: String) -> String {
        "WaitCondition received failed message: 'Failed to execute OnNodeConfigured script 1, return code: 1. "
            + "Please check /var/log/cfn-init.log in the head node, or check the cfn-init.log in CloudWatch logs.' "
            + "for uniqueId: \(instance)"
    }

    /// Of a head node that gets ready, in order of each log.
    static let ready = lines(begin) + lines(finish)
    /// Of one whose own script fails.
    static let failing = lines(begin) + lines(fail)

    /// `log position text`, one line each.
    private static func lines(_ table: String) -> [Line] {
        table.split(separator: "\n").compactMap { row -> Line? in
            let parts = row.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: true)
            guard parts.count == 3, let position = Double(parts[1]) else { return nil }
            return Line(
                log: String(parts[0]), position: position,
                text: String(parts[2]).replacing("\\n", with: "\n"))
        }
    }

    private static let begin = """
        cloud-init 0.06 {cfn} - util.py[DEBUG]: Cloud-init v. 22.2.2 running 'init-local'. Up 9.31 seconds.
        cloud-init 0.08 {cfn} - handlers.py[DEBUG]: finish: init-network: SUCCESS: searching for network datasources
        cloud-init 0.10 {cfn} - util.py[DEBUG]: Running command ['/var/lib/cloud/instance/scripts/part-002'] with \
        allowed return codes [0]
        cloud-init-output 0.06 Cloud-init v. 22.2.2 running 'init-local'. Up 9.31 seconds.
        cloud-init-output 0.08 ci-info: Authorized keys from /home/ec2-user/.ssh/authorized_keys for user ec2-user
        cloud-init-output 0.10 Cloud-init v. 22.2.2 running 'modules:final'. Up 31.84 seconds.
        cloud-init-output 0.11 + cfn-init -s {stack} -v -c deployFiles -r HeadNodeLaunchTemplate --region {region}
        cloud-init-output 0.13 + cfn-init -s {stack} -v -c default -r HeadNodeLaunchTemplate --region {region}
        cfn-init 0.11 {cfn} [DEBUG] CloudFormation client initialized with endpoint \
        https://cloudformation.{region}.amazonaws.com
        cfn-init 0.111 {cfn} [DEBUG] Describing resource HeadNodeLaunchTemplate in stack {stack}
        cfn-init 0.115 {cfn} [INFO] -----------------------Starting build-----------------------
        cfn-init 0.116 {cfn} [INFO] Running configSets: deployFiles
        cfn-init 0.117 {cfn} [INFO] Running config deployConfigFiles
        cfn-init 0.12 {cfn} [INFO] Command jq succeeded
        cfn-init 0.121 {cfn} [INFO] Command mkdir succeeded
        cfn-init 0.124 {cfn} [INFO] ConfigSets completed
        cfn-init 0.13 {cfn} [INFO] Running configSets: default
        cfn-init 0.131 {cfn} [INFO] Running config cfnHupConfig
        cfn-init 0.132 {cfn} [INFO] Running config chefPrepEnv
        cfn-init 0.133 {cfn} [DEBUG] Running command chef
        cfn-init 0.24 {cfn} [INFO] Command chef succeeded
        cfn-init 0.241 {cfn} [INFO] Running config shellRunPreInstall
        cfn-init 0.242 {cfn} [DEBUG] Running command runpreinstall
        cfn-init 0.25 {cfn} [INFO] Command runpreinstall succeeded
        cfn-init 0.251 {cfn} [INFO] Running config chefConfig
        cfn-init 0.252 {cfn} [DEBUG] Running command chef
        cfn-init 0.61 {cfn} [INFO] Command chef succeeded
        cfn-init 0.611 {cfn} [INFO] Running config shellRunPostInstall
        cfn-init 0.612 {cfn} [DEBUG] Running command runpostinstall
        chef-client 0.14 [{chef}] INFO: *** Cinc Client 18.4.12 ***
        chef-client 0.141 [{chef}] INFO: Run List is [recipe[aws-parallelcluster-entrypoints::init]]
        chef-client 0.15 [{chef}] INFO: Starting Cinc Client Run for {host}
        chef-client 0.17 [{chef}] INFO: Processing file[/etc/parallelcluster/cfnconfig] action create \
        (aws-parallelcluster-environment::cfnconfig_mixed line 12)
        chef-client 0.20 [{chef}] INFO: Processing directory[/opt/parallelcluster/shared] action create \
        (aws-parallelcluster-environment::init line 21)
        chef-client 0.24 [{chef}] INFO: Cinc Client Run complete in 36.31 seconds
        chef-client 0.26 [{chef}] INFO: Run List is [recipe[aws-parallelcluster-entrypoints::config]]
        chef-client 0.27 [{chef}] INFO: Starting Cinc Client Run for {host}
        chef-client 0.30 [{chef}] INFO: Processing volume[mount volume /home] action export \
        (aws-parallelcluster-environment::ebs line 38)
        chef-client 0.34 [{chef}] INFO: Processing nfs[export /shared] action configure \
        (aws-parallelcluster-environment::nfs line 17)
        chef-client 0.39 [{chef}] INFO: Processing munge_key[manage_munge_key] action setup_munge_key \
        (aws-parallelcluster-slurm::config_munge_key line 31)
        chef-client 0.44 [{chef}] INFO: Processing execute[generate_pcluster_slurm_configs] action run \
        (aws-parallelcluster-slurm::config_head_node line 72)
        chef-client 0.50 [{chef}] INFO: execute[generate_pcluster_slurm_configs] ran successfully
        chef-client 0.56 [{chef}] INFO: Processing service[slurmctld] action enable \
        (aws-parallelcluster-slurm::config_head_node line 131)
        chef-client 0.61 [{chef}] INFO: Cinc Client Run complete in 124.7 seconds
        """

    private static let finish = """
        cfn-init 0.66 {cfn} [INFO] Command runpostinstall succeeded
        cfn-init 0.661 {cfn} [INFO] Running config chefFinalize
        cfn-init 0.662 {cfn} [DEBUG] Running command chef
        cfn-init 0.975 {cfn} [INFO] Command chef succeeded
        cfn-init 0.98 {cfn} [INFO] Command bootstrap succeeded
        cfn-init 0.981 {cfn} [INFO] ConfigSets completed
        cfn-init 0.982 {cfn} [INFO] -----------------------Build complete-----------------------
        chef-client 0.67 [{chef}] INFO: Run List is [recipe[aws-parallelcluster-entrypoints::finalize]]
        chef-client 0.68 [{chef}] INFO: Starting Cinc Client Run for {host}
        chef-client 0.70 [{chef}] INFO: service[slurmctld] started
        chef-client 0.76 [{chef}] INFO: execute[check if clustermgtd heartbeat is available] ran successfully
        chef-client 0.82 [{chef}] INFO: Waiting for static fleet capacity provisioning
        chef-client 0.87 [{chef}] INFO: Waiting for static fleet capacity provisioning
        chef-client 0.92 [{chef}] INFO: Waiting for static fleet capacity provisioning
        chef-client 0.97 [{chef}] INFO: Cinc Client Run complete in 112.18 seconds
        slurmctld 0.70 [{slurm}] slurmctld version 24.05.8 started on cluster {stack}
        slurmctld 0.702 [{slurm}] No memory enforcing mechanism configured.
        slurmctld 0.71 [{slurm}] accounting_storage/none: No last accounting
        slurmctld 0.712 [{slurm}] Recovered state of 0 reservations
        slurmctld 0.72 [{slurm}] Running as primary controller
        slurmctld 0.74 [{slurm}] update_node: node state set to POWERING_UP
        clustermgtd 0.73 {cfn} - [slurm_plugin.clustermgtd:main] - INFO - Clustermgtd Startup
        clustermgtd 0.732 {cfn} - [slurm_plugin.clustermgtd:_get_config] - INFO - Reading \
        /etc/parallelcluster/slurm_plugin/parallelcluster_clustermgtd.conf
        clustermgtd 0.74 {cfn} - [slurm_plugin.clustermgtd:set_config] - INFO - Applying new clustermgtd config
        cloud-init-output 0.985 + cfn-signal --exit-code=0 '--reason=HeadNode setup complete' --region {region}
        cloud-init-output 0.99 Cloud-init v. 22.2.2 finished. Datasource DataSourceEc2. Up 341.02 seconds
        cloud-init 0.99 {cfn} - handlers.py[DEBUG]: finish: modules-final: SUCCESS: running modules for final
        """

    private static let fail = #"""
        cfn-init 0.685 {cfn} [ERROR] Command runpostinstall (/opt/parallelcluster/scripts/fetch_and_run \#
        -postinstall -c /opt/parallelcluster/shared/cluster-config.yaml) failed
        cfn-init 0.686 {cfn} [DEBUG] Command runpostinstall output: + dnf install -y cuda-toolkit-12-4 \#
        gromacs-openmpi\nLast metadata expiration check: 0:04:12 ago.\nNo match for argument: \#
        gromacs-openmpi\nError: Unable to find a match: gromacs-openmpi\nfetch_and_run - Failed to execute \#
        OnNodeConfigured script 1 s3://md-lab-config/on-node-configured.sh, return code: 1. Please check \#
        /var/log/cfn-init.log in the head node, or check the cfn-init.log in CloudWatch logs.
        cfn-init 0.687 {cfn} [ERROR] Error encountered during build of shellRunPostInstall: Command \#
        runpostinstall failed
        cfn-init 0.6871 Traceback (most recent call last):\n  File "cfnbootstrap/construction.py", line 579, in \#
        run_config\n    CloudFormationCarpenter(config, self._auth_config, self.strict_mode).build(worklog)\n  \#
        File "cfnbootstrap/command_tool.py", line 127, in apply\n    raise ToolError(u"Command %s failed" % name)
        cfn-init 0.6872 cfnbootstrap.construction_errors.ToolError: Command runpostinstall failed
        cfn-init 0.69 {cfn} [ERROR] -----------------------BUILD FAILED!------------------------
        cfn-init 0.691 {cfn} [ERROR] Unhandled exception during build: Command runpostinstall failed
        cloud-init-output 0.686 fetch_and_run - Failed to execute OnNodeConfigured script 1 \#
        s3://md-lab-config/on-node-configured.sh, return code: 1.
        cloud-init-output 0.691 Error occurred during build: Command runpostinstall failed
        cloud-init-output 0.695 + cfn-signal --exit-code=1 '--reason=Failed to execute OnNodeConfigured script 1, \#
        return code: 1.' --region {region}
        cloud-init-output 0.698 Cloud-init v. 22.2.2 finished. Datasource DataSourceEc2. Up 262.55 seconds
        cloud-init 0.698 {cfn} - util.py[WARNING]: Failed running /var/lib/cloud/instance/scripts/part-002 [1]
        bootstrap_error_msg 0.692 Failed to execute OnNodeConfigured script 1, return code: 1. Please check \#
        /var/log/cfn-init.log in the head node, or check the cfn-init.log in CloudWatch logs.
        """#
}
