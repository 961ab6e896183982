package bcast.cluster.gossip.spread;

import bcast.base.BoundedMap;
import bcast.cluster.gossip.link.Fault;
import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.Neighbours;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.link.Output;
import bcast.cluster.gossip.link.Refusals;
import bcast.data.Data;
import bcast.data.Hash128;
import bcast.eventbus.Event;
import bcast.eventbus.Refusal;
import bcast.eventbus.Source;
import bcast.storage.StoreView;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Has records of peers judged by the core of the node, and acts on its verdicts. A record is passed
 * on only once it was found genuine.
 */
final class Judging {

    /**
     * How long a record that failed the validator, or had no room, is not asked for again. A record
     * signed by an unknown key is not asked for before the keys change.
     */
    static final long REFUSED_MS = 60_000;

    /** Most records remembered that a round brought before the tree did. */
    private static final int MAX_OVERTAKEN = 4_096;

    /** No record is on its way for longer than this, if clocks are right. */
    private static final long ON_ITS_WAY_MS = 60_000;

    /** Keeps the number of records under judgement bounded when they are small. */
    private static final int JUDGING_OVERHEAD_BYTES = 256;

    /** A record under judgement; its link, by number, may be gone before the verdict. */
    private record Pending(int link, SpreadMessage.Push push) {
        int cost() {
            return push.data().wireLength() + JUDGING_OVERHEAD_BYTES;
        }
    }

    private final StoreView store;
    private final Neighbours neighbours;
    private final Pushing pushing;
    private final Refusals<Hash128> refusals;
    private final Outbox out;
    private final long maxSkewMs;
    /** Records under judgement by their tickets, and how many there are of each link. */
    private final Map<Long, Pending> pending = new HashMap<>();
    private final Map<Integer, Integer> counts = new HashMap<>();
    private long judgingBytes;
    private long tickets;
    /** Records up to this ticket may have been judged by keys that have changed since. */
    private long oldKeysTicket;
    /** Records that a round brought, which are passed on if the tree brings them later. */
    private final Set<Hash128> overtaken =
            Collections.newSetFromMap(new BoundedMap<>(MAX_OVERTAKEN));

    Judging(StoreView store, Neighbours neighbours, Pushing pushing, Refusals<Hash128> refusals,
            Outbox out, long maxSkewMs) {
        this.store = store;
        this.neighbours = neighbours;
        this.pushing = pushing;
        this.refusals = refusals;
        this.out = out;
        this.maxSkewMs = maxSkewMs;
    }

    /** Goes on with the tickets of another one, so that its verdicts are not taken for ours. */
    void follow(Judging other) {
        tickets = other.tickets;
        oldKeysTicket = other.oldKeysTicket;
    }

    long bytes() {
        return judgingBytes;
    }

    /** Records of a peer that are under judgement. */
    int of(Link link) {
        return counts.getOrDefault(link.number(), 0);
    }

    /** A peer sent a record, which is judged unless it is held already. */
    void pushed(Link link, SpreadMessage.Push push, Now now) {
        out.count(SpreadCounts.RECEIVED);
        // In a mesh the origin sends each record once, except to peers that were paused: a lookup
        // here in addition to that of the core costs more than to judge the few duplicates.
        if (push.meshHash() != neighbours.meshHash() && store.holds(push.data())) {
            out.count(SpreadCounts.DUPLICATES);
            answerIfAsked(link, push);
            passOnOvertaken(link.number(), push, now);
            return;
        }
        Pending one = new Pending(link.number(), push);
        pending.put(++tickets, one);
        judgingBytes += one.cost();
        counts.merge(link.number(), 1, Integer::sum);
        out.add(new Output.Deliver(push.data(), new Source(link.peerName(), tickets)));
    }

    /** A peer's record is stored. Returns the number of the link whose round brought it, if any. */
    Optional<Integer> accepted(Event.Accepted accepted, Now now) {
        Optional<Pending> judged = judged(accepted.from());
        if (judged.isEmpty()) {
            return Optional.empty();
        }
        int link = judged.get().link();
        SpreadMessage.Push push = judged.get().push();
        neighbours.link(link).ifPresent(sender -> answerIfAsked(sender, push));
        if (push.inRound()) {
            rememberOvertaken(accepted.data(), now);
            return Optional.of(link);
        }
        pushing.passOn(accepted.data(), link, push.meshHash(), now);
        return Optional.empty();
    }

    /** Answers a push that asks for confirmation; its record is held. */
    private void answerIfAsked(Link link, SpreadMessage.Push push) {
        if (push.confirm()) {
            Hash128 hash = link.store().hash(push.data());
            out.send(link.number(), new SpreadMessage.Held(List.of(hash)));
        }
    }

    /** The tree may yet bring a young record that a round brought first. */
    private void rememberOvertaken(Data data, Now now) {
        if (data.timestamp() > now.wallMs() - maxSkewMs - ON_ITS_WAY_MS) {
            overtaken.add(store.hash(data));
        }
    }

    /** Passes on what a round brought before the tree did: other nodes rely on the tree. */
    private void passOnOvertaken(int link, SpreadMessage.Push push, Now now) {
        if (!push.inRound() && !overtaken.isEmpty() && overtaken.remove(store.hash(push.data()))) {
            pushing.passOn(push.data(), link, push.meshHash(), now);
        }
    }

    void refused(Event.Refused event, Now now) {
        Optional<Pending> judged = judged(event.from());
        Optional<Link> link = judged.flatMap(each -> neighbours.link(each.link()));
        if (store.get(event.data().id()).filter(event.data()::sameTexts).isPresent()) {
            link.ifPresent(sender -> answerIfAsked(sender, judged.get().push()));
        }
        if (event.why() == Refusal.EXISTS) {
            judged.ifPresent(each -> {
                out.count(SpreadCounts.DUPLICATES);
                passOnOvertaken(each.link(), each.push(), now);
            });
        } else if (event.why() == Refusal.LOST) {
            link.ifPresent(sender -> answerWithWinner(sender, event.data()));
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

    /**
     * Keeps a record from being asked for. One that has expired or lies in the future is not
     * remembered: its timestamp is judged anew each time, since this node's clock may be wrong.
     */
    private void remember(Optional<Link> link, Data data, long untilMs) {
        refusals.add(link.map(Link::store).orElse(store).hash(data), untilMs);
    }

    /** The record this verdict is about, which is no longer under judgement. */
    private Optional<Pending> judged(Source from) {
        Optional<Pending> judged = Optional.ofNullable(pending.remove(from.ticket()));
        judged.ifPresent(each -> {
            judgingBytes -= each.cost();
            counts.computeIfPresent(each.link(), (link, count) -> count > 1 ? count - 1 : null);
        });
        return judged;
    }

    private void answerWithWinner(Link link, Data loser) {
        store.get(loser.id()).ifPresent(winner -> out.send(link.number(),
                new SpreadMessage.Push(winner, 0, false)));
    }

    /** Keys were read again: what was refused, or is under judgement, may be genuine. */
    void keysChanged() {
        refusals.clear();
        oldKeysTicket = tickets;
    }

    void forget() {
        pending.clear();
        counts.clear();
        judgingBytes = 0;
    }
}
