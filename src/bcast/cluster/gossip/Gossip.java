package bcast.cluster.gossip;

import bcast.base.Metric;
import bcast.cluster.Members;
import bcast.cluster.gossip.link.Fault;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.Neighbours;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.link.NodeSettings;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.link.Output;
import bcast.cluster.gossip.overlay.LinkEvents;
import bcast.cluster.gossip.overlay.Overlay;
import bcast.cluster.gossip.repair.Repair;
import bcast.cluster.gossip.repair.RepairCounts;
import bcast.cluster.gossip.spread.Spread;
import bcast.cluster.gossip.spread.SpreadCounts;
import bcast.eventbus.Event;
import bcast.storage.StoreView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One node's side of the cluster protocol: {@link Overlay} finds other nodes and keeps links to
 * some of them, {@link Spread} brings new records to all, and {@link Repair} brings what was missed
 * all the same. Each input goes to the protocol that it concerns.
 *
 * <p>Not safe for use by several threads: one thread owns it, and it owns nothing but memory.
 */
public final class Gossip {

    /** How a node is until it ticks. */
    public static final Event.Health AT_FIRST =
            new Event.Health("sync", Optional.of("looking for peers"));

    /** Longest time to give a peer what only this node holds, after {@link Input.Leave}. */
    public static final long HAND_OVER_MS = 8_000;

    /** A node that did not run for this long cannot tell whether its peers are silent. */
    static final long PAUSE_MS = 2_000;

    /** Time between looks at everything that is due. */
    static final long TICK_MS = 100;

    /** Events are lost again and again under load; the log repeats that no more often. */
    private static final long WARN_MISSED_MS = 10_000;

    private final NodeSettings settings;
    private final StoreView store;
    private final Random random;
    private final Outbox out = new Outbox();
    private final Overlay overlay;
    private final Neighbours neighbours;
    private final Spread spread;
    private final Repair repair;
    private final Readiness readiness;
    private final Heartbeats heartbeats;
    private final Leaving leaving;
    private final MessageRouter messages;
    /** Links of rounds that are over, of visits and others. */
    private final Set<Integer> roundsOver = new LinkedHashSet<>();
    private long tickedMs;
    private long warnMissedMs;
    private boolean wasFull;

    /** A node without peers; the random is its only source of randomness. */
    public Gossip(NodeSettings settings, StoreView store, Random random, Now now) {
        this(settings, store, random, Optional.empty(), now);
    }

    private Gossip(NodeSettings settings, StoreView store, Random random, Optional<Overlay> before,
            Now now) {
        this.settings = settings;
        this.store = store;
        this.random = random;
        this.tickedMs = now.steadyMs();
        this.overlay = new Overlay(settings, store, before, out, random, new Between(), now);
        this.neighbours = overlay.neighbours();
        this.spread = new Spread(settings, store, neighbours, overlay::mesh, out);
        this.readiness = new Readiness(neighbours, out, settings.maxSkewMs(), now);
        this.repair = new Repair(settings, store, neighbours, spread, overlay::mesh, out,
                () -> readiness.synced(store.isEmpty()), roundsOver::add, now);
        this.heartbeats = new Heartbeats(store, overlay, spread, out);
        this.leaving = new Leaving(store, overlay, repair, out);
        this.messages = new MessageRouter(overlay, spread, repair, leaving, out);
    }

    /** The same node under the id of {@link Output.NewId}: without links and what depends on it. */
    public Gossip as(NodeId node, Now now) {
        Gossip next = new Gossip(settings.as(node), store, random, Optional.of(overlay), now);
        next.readiness.follow(readiness);
        next.spread.follow(spread, now);
        return next;
    }

    /** Brings the protocols together. */
    private final class Between implements LinkEvents {
        @Override
        public void up(Link link, Now now) {
            heartbeats.send(link, now);
            spread.up(link, now);
            if (link.neighbour()) {
                overlay.welcome(link, now);
            }
            repair.up(link, now);
        }

        @Override
        public boolean inTree(Link link) {
            return spread.inTree(link);
        }

        @Override
        public void parting(Link link) {
            spread.announce(link);
        }

        @Override
        public void down(Link link, Now now) {
            spread.down(link);
            repair.gone(link);
        }
    }

    // ---- what others may ask

    /** This node's id. */
    public NodeId node() {
        return settings.node();
    }

    /** When {@link Input.Tick} is due, by the steady clock. */
    public long deadlineMs() {
        return tickedMs + TICK_MS;
    }

    /** Bytes of records under judgement; while they are many, nothing more should be read. */
    public long judgingBytes() {
        return spread.judgingBytes();
    }

