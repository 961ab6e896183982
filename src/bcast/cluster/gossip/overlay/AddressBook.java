package bcast.cluster.gossip.overlay;

import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.LinkRole;
import bcast.cluster.gossip.link.NodeId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Where other nodes may be found: the addresses that the user named, nodes that announced
 * themselves, nodes that peers named, and former peers. The fresh entries serve as HyParView's
 * passive view; the others are kept for a day, since a part of the cluster may only be out of
 * reach.
 */
final class AddressBook {

    /** Most addresses kept; beyond it the one that failed most is forgotten. */
    static final int MAX_ADDRESSES = 256;

    /** How long an address is dialled in vain before it is forgotten. */
    static final long KEEP_MS = 24L * 60 * 60 * 1_000;

    /**
     * A node counts as alive, and is passed on, for this time after it was last known to be alive:
     * several shuffles, so that it is heard of again in time.
     */
    static final long FRESH_MS = 120_000;

    /** Most dials under way, so that a list of dead addresses costs little. */
    static final int MAX_DIALLING = 12;

    /** A dial without an answer of any kind counts as failed. */
    static final long DIAL_DEADLINE_MS = 5_000;

    private static final long FIRST_PAUSE_MS = 200;

    /** A healed network must be noticed well within one interval. */
    static final long MAX_PAUSE_MS = 5_000;

    /** A node that refused us, or is ourselves, will hardly change its mind. */
    private static final long REFUSED_PAUSE_MS = 30_000;

    /** An address that led to a linked peer instead of the node sought will do so again. */
    private static final long SHARED_PAUSE_MS = 30_000;

    /** A node with enough neighbours may have lost one after this time. */
    private static final long DECLINED_PAUSE_MS = 2_000;

    /** Which addresses to dial. */
    enum Which {
        /** All that are due. */
        ANY,
        /** Those of nodes that are alive, as far as is known. */
        FRESH,
        /** The others: they may be beyond a cut that has healed. */
        STALE
    }

    private static final class Entry {
        private final Address address;
        private final boolean linkLocal;
        private NodeId node;
        private boolean named;
        private boolean dialable;
        private int failures;
        private long dueMs;
        private long aliveMs;
        private long diallingUntilMs;
        private long sharedUntilMs = Long.MIN_VALUE;
        private LinkRole role = LinkRole.NEIGHBOUR;

        Entry(Address address, long nowMs) {
            this.address = address;
            this.linkLocal = address.linkLocal();
            this.dueMs = nowMs;
            this.aliveMs = nowMs - FRESH_MS - 1;
        }

        boolean dialling() {
            return diallingUntilMs > 0;
        }

        OverlayMessage.Peer peer(long nowMs) {
            return new OverlayMessage.Peer(node, address, (int) ((nowMs - aliveMs) / 1_000));
        }

        boolean fresh(long nowMs) {
            return node != null && failures == 0 && nowMs - aliveMs <= FRESH_MS;
        }

        boolean is(Which which, long nowMs) {
            return which == Which.ANY || fresh(nowMs) == (which == Which.FRESH);
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
            enter(address, nowMs).named = true;
        }
    }

