package bcast.cluster.gossip.overlay;

import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.LinkRole;
import bcast.cluster.gossip.link.NodeId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Where other nodes may be found: the addresses that the user named, nodes that announced
 * themselves or that peers named, and former peers. The fresh entries serve as HyParView's passive
 * view; the others are kept for a day, since a part of the cluster may only be out of reach.
 */
final class AddressBook {

    /** Most addresses kept; beyond it the one that failed most is forgotten. */
    static final int MAX_ADDRESSES = 256;

    /** How long an address is dialled in vain before it is forgotten. */
    static final long KEEP_MS = 24L * 60 * 60 * 1_000;

    /** A node counts as alive for this time after the last sign of life: several shuffles. */
    static final long FRESH_MS = 120_000;

    /** Most dials under way, so that a list of dead addresses costs little. */
    static final int MAX_DIALLING = 12;

    /** A dial without an answer counts as failed: not all lookups of names have a deadline. */
    static final long DIAL_DEADLINE_MS = 5_000;

    private static final long FIRST_PAUSE_MS = 200;

    /** A healed network must be noticed well within one interval. */
    static final long MAX_PAUSE_MS = 5_000;

    /**
     * A node that refused us, or is ourselves, will hardly change its mind, and an address that led
     * to a linked peer instead of the node sought will do so again.
     */
    private static final long REFUSED_PAUSE_MS = 30_000;

    /** A node with enough neighbours may have lost one after this time. */
    private static final long DECLINED_PAUSE_MS = 2_000;

    /**
     * Which addresses to dial: those of nodes that are alive, as far as is known, or the others,
     * which may be beyond a cut that has healed.
     */
    enum Which { ANY, FRESH, STALE }

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

        void dial(LinkRole wanted, long nowMs) {
            diallingUntilMs = nowMs + DIAL_DEADLINE_MS;
            role = wanted;
        }

        void lives(int failed, long nowMs, long pauseMs) {
            failures = failed;
            aliveMs = nowMs;
            dueMs = nowMs + pauseMs;
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
    }

    final Map<Address, Entry> entries = new LinkedHashMap<>();
    private final Random random;

    AddressBook(Random random) {
        this.random = random;
    }

    private Optional<Entry> at(Address address) {
        return Optional.ofNullable(entries.get(address));
    }

    private List<Entry> of(NodeId node) {
        return entries.values().stream().filter(entry -> node.equals(entry.node)).toList();
    }

    private Set<NodeId> nodes(Predicate<Entry> which) {
        return entries.values().stream().filter(entry -> entry.node != null && which.test(entry))
                .map(entry -> entry.node).collect(Collectors.toSet());
    }

    /** The user's own addresses: never forgotten. */
    void named(List<Address> addresses, long nowMs) {
        entries.values().forEach(entry -> entry.named &= addresses.contains(entry.address));
        addresses.forEach(address -> enter(address, nowMs).named = true);
    }

