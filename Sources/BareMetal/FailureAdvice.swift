/// What to look at when a phase fails or does not end. A register: the rules add the commands that name the node.
enum FailureAdvice {
    /// - Parameter phase: the phase's name; every other word gets the general advice.
    static func look(_ phase: String) -> String {
        switch phase {
        case "pending", "provisioning", "server_requested", "bare_metal_deploy":
            "See in the cloud's console whether the server was accepted and has capacity."
        case "monitoring_start", "ipxe_boot":
            "Open the server's console: does it get an address by DHCP, and does it reach the PXE server?"
        case "config_download", "config_requested":
            "From the node's network, fetch its boot configuration from the PXE server by hand."
        case "foundation_start", "network_config":
            "Open the server's console and read the Foundation log; network settings are the usual cause."
        case "storage_discovery":
            "Compare the disks that the server reports with what its profile asks for."
        case "image_download":
            "Check the space and the speed of the image server, and the node's route to it."
        case "installation", "post_install":
            "Open the server's console: the installer stops at a shell and names the step and the disk."
        case "cluster_formation":
            "Check that all nodes of the cluster are up and reach each other."
        case "dns_registration":
            "Check that the DNS service answers and that the zone accepts the records."
        case "health_validation":
            "Read the health checks' messages in the history."
        default:
            "Read the node's history and open its console."
        }
    }
}