    /**
     * A node is reported to listen there.
     *
     * @param aliveMs when it was known to be alive
     * @param dialable whether it was dialled with success
     * @param delayMs time for it to dial us instead
     */
    void heard(Address address, NodeId node, long aliveMs, boolean dialable, long delayMs,
            long nowMs) {
        boolean known = entries.containsKey(address);
        Entry entry = enter(address, nowMs);
        boolean other = !known || !node.equals(entry.node);
        if (other && entry.node != null && entry.aliveMs >= aliveMs) {
            // An older report, of a node that ran there before.
            return;
        }
        if (other && nowMs < entry.sharedUntilMs) {
            return;
        }
        if (other) {
            entry.node = node;
            entry.failures = 0;
            entry.dialable = false;
            entry.aliveMs = aliveMs;
            entry.dueMs = nowMs + delayMs;
        }
        entry.aliveMs = Math.max(entry.aliveMs, aliveMs);
        entry.dialable |= dialable;
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
            if (idle && (worst == null || entry.failures > worst.failures
                    || entry.failures == worst.failures && entry.aliveMs < worst.aliveMs)) {
                worst = entry;
            }
        }
        if (worst != null) {
            entries.remove(worst.address);
        }
    }

    // ---- dialling

    /** Dials under way. */
    int dialling(long nowMs) {
        int dialling = 0;
        List<Address> late = new ArrayList<>();
        for (Entry entry : entries.values()) {
            if (entry.dialling() && nowMs >= entry.diallingUntilMs) {
                late.add(entry.address);
            } else if (entry.dialling()) {
                dialling++;
            }
        }
        late.forEach(address -> failed(address, nowMs));
        return dialling;
    }

    /**
     * Picks an address to dial now, by chance; it is then being dialled until it is linked or has
     * failed.
     *
     * @param role the role that the link is to have
     */
    Optional<Address> dial(Which which, LinkRole role, Predicate<NodeId> linked,
            long nowMs) {
        if (dialling(nowMs) >= MAX_DIALLING) {
            return Optional.empty();
        }
        Set<NodeId> expected = new HashSet<>();
        entries.values().stream().filter(Entry::dialling).forEach(e -> expected.add(e.node));
        // A link-local address cannot be passed on: any other address of the node goes first.
        Set<NodeId> elsewhere = new HashSet<>();
        entries.values().stream().filter(entry -> !entry.linkLocal && entry.failures == 0)
                .forEach(entry -> elsewhere.add(entry.node));
        // Of several addresses of one node, one at a time.
        List<Entry> due = entries.values().stream().filter(entry -> !entry.dialling()
                && !(entry.linkLocal && entry.node != null && elsewhere.contains(entry.node))
                && nowMs >= entry.dueMs && entry.is(which, nowMs) && (entry.node == null
                || !linked.test(entry.node) && !expected.contains(entry.node))).toList();
        if (due.isEmpty()) {
            return Optional.empty();
        }
        Entry picked = due.get(random.nextInt(due.size()));
        picked.diallingUntilMs = nowMs + DIAL_DEADLINE_MS;
        picked.role = role;
        return Optional.of(picked.address);
    }

    /** Dials a certain node, if not too many are being dialled. Returns whether to. */
    boolean dial(Address address, LinkRole role, long nowMs) {
        Entry entry = entries.get(address);
        if (entry == null || entry.dialling() || dialling(nowMs) >= MAX_DIALLING) {
            return false;
        }
        entry.diallingUntilMs = nowMs + DIAL_DEADLINE_MS;
        entry.role = role;
        return true;
    }

    /** The role that the link to an address that was dialled is to have. */
    LinkRole role(Address address) {
        Entry entry = entries.get(address);
        return entry == null ? LinkRole.NEIGHBOUR : entry.role;
    }

    /** Whether the user named it. */
    boolean named(Address address) {
        Entry entry = entries.get(address);
        return entry != null && entry.named;
    }

    /** No dial is under way any more, and each address may be dialled at once. */
    void beginAnew(long nowMs) {
        for (Entry entry : entries.values()) {
            entry.diallingUntilMs = 0;
            entry.sharedUntilMs = Long.MIN_VALUE;
            entry.dueMs = nowMs;
        }
    }

    // ---- what came of it

    /** A dial, or the greeting after it, failed. Returns how often in a row. */
    int failed(Address address, long nowMs) {
        Entry entry = entries.get(address);
        if (entry == null) {
            return 0;
        }
        entry.failures++;
        entry.diallingUntilMs = 0;
        long pause = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS << Math.min(10, entry.failures - 1));
        entry.dueMs = nowMs + pause / 2 + random.nextInt((int) pause);
        if (!entry.named && nowMs - entry.aliveMs > KEEP_MS) {
            entries.remove(address);
        }
        return entry.failures;
    }

    /** The node there is linked. */
    void linked(Address address, NodeId node, boolean dialled, long nowMs) {
        Entry entry = enter(address, nowMs);
        entry.node = node;
        entry.failures = 0;
        entry.diallingUntilMs = 0;
        entry.aliveMs = nowMs;
        entry.dialable = entry.dialable || dialled;
        entry.dueMs = nowMs;
    }

    /**
     * A dial led to a node that is linked already. If another one was sought, several nodes share
     * the address, and for some time it is not dialled for those that did not answer there.
     */
    void ledTo(Address address, NodeId node, long nowMs) {
        Entry entry = entries.get(address);
        if (entry != null && entry.node != null && !entry.node.equals(node)) {
            entry.sharedUntilMs = nowMs + SHARED_PAUSE_MS;
        }
    }

    /** A node is alive: it is linked. */
    void alive(NodeId node, long nowMs) {
        for (Entry entry : entries.values()) {
            if (node.equals(entry.node)) {
                entry.aliveMs = nowMs;
            }
        }
    }

    /** The node there is alive, but has links enough, or one with us. */
    void declined(Address address, NodeId node, long nowMs) {
        linked(address, node, true, nowMs);
        entries.get(address).dueMs = nowMs + DECLINED_PAUSE_MS / 2
                + random.nextInt((int) DECLINED_PAUSE_MS);
    }

    /** The node there refuses this one, or is this node itself. */
    void refused(Address address, long nowMs) {
        Entry entry = entries.get(address);
        if (entry != null) {
            entry.dueMs = nowMs + REFUSED_PAUSE_MS;
        }
    }

    /** The link to a node broke: try again soon, not all nodes at the same moment. */
    void lost(NodeId node, long nowMs) {
        for (Entry entry : entries.values()) {
            if (node.equals(entry.node)) {
                entry.failures = Math.max(1, entry.failures);
                entry.aliveMs = nowMs;
                entry.dueMs = nowMs + random.nextInt((int) FIRST_PAUSE_MS);
            }
        }
    }

    /** The link to a node was ended, but it lives on. */
    void parted(NodeId node, long nowMs) {
        for (Entry entry : entries.values()) {
            if (node.equals(entry.node)) {
                entry.failures = 0;
                entry.aliveMs = nowMs;
                entry.dueMs = nowMs + MAX_PAUSE_MS;
            }
        }
    }

    /** The node left for good. An address that the user named stays: others may come there. */
    void left(NodeId node) {
        entries.values().removeIf(entry -> node.equals(entry.node) && !entry.named);
        for (Entry entry : entries.values()) {
            if (node.equals(entry.node)) {
                entry.node = null;
            }
        }
    }

    // ---- nodes that are alive

    /**
     * Whether more nodes than a number are alive, as far as is known, in addition to those that are
     * linked.
     */
    boolean moreFresh(int than, Predicate<NodeId> linked, long nowMs) {
        Set<NodeId> nodes = new HashSet<>();
        for (Entry entry : entries.values()) {
            if (nodes.size() > than) {
                return true;
            }
            if (entry.fresh(nowMs) && !linked.test(entry.node)) {
                nodes.add(entry.node);
            }
        }
        return nodes.size() > than;
    }

    /** All nodes that are alive, as far as is known. */
    List<OverlayMessage.Peer> fresh(long nowMs) {
        Map<NodeId, OverlayMessage.Peer> fresh = new LinkedHashMap<>();
        for (Entry entry : entries.values()) {
            if (entry.fresh(nowMs)) {
                fresh.put(entry.node, entry.peer(nowMs));
            }
        }
        return List.copyOf(fresh.values());
    }

    /** A random sample of nodes that are alive and were dialled with success. */
    List<OverlayMessage.Peer> sample(int count, Predicate<OverlayMessage.Peer> which, long nowMs) {
        List<OverlayMessage.Peer> sample = new ArrayList<>();
        for (Entry entry : entries.values()) {
            if (entry.dialable && entry.fresh(nowMs)) {
                OverlayMessage.Peer peer = entry.peer(nowMs);
                if (which.test(peer)) {
                    sample.add(peer);
                }
            }
        }
        Collections.shuffle(sample, random);
        return sample.subList(0, Math.min(count, sample.size()));
    }

    int size() {
        return entries.size();
    }
}
