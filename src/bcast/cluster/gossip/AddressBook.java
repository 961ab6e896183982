package bcast.cluster.gossip;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Where other nodes may be found: what the user named, who announced itself, whom peers know, and
 * former peers. Each address is dialled until its node is linked, with growing pauses.
 */
final class AddressBook {

    /** Most addresses kept; beyond it the one that failed most is forgotten. */
    static final int MAX_ADDRESSES = 256;

    /** How long an address is dialled in vain before it is forgotten: one retention. */
    static final long KEEP_MS = 24L * 60 * 60 * 1_000;

    /** Most dials under way, so that a list of dead addresses costs little. */
    static final int MAX_DIALLING = 8;

    /** A dial without an answer of any kind counts as failed. */
    static final long DIAL_DEADLINE_MS = 5_000;

    private static final long FIRST_PAUSE_MS = 200;

    /** A healed network must be noticed well within one interval. */
    static final long MAX_PAUSE_MS = 5_000;

    /** A node that refused us, or is ourselves, will hardly change its mind. */
    private static final long REFUSED_PAUSE_MS = 30_000;

    private static final class Entry {
        private final Address address;
        private NodeId node;
        private boolean named;
        private int failures;
        private long dueMs;
        private long seenMs;
        private long diallingUntilMs;

        Entry(Address address, long nowMs) {
            this.address = address;
            this.seenMs = nowMs;
            this.dueMs = nowMs;
        }

        boolean dialling() {
            return diallingUntilMs > 0;
        }
    }

    private final Map<Address, Entry> entries = new LinkedHashMap<>();
    private final Random random;

    AddressBook(Random random) {
        this.random = random;
    }

    /** The user's own addresses: never forgotten. */
    void named(List<Address> addresses, long nowMs) {
        for (Entry entry : entries.values()) {
            entry.named &= addresses.contains(entry.address);
        }
        for (Address address : addresses) {
            Entry entry = enter(address, nowMs);
            entry.named = true;
            entry.seenMs = nowMs;
        }
    }

    /** Somebody says that a node listens there. The delay leaves it time to dial us instead. */
    void heard(Address address, NodeId node, long delayMs, long nowMs) {
        boolean known = entries.containsKey(address);
        Entry entry = enter(address, nowMs);
        entry.seenMs = nowMs;
        if (!known || !node.equals(entry.node)) {
            entry.node = node;
            entry.failures = 0;
            entry.dueMs = nowMs + delayMs;
        }
    }

    private Entry enter(Address address, long nowMs) {
        Entry entry = entries.get(address);
        if (entry == null) {
            if (entries.size() >= MAX_ADDRESSES) {
                forgetWorst();
            }
            entry = new Entry(address, nowMs);
            entries.put(address, entry);
        }
        return entry;
    }

    private void forgetWorst() {
        Entry worst = null;
        for (Entry entry : entries.values()) {
            boolean idle = !entry.named && !entry.dialling();
            if (idle && (worst == null || entry.failures > worst.failures)) {
                worst = entry;
            }
        }
        if (worst != null) {
            entries.remove(worst.address);
        }
    }

    /** The addresses to dial now; each is then being dialled until it is linked or has failed. */
    List<Address> due(Predicate<NodeId> linked, long nowMs) {
        int dialling = 0;
        Set<NodeId> expected = new HashSet<>();
        for (Entry entry : List.copyOf(entries.values())) {
            if (entry.dialling() && nowMs >= entry.diallingUntilMs) {
                failed(entry.address, nowMs);
            }
            if (entry.dialling()) {
                dialling++;
                expected.add(entry.node);
            }
        }
        List<Address> due = new ArrayList<>();
        for (Entry entry : entries.values()) {
            // Of several addresses of one node, one at a time.
            boolean wanted = !entry.dialling() && nowMs >= entry.dueMs && (entry.node == null
                    || !linked.test(entry.node) && !expected.contains(entry.node));
            if (wanted && dialling < MAX_DIALLING) {
                entry.diallingUntilMs = nowMs + DIAL_DEADLINE_MS;
                dialling++;
                expected.add(entry.node);
                due.add(entry.address);
            }
        }
        return due;
    }

    /** Whether the user named it. */
    boolean named(Address address) {
        Entry entry = entries.get(address);
        return entry != null && entry.named;
    }

    /** A dial, or the greeting after it, came to nothing. Returns how often in a row. */
    int failed(Address address, long nowMs) {
        Entry entry = entries.get(address);
        if (entry == null) {
            return 0;
        }
        entry.failures++;
        entry.diallingUntilMs = 0;
        long pause = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS << Math.min(10, entry.failures - 1));
        entry.dueMs = nowMs + pause / 2 + random.nextInt((int) pause);
        if (!entry.named && nowMs - entry.seenMs > KEEP_MS) {
            entries.remove(address);
        }
        return entry.failures;
    }

    /** The node there is linked. */
    void linked(Address address, NodeId node, long nowMs) {
        Entry entry = enter(address, nowMs);
        entry.node = node;
        entry.failures = 0;
        entry.diallingUntilMs = 0;
        entry.seenMs = nowMs;
        entry.dueMs = nowMs;
    }

    /** The node there does not want us, or is this node itself. */
    void refused(Address address, long nowMs) {
        failed(address, nowMs);
        Entry entry = entries.get(address);
        if (entry != null) {
            entry.dueMs = nowMs + REFUSED_PAUSE_MS;
        }
    }

    /** The link to a node broke: try again soon, not all nodes at the same moment. */
    void lost(NodeId node, long nowMs) {
        for (Entry entry : entries.values()) {
            if (node.equals(entry.node)) {
                entry.dueMs = nowMs + random.nextInt((int) FIRST_PAUSE_MS);
            }
        }
    }

    /** The node left for good. What the user named stays: somebody else may come there. */
    void left(NodeId node) {
        entries.values().removeIf(entry -> node.equals(entry.node) && !entry.named);
        for (Entry entry : entries.values()) {
            if (node.equals(entry.node)) {
                entry.node = null;
            }
        }
    }

    int size() {
        return entries.size();
    }
}
