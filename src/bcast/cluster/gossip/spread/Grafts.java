package bcast.cluster.gossip.spread;

import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.Neighbours;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.link.PerLink;
import bcast.data.Data;
import bcast.data.Hash128;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Mends the tree: neighbours announce the records that they did not push on a link, and a node asks
 * there for those that the tree did not bring. New ones are then pushed there until it settles.
 */
final class Grafts {

    /** An announced record may still be on its way on the tree. */
    static final long GRAFT_MS = 1_000;

    /** Most records missed at a time; a round brings the others. */
    static final int MAX_MISSING = 4_096;

    /** Most neighbours remembered to hold one of them. */
    static final int MAX_HOLDERS = 4;

    /** How often one record is asked for before it is left to a round. */
    private static final int MAX_TRIES = 8;

    private static final class Missing {
        private final Deque<Integer> holders = new ArrayDeque<>();
        private long dueMs;
        private int tries;
    }

    private final Wanted wanted;
    private final Neighbours neighbours;
    private final Tree tree;
    private final Outbox out;
    /** Records held here that are yet to be announced to a peer. */
    private final PerLink<Set<Hash128>> unannounced = new PerLink<>(LinkedHashSet::new);
    private final Map<Hash128, Missing> missing = new LinkedHashMap<>();
    /** Records announced or found here: not missing, even if another has replaced one since. */
    private final RecentHashes known = new RecentHashes();

    Grafts(Wanted wanted, Neighbours neighbours, Tree tree, Outbox out) {
        this.wanted = wanted;
        this.neighbours = neighbours;
        this.tree = tree;
        this.out = out;
    }

    /** A record that this node holds waits to be announced to a neighbour. */
    void announceLater(Link link, Hash128 hash) {
        if (known.add(hash)) {
            missing.remove(hash);
        }
        Set<Hash128> waiting = unannounced.of(link);
        waiting.add(hash);
        if (waiting.size() >= Message.MAX_HASHES) {
            announce(link);
        }
    }

    boolean hasToAnnounce(Link link) {
        return !unannounced.of(link).isEmpty();
    }

    /** Announces the records that wait for it on a link. */
    void announce(Link link) {
        Set<Hash128> waiting = unannounced.of(link);
        if (!waiting.isEmpty()) {
            out.send(link.number(), new SpreadMessage.IHave(List.copyOf(waiting)));
            waiting.clear();
        }
    }

    /** Notes what this node lacks of the records that a neighbour announces. */
    void onIHave(Link link, SpreadMessage.IHave have, Now now) {
        List<Hash128> unknown = new ArrayList<>();
        Set<Hash128> waiting = unannounced.of(link);
        for (Hash128 hash : have.hashes()) {
            waiting.remove(hash);
            Missing one = missing.get(hash);
            if (one != null) {
                addHolder(one, link, now);
            } else if (!known.contains(hash) && wanted.acceptable(hash, now)) {
                unknown.add(hash);
            }
        }
        if (unknown.isEmpty() || missing.size() >= MAX_MISSING) {
            return;
        }
        Set<Hash128> found = link.store().findAll(unknown).keySet();
        for (Hash128 hash : unknown) {
            if (found.contains(hash)) {
                known.add(hash);
            } else if (missing.size() < MAX_MISSING) {
                addHolder(missing.computeIfAbsent(hash, any -> new Missing()), link, now);
            }
        }
    }

    private static void addHolder(Missing one, Link link, Now now) {
        if (one.holders.isEmpty()) {
            one.dueMs = now.steadyMs() + GRAFT_MS;
        }
        if (one.holders.size() < MAX_HOLDERS && !one.holders.contains(link.number())) {
            one.holders.add(link.number());
        }
    }

    /** Asks for what is missed. */
    void tick(Now now) {
        List<Hash128> due = missing.entrySet().stream()
                .filter(each -> now.steadyMs() >= each.getValue().dueMs)
                .limit(Message.MAX_HASHES).map(Map.Entry::getKey).toList();
        Map<Link, List<Hash128>> asks = new LinkedHashMap<>();
        for (Hash128 hash : due) {
            Missing one = missing.get(hash);
            one.dueMs = now.steadyMs() + GRAFT_MS;
            holder(one).ifPresentOrElse(
                    link -> asks.computeIfAbsent(link, any -> new ArrayList<>()).add(hash),
                    () -> missing.remove(hash));
        }
        asks.forEach((link, hashes) -> ask(link, hashes, now));
    }

    /** The next holder to ask. One that was asked comes last, and only a few times. */
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

    /** Asks a neighbour for those of some records that did not come another way meanwhile. */
    private void ask(Link link, List<Hash128> hashes, Now now) {
        Set<Hash128> lacking = wanted.lacking(link.store(), hashes, now);
        hashes.stream().filter(hash -> !lacking.contains(hash)).forEach(missing::remove);
        hashes.retainAll(lacking);
        if (!hashes.isEmpty()) {
            tree.graft(link);
            hashes.forEach(hash -> out.count(SpreadCounts.GRAFTS));
            out.send(link.number(), new SpreadMessage.Graft(List.copyOf(hashes)));
        }
    }

    /** A neighbour missed records: the store has them, and new ones go there as well. */
    void onGraft(Link link, SpreadMessage.Graft graft) {
        tree.graft(link);
        Map<Hash128, Data> found = link.store().findAll(graft.hashes());
        List<Hash128> gone = new ArrayList<>();
        int bytes = 0;
        for (Hash128 hash : graft.hashes()) {
            Data data = found.get(hash);
            if (data == null) {
                gone.add(hash);
            } else if (bytes < Message.ANSWER_BYTES) {
                // The peer asks again for what exceeds this.
                bytes += data.wireLength();
                out.send(link.number(), new SpreadMessage.Push(data, 0, false));
            }
        }
        if (!gone.isEmpty()) {
            out.send(link.number(), new SpreadMessage.Gone(List.copyOf(gone)));
        }
    }

    /** Asks the next neighbour that announced the records. */
    void onGone(Link link, SpreadMessage.Gone gone, Now now) {
        for (Hash128 hash : gone.hashes()) {
            Missing one = missing.get(hash);
            if (one != null && one.holders.removeFirstOccurrence(link.number())) {
                one.dueMs = now.steadyMs();
            }
        }
    }
}
