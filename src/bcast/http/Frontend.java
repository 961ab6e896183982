package bcast.http;

import java.net.InetSocketAddress;

/**
 * Serves the clients of a node: over HTTP by default ({@link HttpModule}), or another protocol.
 *
 * <p>A front end hands each record of a client to {@link bcast.core.Core#deliver} as
 * {@link bcast.eventbus.Source#CLIENT}. If the outcome names a {@linkplain bcast.core.Outcome#held
 * held} record, new or equal to one from before, the post succeeded; but the front end
 * reports success only after {@link bcast.core.Core#settle} of that record. It lists the records of
 * the {@link bcast.storage.Storage}. All of these may be called by any number of threads at once.
 *
 * <p>It binds its port in its constructor, which throws {@link bcast.base.StartException} or
 * {@link java.io.IOException} if it cannot; so all ports of a node are known before any of its
 * threads runs. Threads are its own, and one without which it cannot go on reports its failure to
 * {@link bcast.base.Context#fault}. Nothing but the front end protects the node from its clients:
 * it bounds connections, memory, and the time that a slow client may take.
 *
 * <p>{@link #start} and {@link #close} are called once each, by different threads;
 * {@link #close} also without a start.
 */
public interface Frontend extends AutoCloseable {

    /** Longest time that {@link #close} may take, in milliseconds. */
    long CLOSE_MS = 1_500;

    /** Begins to answer clients, and returns at once. */
    void start();

    /** {@return the address bound, before the start as well; a wildcard is all interfaces} */
    InetSocketAddress address();

    /** {@return the address for clients, as the log shows it} */
    default String url() {
        return "port " + address().getPort();
    }

    /**
     * Answers the requests under way, refuses new ones, and frees the port, all within
     * {@link #CLOSE_MS}: a request that takes longer is broken off.
     */
    @Override
    void close();
}
