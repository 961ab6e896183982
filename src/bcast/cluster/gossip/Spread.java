package bcast.cluster.gossip;

import bcast.data.Data;
import bcast.data.Hash128;
import bcast.eventbus.Event;
import bcast.eventbus.Refusal;
import bcast.eventbus.Source;
import bcast.storage.StoreView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Brings news to all. In a full mesh who accepts a record from a client pushes it to every
 * neighbour; else it is pushed along the {@link Tree} and announced elsewhere, by each node once it
 * has found the record genuine.
 */
final class Spread {

    /**
     * How long a record that failed the validator, or had no room, is not asked for again. One by
     * an unknown key is not before the keys change.
     */
    static final long REFUSED_MS = 60_000;

    /** Records that wait for the flush window to end, in bytes; with more it ends at once. */
    static final int MAX_HELD_BYTES = 256 * 1024;

    /** Most records remembered that a round brought before the tree did. */
    static final int MAX_OVERTAKEN = 4_096;

    /** By a clock that is right no record is on its way for so long. */
    static final long ON_ITS_WAY_MS = 60_000;

    /** Keeps the number of records under judgement bounded when they are small. */
    private static final int JUDGING_OVERHEAD_BYTES = 256;

    /** A record under judgement. */
    private record Judging(int link, Data data, long meshHash, boolean asked, boolean confirm) {
        int cost() {
            return data.wireLength() + JUDGING_OVERHEAD_BYTES;
        }
    }

    /** What a link brings and what waits for it. */
    private static final class Pushes {
        /** Records of the peer under judgement. */
        private int judging;
        /** Records that wait for the flush window to end. */
        private final List<SpreadMessage.Push> held = new ArrayList<>();
        private int heldBytes;
    }

    private final StoreView store;
    private final Neighbours neighbours;
    private final BooleanSupplier mesh;
    private final Tree tree;
    private final Grafts grafts;
    private final Acks acks;
    private final RefusedRecords refused;
    private final Outbox out;
    private final long windowMs;
    private final long maxSkewMs;
    private long flushedMs;
    private long flushDueMs = Long.MAX_VALUE;
    private final PerLink<Pushes> pushes = new PerLink<>(Pushes::new);
    /** Links of peers that do not get new records at present, see {@link CatchUp}. */
    private final Set<Link> paused = new HashSet<>();
    private final Map<Long, Judging> judging = new HashMap<>();
    private long judgingBytes;
    private long tickets;
    /** Records up to this ticket may have been judged by keys that have changed since. */
    private long oldKeysTicket;
    /** Records that a round brought: what comes on the tree later is still to be passed on. */
    private final Set<Hash128> overtaken = new LinkedHashSet<>();

    Spread(StoreView store, Neighbours neighbours, BooleanSupplier mesh, Tree tree,
            Grafts grafts, Acks acks, RefusedRecords refused, Outbox out,
            NodeSettings settings) {
        this.store = store;
        this.neighbours = neighbours;
        this.mesh = mesh;
        this.tree = tree;
        this.grafts = grafts;
        this.acks = acks;
        this.refused = refused;
        this.out = out;
        this.windowMs = settings.flushWindowMs();
        this.maxSkewMs = settings.maxSkewMs();
        this.flushedMs = -windowMs;
    }

    /** No verdict on what another one gave to be judged is taken for one of this one. */
    void follow(Spread other) {
        tickets = other.tickets;
        oldKeysTicket = other.oldKeysTicket;
    }

    long judgingBytes() {
        return judgingBytes;
    }

    /** Records of a peer that are under judgement. */
    int judging(Link link) {
        return pushes.of(link).judging;
    }

    /** New records are neither pushed nor announced on a link until {@link #resume}. */
    void pause(Link link) {
        paused.add(link);
    }

    /** New records are pushed on a link again. */
    void resume(Link link) {
        paused.remove(link);
    }

    /** Whether new records are held back from a link. */
    boolean paused(Link link) {
        return paused.contains(link);
    }

    /** A link is gone. */
    void gone(Link link) {
        paused.remove(link);
        tree.gone(link);
    }

