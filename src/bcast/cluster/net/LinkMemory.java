package bcast.cluster.net;

/** Memory that all links take together, and its limits. Owned by the cluster's thread. */
final class LinkMemory {

    private final long maxQueuedBytes;
    private final long maxUnfinishedBytes;
    private long queuedBytes;
    private long unfinishedBytes;

    /**
     * Nothing is taken yet.
     *
     * @param maxQueuedBytes for messages that wait to be sent, without records
     * @param maxUnfinishedBytes for records of which only a part has arrived
     */
    LinkMemory(long maxQueuedBytes, long maxUnfinishedBytes) {
        this.maxQueuedBytes = maxQueuedBytes;
        this.maxUnfinishedBytes = maxUnfinishedBytes;
    }

    void addQueued(int bytes) {
        queuedBytes += bytes;
    }

    void addUnfinished(int bytes) {
        unfinishedBytes += bytes;
    }

    /** Whether the queues are full, and that of this link takes more than its equal share. */
    boolean overShare(LinkChannel link, int links) {
        return queuedBytes > maxQueuedBytes
                && link.output().queuedBytes() >= maxQueuedBytes / links;
    }

    void checkUnfinished() throws ProtocolException {
        if (unfinishedBytes > maxUnfinishedBytes) {
            throw new ProtocolException("unfinished records take more than "
                    + maxUnfinishedBytes + " bytes");
        }
    }

    /** A link is closed: its queue and its unfinished record are gone. */
    void closed(LinkChannel link) {
        queuedBytes -= link.output().queuedBytes();
        unfinishedBytes -= link.unfinishedBytes();
    }
}
