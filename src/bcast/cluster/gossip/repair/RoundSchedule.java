package bcast.cluster.gossip.repair;

import bcast.cluster.gossip.link.Fault;
import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.Neighbours;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.storage.StoreView;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.IntConsumer;

/** The peers with which rounds are due, from when on, and the one round of this node under way. */
final class RoundSchedule {

    /** A longer round lets others have a turn; a long sync goes on with any peer. */
    private static final long LONG_MS = 30_000;

    /** The node with the larger id begins this much later, and only if the other did not. */
    static final long LARGER_ID_DELAY_MS = 1_500;

    /** A node whose clock is wrong never holds a record in the span; it asks no more often. */
    private static final long NOTHING_MS = 5_000;

    /** A node that leaves asks a peer that did not take everything again after this time. */
    private static final long HAND_OVER_AGAIN_MS = 200;

    /** Records between two lines of the log about a long sync. */
    private static final int PROGRESS_EVERY = 100_000;

    private final StoreView store;
    private final Outbox out;
    private final Neighbours neighbours;
    private final Runnable synced;
    private final IntConsumer roundOver;
    private final RoundInitiator.Context context;
    /** Links with which rounds are to begin one after another, and from when on; 0 is at once. */
    private final Map<Integer, Long> due = new LinkedHashMap<>();
    /** New records that came on each link in rounds of either side. */
    private final Map<Integer, Long> gained = new HashMap<>();
    private RoundInitiator round;
    private int rounds;
    private long nothingDueMs;
    private boolean handingOver;
    private boolean handedOver;

    RoundSchedule(StoreView store, RoundInitiator.Context context, Runnable synced,
            IntConsumer roundOver) {
        this.store = store;
        this.context = context;
        this.neighbours = context.neighbours();
        this.out = context.out();
        this.synced = synced;
        this.roundOver = roundOver;
    }

    // ---- when rounds are wanted

    /** A link is up: one side begins a round, and an empty store does not wait for the other. */
    void up(int link, boolean first, Now now) {
        if (first || store.isEmpty() || filling()) {
            want(link);
        } else {
            due.putIfAbsent(link, now.steadyMs() + LARGER_ID_DELAY_MS);
        }
    }

    /**
     * A peer is at a round of its own, so that this node's round would find the same again. The
     * peer may be silent for as long as it takes to make a large sketch.
     */
    void peerAsked(int link, Now now) {
        if (!handingOver) {
            due.computeIfPresent(link, (any, ms) ->
                    ms > now.steadyMs() ? now.steadyMs() + RoundPace.LARGE_STALL_MS : ms);
        }
    }

    /**
     * A peer that holds records compares with this node, which holds none in the span. The peer
     * ends its round at that, so this node begins one.
     */
    void emptyInSpan(int link, Now now) {
        if (now.steadyMs() >= nothingDueMs) {
            nothingDueMs = now.steadyMs() + NOTHING_MS;
            want(link);
        }
    }

    void want(int link) {
        due.put(link, 0L);
    }

    void gone(int link) {
        due.remove(link);
        if (onRound(link)) {
            dropRound();
        }
        passOn(link);
    }

    private boolean onRound(int link) {
        return round != null && round.link.number() == link;
    }

    boolean busy(Now now) {
        return round != null || next(now).isPresent();
    }

    boolean filling() {
        return context.sync().underWay() && !store.full();
    }

    private Optional<Integer> next(Now now) {
        for (Map.Entry<Integer, Long> each : due.entrySet()) {
            if (now.steadyMs() >= each.getValue()) {
                return Optional.of(each.getKey());
            }
        }
        return Optional.empty();
    }

    // ---- the round under way

