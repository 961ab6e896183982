package bcast.cluster.gossip.repair;

import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.LinkRole;
import bcast.cluster.gossip.link.Neighbours;
import bcast.cluster.gossip.link.NodeSettings;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.spread.Spread;
import bcast.data.Data;
import bcast.storage.StoreView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/**
 * The way into this package. A {@link RoundInitiator} compares two stores and brings over what
 * differs, and a {@link RoundResponder} is its other side. {@link RoundSchedule} begins rounds one
 * by one. {@link CatchUp} serves neighbours that records reach faster than they take them.
 */
public final class Repair {

    /** Peers compared with at each interval. */
    private static final int ROUNDS_AN_INTERVAL = 2;

    private final NodeSettings settings;
    private final Neighbours neighbours;
    private final Spread spread;
    private final HighLoad load;
    private final RoundSchedule schedule;
    private final RoundResponder responder;
    private final CatchUp catchUp;

    /**
     * A node without links.
     *
     * @param mesh whether all nodes are linked to each other
     * @param synced runs when this node has every record that a peer has
     * @param roundOver is given the number of the link when a round that this node began is over,
     *     whatever came of it
     */
    public Repair(NodeSettings settings, StoreView store, Neighbours neighbours, Spread spread,
            BooleanSupplier mesh, Outbox out, Runnable synced, IntConsumer roundOver,
            Now now) {
        this.settings = settings;
        this.neighbours = neighbours;
        this.spread = spread;
        this.load = new HighLoad(now);
        this.schedule = new RoundSchedule(store, new RoundInitiator.Context(settings, neighbours,
                spread, new InitialSync(), load, out), synced, roundOver);
        this.responder = new RoundResponder(spread, schedule, out);
        this.catchUp = new CatchUp(store, neighbours, spread, mesh, out, schedule::want);
    }

    // ---- links

    /**
     * A link is up, or a visit was adopted. Between neighbours one side begins a round; on a visit
     * the visitor does, and its round goes on when the visit is adopted.
     */
    public void up(Link link, Now now) {
        if (link.hello().role() != LinkRole.VISIT) {
            boolean first = settings.node().compareTo(link.node()) < 0;
            schedule.up(link.number(), first, now);
        } else if (!link.neighbour() && link.dialled().isPresent()) {
            schedule.want(link.number());
        }
        tick(now);
    }

    public void gone(Link link) {
        schedule.gone(link.number());
        responder.gone(link);
    }

    /** The backlog of records of a link was dropped; {@code first} was the first one in it. */
    public void overflowed(Link link, Optional<Data> first) {
        catchUp.behind(link, first);
    }

    /** A link has room for more records. */
    public void drained(Link link) {
        catchUp.drained(link);
    }

    /** Events were lost, so that neighbours may lack the records stored since the last one. */
    public void missed() {
        neighbours.peers().forEach(catchUp::missed);
    }

    // ---- messages and records

    public void on(Link link, RepairMessage message, Now now) {
        if (message instanceof RepairMessage.Question question) {
            schedule.peerAsked(link.number(), now);
            responder.on(link, question, now);
        } else if (message instanceof RepairMessage.Answer answer) {
            schedule.answered(link.number(), answer, now);
        } else if (message instanceof RepairMessage.Given) {
            responder.onGiven(link);
        } else if (message instanceof RepairMessage.Done done) {
            responder.onDone(link, done.round());
        }
    }

    /** A record arrived that belongs to a round. */
    public void received(Link link, Now now) {
        schedule.received(link.number(), now);
    }

    /**
     * A record was accepted; {@code inRound} is the number of the link on which it came in a round,
     * empty if it did not.
     */
    public void accepted(Data data, Optional<Integer> inRound, Now now) {
        inRound.ifPresent(schedule::gained);
        catchUp.accepted(data);
        load.accepted(now);
    }

    // ---- rounds

    /** Begins a round with a peer as soon as others are over. */
    public void want(Link link) {
        schedule.want(link.number());
    }

    /** Begins a round with each neighbour as soon as others are over. */
    public void wantAll() {
        neighbours.peers().forEach(this::want);
    }

    /** Begins rounds with some neighbours, which bring what pushes and other rounds did not. */
    public void wantSome(Random random) {
        List<Link> others = new ArrayList<>(neighbours.peers());
        others.removeIf(spread::paused);
        for (int i = 0; i < ROUNDS_AN_INTERVAL && !others.isEmpty(); i++) {
            want(others.remove(random.nextInt(others.size())));
        }
    }

    /** Records that the round under way has yet to bring or give, as far as is known. */
    public OptionalLong toGo() {
        return schedule.toGo();
    }

    /** Goes on with rounds, if there is anything to do, after an input that may concern them. */
    public void goOn(Now now) {
        if (schedule.busy(now) || responder.busy()) {
            tick(now);
        }
    }

    /** Begins, goes on with, or gives up rounds. */
    public void tick(Now now) {
        responder.tick(now);
        schedule.tick(now);
    }

    /** This node itself stood still, which is not the fault of the peer of its round. */
    public void forgiveSilence(long ms) {
        schedule.forgiveSilence(ms);
    }

    // ---- leaving

    /** This node leaves: it gives one peer every record that the peer lacks, without delay. */
    public void handOver(Now now) {
        // Rounds bring each peer what it lacks.
        neighbours.peers().forEach(spread::resume);
        schedule.handOver(now);
    }

    /** Whether a peer has every record since {@link #handOver}. */
    public boolean handedOver() {
        return schedule.handedOver();
    }

    /** Whether a peer has every record since {@link #handOver}, or there is no peer. */
    public boolean mayLeave() {
        return schedule.mayLeave();
    }
}