    /** A peer sent a record: has it judged, unless it is held already. */
    void pushed(Link link, SpreadMessage.Push push, Now now) {
        out.count(Gossip.RECEIVED);
        // Its origin sends each of a mesh a record but once, save to who falls behind: to look for
        // it here as well as when it is merged costs more than to judge the few that come again.
        if (push.meshHash() != neighbours.meshHash() && store.holds(push.data())) {
            out.count(Gossip.DUPLICATES);
            if (push.confirm()) {
                confirm(link, push.data());
            }
            if (!push.asked()) {
                comesLate(link.number(), push.data(), push.meshHash(), now);
            }
            return;
        }
        Judging judged = new Judging(link.number(), push.data(), push.meshHash(), push.asked(),
                push.confirm());
        judging.put(++tickets, judged);
        judgingBytes += judged.cost();
        pushes.of(link).judging++;
        out.add(new Output.Deliver(push.data(), new Source(link.peerName(), tickets)));
    }

    /** A record is stored. Returns the link from which it had been asked for, if it had been. */
    Optional<Integer> accepted(Event.Accepted accepted, Now now) {
        if (!accepted.from().isPeer()) {
            publish(accepted.data(), now);
            return Optional.empty();
        }
        Optional<Judging> judged = judged(accepted.from());
        judged.ifPresent(each -> confirmIfWanted(each, accepted.data()));
        if (judged.isPresent() && judged.get().asked()) {
            rememberOvertaken(accepted.data(), now);
            return Optional.of(judged.get().link());
        }
        judged.ifPresent(each -> passOn(accepted.data(), each.link(), each.meshHash(), now));
        return Optional.empty();
    }

    private void confirmIfWanted(Judging judged, Data data) {
        if (judged.confirm()) {
            neighbours.link(judged.link()).ifPresent(link -> confirm(link, data));
        }
    }

    private void confirm(Link link, Data data) {
        out.send(link.number(), new SpreadMessage.Held(List.of(link.store().hash(data))));
    }

    /** The tree may yet bring a record that a round brought; it never does what is old. */
    private void rememberOvertaken(Data data, Now now) {
        if (data.timestamp() > now.wallMs() - maxSkewMs - ON_ITS_WAY_MS) {
            overtaken.add(store.hash(data));
            if (overtaken.size() > MAX_OVERTAKEN) {
                overtaken.remove(overtaken.iterator().next());
            }
        }
    }

    /** A record came on the tree after a round had brought it: who is below waits for it. */
    private void comesLate(int link, Data data, long originMesh, Now now) {
        if (!overtaken.isEmpty() && overtaken.remove(store.hash(data))) {
            passOn(data, link, originMesh, now);
        }
    }

    /** Passes a peer's record on, unless its origin pushed it to all that this node knows. */
    private void passOn(Data data, int from, long originMesh, Now now) {
        if (originMesh != neighbours.meshHash()) {
            passOn(data, from, now);
        }
    }

    /**
     * A client's record: to all at once in a mesh, unless messages are to be few. Who has other
     * neighbours than this node, since one comes or goes just now, passes it on.
     */
    private void publish(Data data, Now now) {
        if (windowMs > 0 || !mesh.getAsBoolean()) {
            passOn(data, -1, now);
            return;
        }
        SpreadMessage.Push push = new SpreadMessage.Push(data, neighbours.meshHash(), false);
        for (Link link : neighbours.peers()) {
            push(link, push, now);
        }
    }

    private void passOn(Data data, int except, Now now) {
        SpreadMessage.Push push = new SpreadMessage.Push(data, 0, false);
        boolean first = now.steadyMs() >= flushedMs + windowMs;
        Map<StoreView, Hash128> hashes = new HashMap<>();
        for (Link link : neighbours.peers()) {
            if (link.number() == except || link.heartbeat().full() || paused.contains(link)) {
                continue;
            }
            if (tree.eager(link)) {
                push(link, push, now);
            } else {
                grafts.announce(link, hashes.computeIfAbsent(link.store(),
                        each -> each.hash(data)));
            }
        }
        if (first) {
            flushedMs = now.steadyMs();
        }
    }

