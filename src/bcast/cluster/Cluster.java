package bcast.cluster;

import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Connects this node with its peers: records that this node accepts go to all other nodes, and
 * records of other nodes come to this one. {@link GossipCluster} is the default. Records go to and
 * from the core over the {@link bcast.eventbus.EventBus}; a cluster reads the
 * {@link bcast.storage.Storage}, and never changes it.
 *
 * <p><b>Events taken.</b> A cluster subscribes in its constructor, to miss none before
 * {@link #start}, and with {@link bcast.eventbus.EventBus.WhenFull#DROP}: the core must not wait
 * for a cluster that may itself be waiting for the core. The next comparison with a peer makes up
 * for an {@code Accepted} that was dropped.
 * <ul>
 * <li>{@link bcast.eventbus.Event.Accepted}: a record is valid and stored. It is sent to the peers
 * that may lack it; a client's record is sent to all.
 * <li>{@link bcast.eventbus.Event.Broadcast}: the interval is over, 20 s by default. The cluster
 * compares its store with those of some peers, and each side receives what it lacks, and no more.
 * <li>{@link bcast.eventbus.Event.Refused}: a peer's record is not stored. It is a fault of that
 * peer only if the reason is {@link bcast.eventbus.Refusal#INVALID}.
 * <li>{@link bcast.eventbus.Event.KeysChanged}: a record that was refused as
 * {@link bcast.eventbus.Refusal#UNTRUSTED} may be accepted now, if a peer sends it again.
 * <li>{@link bcast.eventbus.Event.Confirm}, with {@code -ack=peer} only: a client waits until a
 * peer holds the record too. If this event is ignored, such clients receive an error after 5 s.
 * </ul>
 *
 * <p><b>Events published.</b>
 * <ul>
 * <li>{@link bcast.eventbus.Event.Received}: a peer sent a record. Exactly one
 * {@code Accepted} or {@code Refused} with the same {@link bcast.eventbus.Source} is published in
 * answer; a record that is held already is refused as {@link bcast.eventbus.Refusal#EXISTS}.
 * Publishing waits while the core is busy, so that the cluster stops reading from its peers. The
 * thread that publishes must therefore not be one that answers {@link #members}.
 * <li>{@link bcast.eventbus.Event.Confirmed}: a peer reported that it holds a record for which
 * {@code Confirm} asked.
 * <li>{@link bcast.eventbus.Event.Health} of the part {@code sync}: why records may be missing. The
 * constructor publishes it; it is over once the records of a first peer have arrived, or no peer
 * was found for some seconds. Of the part {@code clock}: this node's clock is wrong, so it
 * accepts no records of clients. With either the node is not ready.
 * <li>{@link bcast.eventbus.Event.Note}: what an operator should look at.
 * </ul>
 *
 * <p>Records are sent unchanged: id, raw, signature and timestamp. All nodes of a cluster have the
 * same {@linkplain bcast.validator.Validator#name() validator} and the same retention, and refuse
 * peers that have others. A cluster checks the lengths that a peer sends against limits before it
 * allocates memory; {@link bcast.data.Data} checks the limits of a record.
 *
 * <p><b>Threads.</b> A cluster has its own threads. If it cannot go on without one that failed, it
 * reports that to {@link bcast.base.Context#fault}. Its ports are bound in its constructor, which
 * throws {@link bcast.base.StartException} or {@link java.io.IOException} if that fails.
 * {@link #start} and {@link #close} are called once each, by different threads; {@link #close} is
 * also called without a start. All other methods may be called by any thread at any time.
 */
public interface Cluster extends AutoCloseable {

    /** Longest time that {@link #close} may take, in milliseconds. */
    long CLOSE_MS = 9_000;

    /** Longest time that {@link #members} may take, in milliseconds. */
    long MEMBERS_MS = 1_000;

    /**
     * Begins to look for peers, and returns at once. The core has started by then. The node logs
     * the cluster's name and {@link #port}; the cluster logs all else that matters to users.
     *
     * @param clients the address at which this node serves clients, reported to peers; a wildcard
     *     address if it does so on all interfaces
     */
    void start(InetSocketAddress clients);

    /** {@return the TCP port on which peers may link, bound before the start; 0 for none} */
    int port();

    /**
     * Counts the peers that are linked now and receive new records. Called often.
     *
     * @return their number, by default that in {@link #members}
     */
    default int peers() {
        return (int) members().stream().flatMap(each -> each.members().stream())
                .filter(each -> each.state() == Members.State.NEIGHBOUR).count();
    }

    /**
     * Lists this node and all other known nodes. May take {@link #MEMBERS_MS}.
     *
     * @return the nodes known now; empty without an answer within that time, as before the start
     */
    Optional<Members> members();

    /**
     * Names the identity of this node in the cluster. A node changes it when it finds a copy of
     * itself, such as a restored snapshot of a virtual machine. A position in the order of records
     * of one identity is not valid for another.
     *
     * @return empty under the first identity, and another text under each further one
     */
    default String incarnation() {
        return "";
    }

    /**
     * Leaves the cluster: sends what waits, hands records that only this node holds to a peer,
     * closes all links and frees the ports. Stops after {@link #CLOSE_MS} even if that is not
     * finished. The core still judges records meanwhile.
     */
    @Override
    void close();
}