    /** All that the protocol counts, see {@link Output.Count}. */
    public static List<Metric> counters() {
        List<Metric> all = new ArrayList<>(List.of(MessageRouter.QUESTIONS_DROPPED));
        List.of(Overlay.COUNTERS, SpreadCounts.ALL, RepairCounts.ALL).forEach(all::addAll);
        Arrays.stream(Fault.values()).map(Fault::counter).forEach(all::add);
        return all;
    }

    public int peerCount() {
        return neighbours.peers().size();
    }

    /** The numbers of the links to neighbours. */
    public Set<Integer> neighbours() {
        return neighbours.peers().stream().map(Link::number).collect(Collectors.toSet());
    }

    /** The largest difference to a neighbour's wall clock in ms; 0 if none was measured. */
    public long clocksApartMs(Now now) {
        return ClockWatch.apartMs(neighbours.peers(), now);
    }

    /** All nodes that are known. */
    public Members members(Now now) {
        return new Members(settings.node().toString(), settings.address().toString(),
                spread.root().map(NodeId::toString), spread.parent().map(NodeId::toString),
                repair.toGo(), MembersSeen.of(settings.node(), overlay, now));
    }

    /** Whether all links were ended, after {@link Input.Leave}. */
    public boolean left() {
        return leaving.left();
    }

    // ---- inputs

    /** Handles one input. Returns what is to be done, in order. */
    public List<Output> handle(Input input, Now now) {
        if (input instanceof Input.Tick) {
            tick(now);
        } else if (input instanceof Input.Got got) {
            messages.on(got, now);
        } else if (input instanceof Input.Happened happened) {
            on(happened.event(), now);
        } else {
            onRest(input, now);
        }
        endVisits(now);
        leaving.goOn(now);
        out.forEachSentOn(number ->
                neighbours.link(number).ifPresent(link -> heartbeats.sent(link, now)));
        return out.take();
    }

    private void on(Event event, Now now) {
        if (event instanceof Event.Accepted accepted) {
            repair.accepted(accepted.data(), spread.accepted(accepted, now), now);
        } else if (event instanceof Event.Refused refused) {
            spread.refused(refused, now);
        } else if (event instanceof Event.Confirm confirm) {
            spread.askToConfirm(confirm, now);
        } else if (event instanceof Event.Broadcast) {
            readiness.repeat();
            repair.wantSome(random);
        } else if (event instanceof Event.KeysChanged) {
            spread.keysChanged();
            repair.wantAll();
        }
        repair.goOn(now);
    }

    private void onRest(Input input, Now now) {
        if (input instanceof Input.Alive alive) {
            neighbours.link(alive.link()).ifPresent(link -> link.heard(now));
        } else if (input instanceof Input.Overflowed overflowed) {
            out.count(RepairCounts.OVERFLOWED);
            neighbours.link(overflowed.link()).ifPresent(link ->
                    repair.overflowed(link, overflowed.first()));
        } else if (input instanceof Input.Drained drained) {
            neighbours.link(drained.link()).ifPresent(repair::drained);
        } else if (input instanceof Input.Missed missed) {
            onMissed(missed.count(), now);
        } else if (input instanceof Input.Leave) {
            leaving.begin(now);
        } else if (leaving.left() && input instanceof Input.Opened opened) {
            // A dial was under way.
            out.add(new Output.Close(opened.link()));
        } else {
            overlay.on(input, now);
        }
    }

    /** Events of the bus were lost. Peers get the records of these in other ways. */
    private void onMissed(long count, Now now) {
        if (now.steadyMs() >= warnMissedMs) {
            warnMissedMs = now.steadyMs() + WARN_MISSED_MS;
            out.warn(count + " events were lost under load; peers get their records by repair");
        }
        spread.forget();
        repair.missed();
    }

    /** Ends the visits of this node whose rounds are over. */
    private void endVisits(Now now) {
        for (int number : List.copyOf(roundsOver)) {
            neighbours.link(number).filter(link -> link.up() && !link.neighbour()
                    && link.dialled().isPresent()).ifPresent(link -> overlay.endVisit(link, now));
        }
        roundsOver.clear();
    }

    private void tick(Now now) {
        long pause = now.steadyMs() - tickedMs;
        tickedMs = now.steadyMs();
        if (pause > 2 * TICK_MS) {
            repair.forgiveSilence(pause);
        }
        if (leaving.begun()) {
            repair.tick(now);
            return;
        }
        if (pause > PAUSE_MS) {
            out.warn("this node did not run for " + pause + " ms");
            overlay.forgiveSilence(now);
        }
        // First, so that no link is shed that the tree is about to need.
        spread.tickTree(now);
        overlay.tick(now);
        heartbeats.tick(now);
        spread.tick(now);
        if (wasFull && !store.full()) {
            repair.wantAll();
        }
        wasFull = store.full();
        repair.tick(now);
        readiness.tick(wasFull, now);
    }
}