    private void push(Link link, SpreadMessage.Push push, Now now) {
        if (link.heartbeat().full() || paused.contains(link)) {
            return;
        }
        out.count(Gossip.PUSHED);
        SpreadMessage.Push asking = acks.ask(push.data(), link, now)
                ? new SpreadMessage.Push(push.data(), push.meshHash(), push.asked(), true) : push;
        if (now.steadyMs() >= flushedMs + windowMs) {
            out.send(link.number(), asking);
            return;
        }
        Pushes waiting = pushes.of(link);
        waiting.held.add(asking);
        waiting.heldBytes += push.data().wireLength();
        flushDueMs = flushedMs + windowMs;
        if (waiting.heldBytes > MAX_HELD_BYTES) {
            flush(link);
        }
    }

    /** When records that wait are due. */
    long flushDueMs() {
        return flushDueMs;
    }

    /** Sends what waited long enough, on all links at the same time. */
    void flush(Now now) {
        if (now.steadyMs() >= flushDueMs) {
            flushedMs = now.steadyMs();
            flushAll();
        }
    }

    /** Sends what waits for a link. */
    void flush(Link link) {
        Pushes waiting = pushes.of(link);
        waiting.held.forEach(push -> out.send(link.number(), push));
        waiting.held.clear();
        waiting.heldBytes = 0;
    }

    /** Sends all that waits. */
    void flushAll() {
        flushDueMs = Long.MAX_VALUE;
        neighbours.peers().forEach(this::flush);
    }

    void refused(Event.Refused event, Now now) {
        if (!event.from().isPeer()) {
            return;
        }
        Optional<Judging> judged = judged(event.from());
        Optional<Link> link = judged.flatMap(each -> neighbours.link(each.link()));
        judged.filter(each -> each.confirm() && store.get(event.data().id())
                .filter(held -> held.sameTexts(event.data())).isPresent())
                .ifPresent(each -> confirmIfWanted(each, event.data()));
        if (event.why() == Refusal.EXISTS) {
            judged.ifPresent(each -> out.count(Gossip.DUPLICATES));
            judged.filter(each -> !each.asked()).ifPresent(each ->
                    comesLate(each.link(), event.data(), each.meshHash(), now));
        } else if (event.why() == Refusal.LOST) {
            link.ifPresent(loser -> answerWithWinner(loser, event.data()));
        } else if (event.why() == Refusal.INVALID) {
            remember(link, event.data(), now.steadyMs() + REFUSED_MS);
            link.ifPresent(faulty -> neighbours.fault(faulty, Fault.INVALID, now));
        } else if (event.why() == Refusal.UNTRUSTED && event.from().ticket() > oldKeysTicket) {
            remember(link, event.data(), Long.MAX_VALUE);
        } else if (event.why() == Refusal.FULL && !store.full()) {
            // Too large for the room that is left; others may fit.
            remember(link, event.data(), now.steadyMs() + REFUSED_MS);
        }
    }

    private void remember(Optional<Link> link, Data data, long untilMs) {
        StoreView hashing = link.map(each -> each.store()).orElse(store);
        refused.add(hashing.hash(data), untilMs);
    }

    /** The record this verdict is about, which is no longer under judgement. */
    private Optional<Judging> judged(Source from) {
        Optional<Judging> judged = Optional.ofNullable(judging.remove(from.ticket()));
        judged.ifPresent(each -> {
            judgingBytes -= each.cost();
            neighbours.link(each.link()).ifPresent(link -> pushes.of(link).judging--);
        });
        return judged;
    }

    private void answerWithWinner(Link link, Data loser) {
        store.get(loser.id()).ifPresent(winner -> out.send(link.number(),
                new SpreadMessage.Push(winner, 0, false)));
    }

    /** Keys were read again: what was refused, or is under judgement, may be genuine. */
    void keysChanged() {
        refused.clear();
        oldKeysTicket = tickets;
    }

    /** Verdicts were lost: forgets what was under judgement, for repair to bring again. */
    void forget() {
        judging.values().forEach(each -> neighbours.link(each.link())
                .ifPresent(link -> pushes.of(link).judging = 0));
        judging.clear();
        judgingBytes = 0;
    }
}
