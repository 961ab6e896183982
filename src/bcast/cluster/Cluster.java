package bcast.cluster;

import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * This node's place among its peers: finds them, brings them what {@code Event.Accepted} says,
 * and publishes what they send as {@code Event.Received}. Knows the other modules only by the bus
 * and by the read-only view of the store.
 */
public interface Cluster extends AutoCloseable {

    /**
     * Begins to look for peers.
     *
     * @param clients where this node serves clients, which its peers are told
     */
    void start(InetSocketAddress clients);

    /** {@return the TCP port on which peers may link} */
    int port();

    /** {@return how many peers are linked now} */
    int peers();

    /** {@return who is in the cluster; empty if that cannot be told within a second} */
    Optional<Members> members();

    /**
     * Tells which of its identities in the cluster this node has. What was named under one of them
     * must not be taken for the same under another.
     *
     * @return empty under the first, and another text under each further one
     */
    default String incarnation() {
        return "";
    }

    /** Leaves politely: hands over what waits to be sent, says good-bye. Takes at most 1 s. */
    @Override
    void close();
}
