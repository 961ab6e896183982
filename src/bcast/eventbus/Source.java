package bcast.eventbus;

/**
 * Where a record came from.
 *
 * @param peer node id of the peer that sent it; empty for a client
 * @param ticket a number chosen by the cluster, returned with the outcome
 */
public record Source(String peer, long ticket) {

    /** A client of this node. */
    public static final Source CLIENT = new Source("", 0);

    /** {@return whether a peer sent it} */
    public boolean isPeer() {
        return !peer.isEmpty();
    }

    @Override
    public String toString() {
        return isPeer() ? "peer " + peer : "a client";
    }
}