    /** A node that was alive at a time is reported to listen there; it has a delay to dial us. */
    void heard(Address address, NodeId node, long aliveMs, boolean dialable, long delayMs,
            long nowMs) {
        Entry entry = enter(address, nowMs);
        if (!node.equals(entry.node)) {
            // An older report is of a node that ran there before.
            boolean older = entry.node != null && entry.aliveMs >= aliveMs;
            if (older || nowMs < entry.sharedUntilMs) {
                return;
            }
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
        if (!entries.containsKey(address) && entries.size() >= MAX_ADDRESSES) {
            entries.values().stream().filter(entry -> !entry.named && !entry.dialling())
                    .max(Comparator.<Entry>comparingInt(entry -> entry.failures)
                            .thenComparing(entry -> -entry.aliveMs))
                    .ifPresent(worst -> entries.remove(worst.address));
        }
        return entries.computeIfAbsent(address, any -> new Entry(address, nowMs));
    }

    /** Dials under way. */
    int dialling(long nowMs) {
        entries.values().stream().filter(each -> each.dialling() && nowMs >= each.diallingUntilMs)
                .toList().forEach(late -> failed(late.address, nowMs));
        return (int) entries.values().stream().filter(Entry::dialling).count();
    }

    /** Picks an address to dial by chance; it is being dialled until it is linked or has failed. */
    Optional<Address> dial(Which which, LinkRole role, Predicate<NodeId> linked, long nowMs) {
        if (dialling(nowMs) >= MAX_DIALLING) {
            return Optional.empty();
        }
        // Of several addresses of one node, one at a time.
        Set<NodeId> expected = nodes(Entry::dialling);
        // A link-local address cannot be passed on: any other address of the node goes first.
        Set<NodeId> elsewhere = nodes(entry -> !entry.linkLocal && entry.failures == 0);
        List<Entry> due = entries.values().stream()
                .filter(entry -> !entry.dialling() && nowMs >= entry.dueMs)
                .filter(entry -> which == Which.ANY
                        || entry.fresh(nowMs) == (which == Which.FRESH))
                .filter(entry -> entry.node == null || !linked.test(entry.node)
                        && !expected.contains(entry.node)
                        && !(entry.linkLocal && elsewhere.contains(entry.node))).toList();
        if (due.isEmpty()) {
            return Optional.empty();
        }
        Entry picked = due.get(random.nextInt(due.size()));
        picked.dial(role, nowMs);
        return Optional.of(picked.address);
    }

    /** Whether to dial a certain address for a neighbour: not if too many are being dialled. */
    boolean dial(Address address, long nowMs) {
        Entry entry = entries.get(address);
        boolean dial = entry != null && !entry.dialling() && dialling(nowMs) < MAX_DIALLING;
        if (dial) {
            entry.dial(LinkRole.NEIGHBOUR, nowMs);
        }
        return dial;
    }

    /** The role that the link to an address that was dialled is to have. */
    LinkRole role(Address address) {
        return at(address).map(entry -> entry.role).orElse(LinkRole.NEIGHBOUR);
    }

    /** Whether the user named it. */
    boolean named(Address address) {
        return at(address).filter(entry -> entry.named).isPresent();
    }

    /** No dial is under way any more, and each address may be dialled at once. */
    void beginAnew(long nowMs) {
        for (Entry entry : entries.values()) {
            entry.diallingUntilMs = 0;
            entry.dueMs = nowMs;
        }
    }

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
        entry.diallingUntilMs = 0;
        entry.dialable |= dialled;
        entry.lives(0, nowMs, 0);
    }

    /** A dial led to a linked node. If another was sought, for some time reports of it are void. */
    void ledTo(Address address, NodeId node, long nowMs) {
        at(address).filter(entry -> entry.node != null && !entry.node.equals(node))
                .ifPresent(entry -> entry.sharedUntilMs = nowMs + REFUSED_PAUSE_MS);
    }

    /** The node there lives, but has links enough, or one with us; it may lose one soon. */
    void declined(Address address, NodeId node, long nowMs) {
        linked(address, node, true, nowMs);
        entries.get(address).dueMs += DECLINED_PAUSE_MS / 2
                + random.nextInt((int) DECLINED_PAUSE_MS);
    }

    /** The node there refuses this one, or is this node itself. */
    void refused(Address address, long nowMs) {
        at(address).ifPresent(entry -> entry.dueMs = nowMs + REFUSED_PAUSE_MS);
    }

    /** The link to a node broke: try again soon, not all nodes at the same moment. */
    void lost(NodeId node, long nowMs) {
        of(node).forEach(entry -> entry.lives(Math.max(1, entry.failures), nowMs,
                random.nextInt((int) FIRST_PAUSE_MS)));
    }

    /** The link to a node was ended, but it lives on. */
    void parted(NodeId node, long nowMs) {
        of(node).forEach(entry -> entry.lives(0, nowMs, MAX_PAUSE_MS));
    }

    /** A node is alive: it is linked. */
    void alive(NodeId node, long nowMs) {
        of(node).forEach(entry -> entry.aliveMs = nowMs);
    }

    /** The node left for good. An address that the user named stays: others may come there. */
    void left(NodeId node) {
        for (Entry entry : of(node)) {
            entry.node = null;
            if (!entry.named) {
                entries.remove(entry.address);
            }
        }
    }

    /** All nodes that are alive, as far as is known. */
    Collection<OverlayMessage.Peer> fresh(long nowMs) {
        Map<NodeId, OverlayMessage.Peer> fresh = new LinkedHashMap<>();
        entries.values().stream().filter(entry -> entry.fresh(nowMs))
                .forEach(entry -> fresh.put(entry.node, entry.peer(nowMs)));
        return fresh.values();
    }

    /** A random sample of nodes that are alive and were dialled with success. */
    List<OverlayMessage.Peer> sample(int count, Predicate<OverlayMessage.Peer> which, long nowMs) {
        List<OverlayMessage.Peer> sample = entries.values().stream()
                .filter(entry -> entry.dialable && entry.fresh(nowMs))
                .map(entry -> entry.peer(nowMs)).filter(which)
                .collect(Collectors.toCollection(ArrayList::new));
        Collections.shuffle(sample, random);
        return sample.subList(0, Math.min(count, sample.size()));
    }
}
