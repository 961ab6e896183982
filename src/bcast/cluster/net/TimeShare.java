package bcast.cluster.net;

/**
 * Limits the thread's time that one peer's requests take. A request that exceeds the share is paid
 * for by the shares of the next seconds.
 */
final class TimeShare {

    /** Time for one peer in each second; a new node that fetches all records needs a third. */
    static final long NS_A_SECOND = 300_000_000;

    /**
     * Most time that is paid for. One request about millions of records takes seconds on a busy
     * machine; no record arrives from a peer that has to wait, so it waits three seconds at most.
     */
    static final long MAX_SPENT_NS = 4 * NS_A_SECOND;

    private long spentNs;
    private long secondMs;

    void spend(long ns) {
        spentNs = Math.min(spentNs + ns, MAX_SPENT_NS);
    }

    /** Whether the peer has to wait. To be called at least once a second while it does. */
    boolean exceeded(long nowMs) {
        if (nowMs - secondMs >= 1_000) {
            secondMs = nowMs;
            spentNs = Math.max(0, spentNs - NS_A_SECOND);
        }
        return spentNs > NS_A_SECOND;
    }
}
