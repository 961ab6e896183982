package bcast.cluster.gossip.spread;

import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.Neighbours;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.link.Output;
import bcast.data.Data;
import bcast.data.Hash128;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Clients' records that a peer has to confirm. The pushes of such a record ask for confirmation; if
 * none arrives in time, the record is pushed to another neighbour as well.
 */
final class Acks {

    /** Neighbours asked at first: one may be about to fail. */
    static final int ASKED = 2;

    /** Another neighbour is asked after this time. */
    static final long AGAIN_MS = 500;

    /** The client does not wait for longer. */
    static final long GIVE_UP_MS = 6_000;

    /** Most records that wait; what comes beyond is not asked for, and so not confirmed. */
    static final int MAX_WAITING = 65_536;

    private static final class Waiting {
        private final Data data;
        private final List<Integer> asked = new ArrayList<>();
        private final List<Hash128> hashes = new ArrayList<>();
        private long sinceMs;
        private long dueMs;

        private Waiting(Data data, Now now) {
            this.data = data;
            this.dueMs = now.steadyMs();
        }
    }

    private final Neighbours neighbours;
    private final Outbox out;
    private final Map<Data, Waiting> waiting = new LinkedHashMap<>();
    private final Map<Hash128, Waiting> byHash = new HashMap<>();

    Acks(Neighbours neighbours, Outbox out) {
        this.neighbours = neighbours;
        this.out = out;
    }

    /** Asks for those of another one anew. */
    void follow(Acks other, Now now) {
        other.waiting.keySet().forEach(data -> askToConfirm(data, false, now));
    }

    /** Asks with the pushes of a record, or at once if it was pushed before ({@code again}). */
    void askToConfirm(Data data, boolean again, Now now) {
        Waiting one = waiting.get(data);
        if (one == null) {
            if (waiting.size() >= MAX_WAITING) {
                return;
            }
            one = new Waiting(data, now);
            waiting.put(data, one);
        }
        one.sinceMs = now.steadyMs();
        if (again && now.steadyMs() >= one.dueMs) {
            askAnother(one, now);
        }
    }

    /** Whether the push of a record on a link asks for confirmation; notes this if so. */
    boolean askOn(Link link, Data data, Now now) {
        Waiting one = waiting.isEmpty() ? null : waiting.get(data);
        if (one == null || one.asked.size() >= ASKED) {
            return false;
        }
        noteAsked(one, link, now);
        return true;
    }

    private void noteAsked(Waiting one, Link link, Now now) {
        one.asked.add(link.number());
        one.dueMs = now.steadyMs() + AGAIN_MS;
        Hash128 hash = link.store().hash(one.data);
        one.hashes.add(hash);
        byHash.put(hash, one);
    }

    /** A peer holds records, whether or not it was asked to confirm them. */
    void onHeld(SpreadMessage.Held held) {
        for (Hash128 hash : held.hashes()) {
            Waiting one = byHash.get(hash);
            if (one != null) {
                one.hashes.forEach(byHash::remove);
                waiting.remove(one.data);
                out.add(new Output.Confirmed(one.data));
            }
        }
    }

    /** Asks others where no answer came. */
    void tick(Now now) {
        Iterator<Waiting> each = waiting.values().iterator();
        while (each.hasNext()) {
            Waiting one = each.next();
            if (now.steadyMs() - one.sinceMs >= GIVE_UP_MS) {
                one.hashes.forEach(byHash::remove);
                each.remove();
            } else if (now.steadyMs() >= one.dueMs) {
                askAnother(one, now);
            }
        }
    }

    /** Asks a neighbour that was not asked yet, or else all once more. */
    private void askAnother(Waiting one, Now now) {
        List<Link> willing = neighbours.peers().stream().filter(link -> !link.heartbeat().full())
                .toList();
        if (willing.stream().allMatch(link -> one.asked.contains(link.number()))) {
            one.asked.clear();
        }
        willing.stream().filter(link -> !one.asked.contains(link.number())).findFirst()
                .ifPresent(link -> {
                    noteAsked(one, link, now);
                    out.send(link.number(), new SpreadMessage.Push(one.data, 0, false, true));
                });
    }
}
