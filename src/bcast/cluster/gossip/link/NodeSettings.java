package bcast.cluster.gossip.link;

/**
 * What a node reports of itself to its peers, and what it expects of records.
 *
 * @param cluster name of its cluster
 * @param address where it listens; an empty host stands for the one that a peer sees
 * @param maxSkewMs how far clocks may be apart
 * @param validator name of its validator
 */
public record NodeSettings(NodeId node, String cluster, Address address, int httpPort,
        long retentionMs, long maxSkewMs, String validator) {

    /** The same node under another id. */
    public NodeSettings as(NodeId other) {
        return new NodeSettings(other, cluster, address, httpPort, retentionMs, maxSkewMs,
                validator);
    }
}
