package bcast.cluster;

import bcast.cluster.gossip.Members;
import java.util.Optional;

/**
 * This node's place among its peers: finds them, brings them what {@code Event.Accepted} says,
 * and publishes what they send as {@code Event.Received}. Knows the other modules only by the bus
 * and by the read-only view of the store.
 */
public interface Cluster extends AutoCloseable {

    /** Begins to look for peers. */
    void start();

    /** {@return the TCP port on which peers may link} */
    int port();

    /** {@return how many peers are linked now} */
    int peers();

    /** {@return who is in the cluster; empty if that cannot be told within a second} */
    Optional<Members> members();

    /**
     * Tells whether this node runs from a copy of another's memory, and so shares names that were
     * drawn at its start.
     *
     * @return what tells it from the other node; empty unless it found that there is one. Another
     *     text each time
     */
    default String renamed() {
        return "";
    }

    /** Leaves politely: hands over what waits to be sent, says good-bye. Takes at most 1 s. */
    @Override
    void close();
}
