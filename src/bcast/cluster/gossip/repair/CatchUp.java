package bcast.cluster.gossip.repair;

import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.Neighbours;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.link.Output;
import bcast.cluster.gossip.link.PerLink;
import bcast.cluster.gossip.spread.Spread;
import bcast.data.Data;
import bcast.storage.Arrival;
import bcast.storage.StoreView;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/**
 * Serves neighbours that records reach faster than they take them. The backlog of such a neighbour
 * was dropped; its records are read again from the store, in the order of arrival, as fast as the
 * neighbour takes them, until it is up to date. So a slow neighbour costs no memory. Rounds would
 * take much longer for so large a difference; one round makes sure in the end.
 */
final class CatchUp {

    /** Records read at once. */
    static final int PAGE_RECORDS = 1_024;

    /** Bytes sent at once, or one record. */
    private static final int PAGE_BYTES = 1024 * 1024;

    /** A neighbour that lacks more gets it by rounds. */
    private static final int MOST_RECORDS = 1_000_000;

    /**
     * Records are announced a little later than they are stored, and not quite in that order: this
     * many before the first are sent once more.
     */
    static final int MARGIN = 64;

    /** From where on in the order of arrival a neighbour lacks records. */
    private static final class Place {
        private long seq;
    }

    private final StoreView store;
    private final Neighbours neighbours;
    private final Spread spread;
    private final BooleanSupplier mesh;
    private final Outbox out;
    private final IntConsumer wantRound;
    private Optional<Data> lastAccepted = Optional.empty();
    private final PerLink<Place> places = new PerLink<>(Place::new);

    /** {@code wantRound} is given the number of a link on which a round is to begin. */
    CatchUp(StoreView store, Neighbours neighbours, Spread spread, BooleanSupplier mesh,
            Outbox out, IntConsumer wantRound) {
        this.store = store;
        this.neighbours = neighbours;
        this.spread = spread;
        this.mesh = mesh;
        this.out = out;
        this.wantRound = wantRound;
    }

    /** A neighbour lacks the first record, if that is known, and those that arrived after it. */
    void behind(Link link, Optional<Data> first) {
        long seq = first.map(store::seq).orElse(0L);
        if (seq == 0 || !link.neighbour() || store.lastArrival() - seq > MOST_RECORDS) {
            // Where to begin is not known, or too long ago.
            wantRound.accept(link.number());
        } else if (spread.paused(link)) {
            Place place = places.of(link);
            place.seq = Math.min(place.seq, Math.max(0, seq - MARGIN));
        } else {
            places.of(link).seq = Math.max(0, seq - MARGIN);
            spread.pause(link);
            out.add(new Output.NotifyWhenDrained(link.number()));
        }
    }

    /** A record was accepted: a backlog that is lost later begins after it. */
    void accepted(Data data) {
        lastAccepted = Optional.of(data);
    }

    /** A neighbour lacks what arrived since the last record that was accepted. */
    void missed(Link link) {
        behind(link, lastAccepted);
    }

    /** There is room on a link for more. */
    void drained(Link link) {
        if (!spread.paused(link)) {
            return;
        }
        if (link.heartbeat().full() || !sendPage(link)) {
            spread.resume(link);
            wantRound.accept(link.number());
        } else {
            out.add(new Output.NotifyWhenDrained(link.number()));
        }
    }

    /** In a mesh the other neighbours send what came from them. */
    private boolean sendPage(Link link) {
        boolean inMesh = mesh.getAsBoolean();
        long meshHash = inMesh ? neighbours.meshHash() : 0;
        Place place = places.of(link);
        List<Arrival> page = store.arrivals(place.seq, PAGE_RECORDS);
        long sent = 0;
        for (Arrival each : page) {
            if (sent > PAGE_BYTES) {
                break;
            }
            place.seq = each.seq();
            if (!inMesh || !each.fromPeer()) {
                spread.resend(link, each.data(), meshHash);
                sent += each.data().wireLength();
            }
        }
        return !page.isEmpty();
    }
}