    void tick(Now now) {
        if (store.full() && !handingOver) {
            if (round != null) {
                dropRound();
            }
            due.keySet().forEach(roundOver::accept);
            due.clear();
            return;
        }
        if (round != null) {
            if (now.steadyMs() - round.begun.steadyMs() > LONG_MS && next(now).isPresent()) {
                round.fail(RoundInitiator.State.GIVEN_UP, "others wait");
            } else {
                round.tick(now);
            }
            endIfOver(now);
        }
        if (round == null && next(now).isEmpty() && filling() && !handingOver) {
            // No peer will bring the rest by itself: those that ask are turned away.
            neighbours.peers().stream().findAny().ifPresent(link -> want(link.number()));
        }
        if (handingOver && !handedOver && round == null && due.isEmpty()) {
            takers().forEach(link -> due.put(link, now.steadyMs() + HAND_OVER_AGAIN_MS));
        }
        if (round == null) {
            next(now).ifPresent(link -> begin(link, now));
        }
    }

    private void begin(int link, Now now) {
        due.remove(link);
        neighbours.link(link).ifPresent(peer -> {
            out.count(RepairCounts.ROUNDS);
            round = new RoundInitiator(context, peer, ++rounds, handingOver, now);
        });
    }

    void answered(int link, RepairMessage.Answer answer, Now now) {
        if (onRound(link)) {
            round.on(answer, now);
            endIfOver(now);
        }
    }

    void received(int link, Now now) {
        if (onRound(link)) {
            round.pace.progress(now);
        }
    }

    private void endIfOver(Now now) {
        Link link = round.link;
        switch (round.state()) {
            case UNDER_WAY -> { }
            case COMPLETE -> ownComplete(now);
            case NOT_NOW -> {
                due.putIfAbsent(link.number(), now.steadyMs() + RoundPace.NOT_NOW_MS);
                dropRound();
            }
            case GIVEN_UP -> {
                out.count(RepairCounts.ROUNDS_STALLED);
                dropRound();
                if (!handingOver) {
                    want(link.number());
                }
            }
            case NONSENSE -> {
                dropRound();
                neighbours.fault(link, Fault.NONSENSE, now);
            }
        }
    }

    private void ownComplete(Now now) {
        int link = round.link.number();
        round = null;
        if (handingOver) {
            handedOver = true;
            due.clear();
            return;
        }
        eitherComplete(link, now);
        synced.run();
        roundOver.accept(link);
    }

    private void dropRound() {
        int link = round.link.number();
        round = null;
        passOn(link);
        roundOver.accept(link);
    }

    OptionalLong toGo() {
        return round == null ? OptionalLong.empty() : round.toGo();
    }

    void forgiveSilence(long ms) {
        if (round != null) {
            round.pace.forgiveSilence(ms);
        }
    }

    // ---- what rounds of either side bring

    /** A round of a peer is over, and what it gave is judged. */
    void peerComplete(int link, Now now) {
        eitherComplete(link, now);
        if (!filling()) {
            synced.run();
        }
    }

    /** A round was complete: one that is planned for later is not needed. */
    private void eitherComplete(int link, Now now) {
        due.computeIfPresent(link, (any, ms) -> ms > now.steadyMs() ? null : ms);
        if (gained.containsKey(link)) {
            out.info("sync: complete, records that were new here: " + gained.get(link));
        }
        passOn(link);
    }

    /** A record that came in a round was new here. */
    void gained(int link) {
        long records = gained.merge(link, 1L, Long::sum);
        if (records % PROGRESS_EVERY == 0) {
            out.info("sync: " + records + " records so far");
        }
        if (neighbours.link(link).isEmpty()) {
            passOn(link);
        }
    }

    /** Records of rounds are not pushed on: the other neighbours get them by rounds, too. */
    private void passOn(int link) {
        if (gained.remove(link) != null) {
            neighbours.peers().stream().map(Link::number).filter(other -> other != link)
                    .forEach(this::want);
        }
    }

    // ---- leaving

    /** This node leaves: gives one peer what it lacks, with no more delay than that takes. */
    void handOver(Now now) {
        handingOver = true;
        round = null;
        due.clear();
        takers().forEach(this::want);
        tick(now);
    }

    /** Links of peers that have room. */
    private List<Integer> takers() {
        return neighbours.peers().stream().filter(link -> !link.heartbeat().full())
                .map(Link::number).toList();
    }

    boolean handingOver() {
        return handingOver;
    }

    boolean handedOver() {
        return handedOver;
    }

    boolean mayLeave() {
        return handedOver || round == null && due.isEmpty() && takers().isEmpty();
    }
}
