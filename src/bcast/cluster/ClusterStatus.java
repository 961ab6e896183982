package bcast.cluster;

/** What the cluster's thread publishes for other threads to read at any time. */
final class ClusterStatus {

    /** Neighbours. */
    volatile int peers;

    /** Bytes that wait to be sent on links. */
    volatile long queuedBytes;

    /** Largest difference to a neighbour's wall clock. */
    volatile long clocksApartMs;

    /** See {@link Cluster#incarnation}. */
    volatile String incarnation = "";
}
