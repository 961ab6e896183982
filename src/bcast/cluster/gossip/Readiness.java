package bcast.cluster.gossip;

import java.util.Optional;

/** Tells when this node has what its peers had when it came, and whether its clock is right. */
final class Readiness {

    /** Without a peer by then the node is ready by itself. */
    static final long ALONE_MS = 1_900;

    /** Time between looks at the clocks of all peers. */
    private static final long CLOCK_MS = 1_000;

    private final Neighbours neighbours;
    private final Outbox out;
    private final long maxSkewMs;
    private final long startedMs;
    private boolean synced;
    private boolean emptySync;
    private long clockDueMs;
    private Optional<String> clock = Optional.empty();
    private Optional<String> sync = Gossip.AT_FIRST.problem();
    private boolean said;

    Readiness(Neighbours neighbours, Outbox out, long maxSkewMs, Now now) {
        this.neighbours = neighbours;
        this.out = out;
        this.maxSkewMs = maxSkewMs;
        this.startedMs = now.steadyMs();
        this.clockDueMs = now.steadyMs() + CLOCK_MS;
    }

    /**
     * This node has what a peer has; if that is nothing, others may have more, and they are found
     * as fast as by a node that is alone.
     */
    void synced(boolean empty, Now now) {
        synced |= !empty || now.steadyMs() - startedMs >= ALONE_MS;
        emptySync |= empty;
    }

    /** Says everything again at the next look, since events can be lost. */
    void repeat() {
        said = false;
    }

    void tick(boolean full, Now now) {
        Optional<String> clockNow = clock;
        if (now.steadyMs() >= clockDueMs) {
            clockDueMs = now.steadyMs() + CLOCK_MS;
            clockNow = clock(now);
        }
        Optional<String> syncNow = sync(full, now);
        boolean changed = clockNow.isPresent() != clock.isPresent() || !syncNow.equals(sync);
        if (changed && clockNow.isPresent()) {
            out.warn(clockNow.get());
        }
        clock = clockNow;
        sync = syncNow;
        if (changed || !said) {
            said = true;
            out.health(Gossip.AT_FIRST.part(), sync);
            out.health("clock", clock);
        }
    }

    private Optional<String> sync(boolean full, Now now) {
        boolean alone = neighbours.peers().isEmpty();
        // A full store asks for nothing, so it has no first sync to wait for.
        if (full || (alone || emptySync) && now.steadyMs() - startedMs >= ALONE_MS) {
            synced = true;
        }
        if (synced) {
            return Optional.empty();
        }
        return alone ? Gossip.AT_FIRST.problem()
                : Optional.of("the first sync with a peer is under way");
    }

    private Optional<String> clock(Now now) {
        long[] offsets = neighbours.peers().stream().filter(link -> link.clockKnown)
                .mapToLong(link -> link.clockOffsetMs(now)).toArray();
        return ClockWatch.off(offsets, maxSkewMs).map(ms -> "this node's clock is "
                + Math.abs(ms) + " ms " + (ms > 0 ? "behind" : "ahead of")
                + " its peers' clocks");
    }
}
