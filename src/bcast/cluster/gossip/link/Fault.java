package bcast.cluster.gossip.link;

/** What only a faulty peer does. A peer at fault again and again is shut out for some time. */
public enum Fault {
    /** The peer sent a record that fails the validator. */
    INVALID("peer_faults_invalid", "sent invalid records"),
    /** The peer's answer contradicts the question or itself. */
    NONSENSE("peer_faults_nonsense", "answered nonsense"),
    /** The peer asked more within a second than is answered. */
    QUESTIONS("peer_faults_questions", "asked too much");

    private final String counter;
    private final String did;

    Fault(String counter, String did) {
        this.counter = counter;
        this.did = did;
    }

    /** {@return the name of the counter of such faults} */
    public String counter() {
        return counter;
    }

    /** {@return what the peer did, in words} */
    public String did() {
        return did;
    }
}
