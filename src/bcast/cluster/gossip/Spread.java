package bcast.cluster.gossip;

import bcast.data.Data;
import bcast.eventbus.Event;
import bcast.eventbus.Refusal;
import bcast.eventbus.Source;
import bcast.storage.StoreView;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Brings news to all: who accepts a record from a client pushes it to every peer, and whoever is
 * not sure that all its peers get it from there passes it on, once the record is found genuine.
 */
final class Spread {

    /** Records that fail the validator before a peer is shut out. */
    static final int MAX_FAULTS = 16;

    /** How long a record that fails the validator is not asked for again. */
    static final long REFUSED_MS = 60_000;

    /** Keeps the number of records under judgement bounded when they are small. */
    private static final int JUDGING_OVERHEAD_BYTES = 256;

    /** A record under judgement. */
    private record Judging(int link, Data data, long meshHash, boolean asked) {
        int cost() {
            return data.wireLength() + JUDGING_OVERHEAD_BYTES;
        }
    }

    private final StoreView store;
    private final Neighbours neighbours;
    private final RefusedRecords refused;
    private final Outbox out;
    private final Map<Long, Judging> judging = new HashMap<>();
    private long judgingBytes;
    private long tickets;

    Spread(StoreView store, Neighbours neighbours, RefusedRecords refused, Outbox out) {
        this.store = store;
        this.neighbours = neighbours;
        this.refused = refused;
        this.out = out;
    }

    long judgingBytes() {
        return judgingBytes;
    }

    /** A peer sent a record: has it judged, unless it is held already. */
    void pushed(Link link, Message.Push push) {
        if (store.holds(push.data())) {
            out.count(Gossip.DUPLICATES);
            return;
        }
        Judging judged = new Judging(link.number, push.data(), push.meshHash(), push.asked());
        judging.put(++tickets, judged);
        judgingBytes += judged.cost();
        link.judging++;
        out.add(new Output.Deliver(push.data(), new Source(link.peerName, tickets)));
    }

    /** A record is stored. Returns the link from which it had been asked for, if it had been. */
    Optional<Integer> accepted(Event.Accepted accepted) {
        if (!accepted.from().isPeer()) {
            push(accepted.data(), neighbours.meshHash(), -1);
            return Optional.empty();
        }
        Optional<Judging> judged = judged(accepted.from());
        if (judged.isPresent() && judged.get().asked()) {
            return Optional.of(judged.get().link());
        }
        judged.filter(each -> each.meshHash() != neighbours.meshHash())
                .ifPresent(each -> push(accepted.data(), 0, each.link()));
        return Optional.empty();
    }

    private void push(Data data, long meshHash, int except) {
        Message.Push push = new Message.Push(data, meshHash, false);
        for (Link link : neighbours.peers()) {
            if (link.number != except && !link.peerFull) {
                out.count(Gossip.PUSHED);
                out.send(link.number, push);
            }
        }
    }

    void refused(Event.Refused event, Now now) {
        if (!event.from().isPeer()) {
            return;
        }
        Optional<Judging> judged = judged(event.from());
        Optional<Link> link = judged.flatMap(each -> neighbours.link(each.link()));
        if (event.why() == Refusal.LOST) {
            link.ifPresent(loser -> answerWithWinner(loser, event.data()));
        } else if (event.why() == Refusal.INVALID) {
            refused.add(store.hash(event.data()), now.steadyMs() + REFUSED_MS);
            link.ifPresent(faulty -> fault(faulty, now));
        }
    }

    /** The record this verdict is about, which is no longer under judgement. */
    private Optional<Judging> judged(Source from) {
        Optional<Judging> judged = Optional.ofNullable(judging.remove(from.ticket()));
        judged.ifPresent(each -> {
            judgingBytes -= each.cost();
            neighbours.link(each.link()).ifPresent(link -> link.judging--);
        });
        return judged;
    }

    private void answerWithWinner(Link link, Data loser) {
        store.get(loser.id()).ifPresent(winner -> out.send(link.number,
                new Message.Push(winner, 0, false)));
    }

    private void fault(Link link, Now now) {
        if (link.up() && ++link.faults >= MAX_FAULTS) {
            out.count(Gossip.SHUT_OUT);
            neighbours.shutOut(link, "sent " + MAX_FAULTS + " invalid records", now);
        }
    }

    /** Verdicts were lost: forgets what was under judgement, for repair to bring again. */
    void forget() {
        judging.clear();
        judgingBytes = 0;
        neighbours.peers().forEach(link -> link.judging = 0);
    }
}
