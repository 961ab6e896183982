package bcast.cluster.gossip;

import bcast.data.Data;
import bcast.storage.Arrival;
import bcast.storage.StoreView;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/**
 * Serves neighbours for whom news comes too fast. What waited for such a one was dropped; it is
 * read again from the store, in the order of arrival, as fast as the neighbour takes it, until it
 * is up to date. So a slow neighbour costs no memory, and rounds, which would take much longer for
 * so many records, only make sure in the end.
 */
final class CatchUp {

    /** Records read at once. */
    static final int PAGE_RECORDS = 1_024;

    /** Bytes sent at once, or one record. */
    static final int PAGE_BYTES = 1024 * 1024;

    private final StoreView store;
    private final Neighbours neighbours;
    private final BooleanSupplier mesh;
    private final Outbox out;
    private final IntConsumer done;

    /**
     * Nobody is behind.
     *
     * @param mesh whether all nodes are linked to each other
     * @param done told of a link that is up to date again
     */
    CatchUp(StoreView store, Neighbours neighbours, BooleanSupplier mesh, Outbox out,
            IntConsumer done) {
        this.store = store;
        this.neighbours = neighbours;
        this.mesh = mesh;
        this.out = out;
        this.done = done;
    }

    /** A neighbour lacks a record, if it is held, and what arrived after it. */
    void behind(Link link, Optional<Data> first) {
        long seq = first.map(store::seq).orElse(0L);
        if (seq == 0 || !link.neighbour) {
            // Where to begin is not known: it has expired meanwhile, or another won.
            done.accept(link.number);
        } else if (link.behind()) {
            link.behindSeq = Math.min(link.behindSeq, seq - 1);
        } else {
            link.behindSeq = seq - 1;
            out.add(new Output.TellRoom(link.number));
        }
    }

    /** There is room on a link for more. */
    void room(Link link) {
        if (!link.behind()) {
            return;
        }
        long sent = 0;
        if (!link.peerFull) {
            // A receiver in a mesh knows that the others get it as well.
            long meshHash = mesh.getAsBoolean() ? neighbours.meshHash() : 0;
            for (Arrival each : store.arrivals(link.behindSeq, PAGE_RECORDS)) {
                if (sent > PAGE_BYTES) {
                    break;
                }
                out.count(Gossip.PUSHED);
                out.send(link.number, new Message.Push(each.data(), meshHash, false));
                link.behindSeq = each.seq();
                sent += each.data().wireLength();
            }
        }
        if (sent > 0) {
            out.add(new Output.TellRoom(link.number));
        } else {
            link.behindSeq = Link.UP_TO_DATE;
            done.accept(link.number);
        }
    }
}
