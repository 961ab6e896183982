package bcast.cluster.gossip.link;

import bcast.base.Metric;

/** What only a faulty peer does. A peer at fault again and again is shut out for some time. */
public enum Fault {
    /** The peer sent a record that fails the validator. */
    INVALID("invalid_record", "sent invalid records"),
    /** The peer's answer contradicts the question or itself. */
    NONSENSE("nonsense", "answered nonsense"),
    /** The peer asked more within a second than is answered. */
    QUESTIONS("questions", "asked too much");

    private final Metric counter;
    private final String did;

    Fault(String kind, String did) {
        this.counter = Metric.counter("bcast_peer_faults_total", "Faults of peers, by kind.")
                .with("kind", kind);
        this.did = did;
    }

    public Metric counter() {
        return counter;
    }

    /** What the peer did, for the log. */
    public String did() {
        return did;
    }
}
