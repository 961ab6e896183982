package bcast.cluster.gossip;

import bcast.data.Data;
import bcast.data.Hash128;
import bcast.storage.StoreView;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Mends the tree: neighbours announce the records they did not push on a link, and what does not
 * come by the tree is asked for there, with all that follows until the next beacon.
 */
final class Grafts {

    /** An announced record may still be on its way on the tree. */
    static final long GRAFT_MS = 1_000;

    /** Most records missed at a time; a round brings the others. */
    static final int MAX_MISSING = 4_096;

    /** Most neighbours remembered to hold one of them. */
    private static final int MAX_HOLDERS = 4;

    /** How often one record is asked for before it is left to a round. */
    private static final int MAX_TRIES = 8;

    /** Counts records asked for because the tree did not bring them. */
    static final String GRAFTS = "grafts";

    private static final class Missing {
        private final Deque<Integer> holders = new ArrayDeque<>();
        private final StoreView store;
        private long dueMs;
        private int tries;

        private Missing(StoreView store) {
            this.store = store;
        }
    }

    private final Wanted wanted;
    private final Neighbours neighbours;
    private final Outbox out;
    private final Map<Hash128, Missing> missing = new LinkedHashMap<>();

    Grafts(Wanted wanted, Neighbours neighbours, Outbox out) {
        this.wanted = wanted;
        this.neighbours = neighbours;
        this.out = out;
    }

    /** A neighbour is to be told of a record that is not pushed to it. */
    void announce(Link link, Hash128 key) {
        link.announced.add(key);
        if (link.announced.size() >= Message.MAX_KEYS) {
            flush(link);
        }
    }

    /** Sends what was gathered for a link. */
    void flush(Link link) {
        if (!link.announced.isEmpty()) {
            out.send(link.number, new Message.IHave(List.copyOf(link.announced)));
            link.announced.clear();
        }
    }

    void onIHave(Link link, Message.IHave have, Now now) {
        for (Hash128 key : have.keys()) {
            link.announced.remove(key);
            if (wanted.wanted(link.store, key, now) && (missing.size() < MAX_MISSING
                    || missing.containsKey(key))) {
                Missing entry = missing.computeIfAbsent(key,
                        any -> new Missing(link.store));
                if (entry.holders.isEmpty()) {
                    entry.dueMs = now.steadyMs() + GRAFT_MS;
                }
                if (entry.holders.size() < MAX_HOLDERS) {
                    entry.holders.add(link.number);
                }
            }
        }
    }

    /** Asks for what is missed. */
    void tick(Now now) {
        Map<Integer, List<Hash128>> asks = new TreeMap<>();
        Iterator<Map.Entry<Hash128, Missing>> each = missing.entrySet().iterator();
        while (each.hasNext()) {
            Map.Entry<Hash128, Missing> entry = each.next();
            Missing one = entry.getValue();
            if (now.steadyMs() < one.dueMs) {
                continue;
            }
            Optional<Link> holder = wanted.wanted(one.store, entry.getKey(), now)
                    ? holder(one) : Optional.empty();
            if (holder.isEmpty()) {
                each.remove();
            } else {
                one.dueMs = now.steadyMs() + GRAFT_MS;
                asks.computeIfAbsent(holder.get().number, any -> new ArrayList<>())
                        .add(entry.getKey());
            }
        }
        asks.forEach(this::ask);
    }

    /** The next one to ask; who was asked comes last, and not for ever. */
    private Optional<Link> holder(Missing one) {
        while (!one.holders.isEmpty() && one.tries < MAX_TRIES) {
            int number = one.holders.poll();
            Optional<Link> link = neighbours.link(number);
            if (link.isPresent()) {
                one.tries++;
                one.holders.add(number);
                return link;
            }
        }
        return Optional.empty();
    }

    private void ask(int number, List<Hash128> keys) {
        neighbours.link(number).ifPresent(link -> link.grafted = true);
        for (int from = 0; from < keys.size(); from += Message.MAX_KEYS) {
            List<Hash128> some = keys.subList(from,
                    Math.min(keys.size(), from + Message.MAX_KEYS));
            some.forEach(key -> out.count(GRAFTS));
            out.send(number, new Message.Graft(List.copyOf(some)));
        }
    }

    /** A neighbour missed records: the store has them, and new ones go there as well. */
    void onGraft(Link link, Message.Graft graft) {
        link.grafted = true;
        List<Hash128> gone = new ArrayList<>();
        int bytes = 0;
        for (Hash128 key : graft.keys()) {
            Optional<Data> data = link.store.find(key);
            if (data.isEmpty()) {
                gone.add(key);
            } else if (bytes < Answers.ANSWER_BYTES) {
                // More than this will be asked for again.
                bytes += data.get().wireLength();
                out.send(link.number, new Message.Push(data.get(), 0, false));
            }
        }
        if (!gone.isEmpty()) {
            out.send(link.number, new Message.Gone(List.copyOf(gone)));
        }
    }

    /** The next one that announced them is asked. */
    void onGone(Link link, Message.Gone gone, Now now) {
        for (Hash128 key : gone.keys()) {
            Missing one = missing.get(key);
            if (one != null && one.holders.remove(link.number)) {
                one.dueMs = now.steadyMs();
            }
        }
    }
}
