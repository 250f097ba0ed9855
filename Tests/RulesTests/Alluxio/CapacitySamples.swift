/// The layouts of `fsadmin report capacity`, written down from upstream's format strings (`CapacityCommand.java`).
enum CapacitySamples {
    struct Sample {
        var text: String
        var scope: String
        var rows: [String]
    }

    static let all = [oneTier, twoTiers, withState, withStateAndTiers]

    /// 2.3 to 2.9.3, one tier.
    static let oneTier = Sample(
        text: """
            Capacity information for all workers:\u{20}
                Total Capacity: 4096.00MB
                    Tier: MEM  Size: 4096.00MB
                Used Capacity: 443.89MB
                    Tier: MEM  Size: 443.89MB
                Used Percentage: 10%
                Free Percentage: 90%

            Worker Name      Last Heartbeat   Storage       MEM
            192.168.1.147    0                capacity      2048.00MB
                                              used          443.89MB (21%)
            192.168.1.146    0                capacity      2048.00MB
                                              used          0B (0%)

            """,
        scope: "all",
        rows: ["192.168.1.147 - 0 465452400 1", "192.168.1.146 - 0 0 1"])

    /// 2.3 to 2.9.3, two tiers; the worker at .118 holds no block at all.
    static let twoTiers = Sample(
        text: """
            Capacity information for live workers:\u{20}
                Total Capacity: 160.00GB
                    Tier: MEM  Size: 60.00GB
                    Tier: SSD  Size: 100.00GB
                Used Capacity: 32.92GB
                    Tier: MEM  Size: 30.92GB
                    Tier: SSD  Size: 2048.00MB
                Used Percentage: 20%
                Free Percentage: 80%

            Worker Name      Last Heartbeat   Storage       Total            MEM           SSD          \u{20}
            192.168.0.118    0                capacity      80.00GB          30.00GB       50.00GB      \u{20}
                                              used          2048.00MB (2%)   1024.00MB     1024.00MB    \u{20}
            192.168.0.195    0                capacity      80.00GB          30.00GB       50.00GB      \u{20}
                                              used          30.92GB (38%)    29.92GB       1024.00MB    \u{20}

            """,
        scope: "live",
        rows: ["192.168.0.118 - 0 2147483648 2", "192.168.0.195 - 0 33200097198 2"])

    /// 2.9.4 and later, one tier, one worker taken out of service.
    static let withState = Sample(
        text: """
            Capacity information for all workers:\u{20}
                Total vCPUs: 16
                Total Capacity: 20.00GB
                    Tier: MEM  Size: 20.00GB
                Used Capacity: 7.11GB
                    Tier: MEM  Size: 7.11GB
                Used Percentage: 35%
                Free Percentage: 65%

            Worker Name      State           Last Heartbeat   Storage       MEM              Version          Revision                               \u{20}
            10.0.0.11        ACTIVE          0                capacity      10.00GB          2.9.4            07a622a201e23edece004b5577247173b5cc0658
                                                              used          3072.00MB (30%)                                                          \u{20}
            10.0.0.12        Decommissioned  166              capacity      10.00GB          2.9.4            07a622a201e23edece004b5577247173b5cc0658
                                                              used          4213.74MB (41%)                                                          \u{20}

            """,
        scope: "all",
        rows: ["10.0.0.11 ACTIVE 0 3221225472 1", "10.0.0.12 Decommissioned 166 4418426634 1"])

    /// 2.9.4 and later, two tiers, a long name, a lost worker of one tier.
    static let withStateAndTiers = Sample(
        text: """
            Capacity information for all workers:\u{20}
                Total vCPUs: 16
                Total Capacity: 120.00GB
                    Tier: MEM  Size: 20.00GB
                    Tier: SSD  Size: 100.00GB
                Used Capacity: 6.00GB
                    Tier: MEM  Size: 5120.00MB
                    Tier: SSD  Size: 1024.00MB
                Used Percentage: 5%
                Free Percentage: 95%

            Worker Name                    State           Last Heartbeat   Storage       Total            MEM           SSD            Version          Revision                               \u{20}
            worker-1.example.internal      ACTIVE          0                capacity      110.00GB         10.00GB       100.00GB       2.9.4            07a622a201e23edece004b5577247173b5cc0658
                                                                            used          2048.00MB (1%)   1024.00MB     1024.00MB                                                              \u{20}
            10.0.0.12                      LOST            412              capacity      10.00GB          10.00GB       -              2.9.4            07a622a201e23edece004b5577247173b5cc0658
                                                                            used          4096.00MB (40%)  4096.00MB     -                                                                      \u{20}

            """,
        scope: "all",
        rows: ["worker-1.example.internal ACTIVE 0 2147483648 2", "10.0.0.12 LOST 412 4294967296 1"])
}
