package bcast.cluster.gossip;

import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.Neighbours;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.link.Output;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Reports when this node has every record that its peers had, and whether its clock is right. */
final class Readiness {

    /** Without a peer by then the node is ready by itself. */
    static final long ALONE_MS = 1_900;

    /** Time between looks at the clocks of all peers. */
    private static final long CLOCK_MS = 1_000;

    /** Time between lines of the log about the clocks of peers, which may come and go. */
    static final long CLOCKS_SAY_MS = 60_000;

    private final Neighbours neighbours;
    private final Outbox out;
    private final long maxSkewMs;
    private final long startedMs;
    private boolean synced;
    private boolean emptySync;
    private long clockDueMs;
    private Optional<String> clock = Optional.empty();
    /** Peers whose clocks are off, what is to be noted of them, and those the log names. */
    private List<Link> far = List.of();
    private Optional<String> clocks = Optional.empty();
    private Set<NodeId> farSaid = Set.of();
    private long farSayMs = Long.MIN_VALUE;
    private Optional<String> sync = Gossip.AT_FIRST.problem();
    private boolean said;

    Readiness(Neighbours neighbours, Outbox out, long maxSkewMs, Now now) {
        this.neighbours = neighbours;
        this.out = out;
        this.maxSkewMs = maxSkewMs;
        this.startedMs = now.steadyMs();
        this.clockDueMs = now.steadyMs() + CLOCK_MS;
    }

    /** The node of another one goes on: it holds what it held. */
    void follow(Readiness other) {
        synced = other.synced;
        emptySync = other.emptySync;
        farSaid = other.farSaid;
        farSayMs = other.farSayMs;
    }

    /** This node has what a peer has; if that is nothing, others may have more for some time. */
    void synced(boolean empty) {
        synced |= !empty;
        emptySync |= empty;
    }

    /** Says everything again at the next look, since events can be lost. */
    void repeat() {
        said = false;
    }

    void tick(boolean full, Now now) {
        Optional<String> syncBefore = sync;
        Optional<String> clocksBefore = clocks;
        boolean wasOff = clock.isPresent();
        if (now.steadyMs() >= clockDueMs) {
            clockDueMs = now.steadyMs() + CLOCK_MS;
            List<Link> known = ClockWatch.known(neighbours.peers());
            clock = ClockWatch.problem(known, maxSkewMs, now);
            // Where this node's clock is the wrong one, that is the problem.
            far = clock.isPresent() ? List.of() : ClockWatch.far(known, maxSkewMs, now);
            clocks = ClockWatch.note(far, maxSkewMs, now);
        }
        sync = sync(full, now);
        if (!wasOff) {
            clock.ifPresent(out::warn);
        }
        sayClocks(now);
        if (!said || !sync.equals(syncBefore) || clock.isPresent() != wasOff
                || !clocks.equals(clocksBefore)) {
            said = true;
            out.add(new Output.Health(Gossip.AT_FIRST.part(), sync));
            out.add(new Output.Health("clock", clock));
            out.add(new Output.Note("clocks", clocks));
        }
    }

    /**
     * Logs when other peers' clocks are off than those the log names. While this node's own clock
     * is off, the clocks of peers cannot be judged by it.
     */
    private void sayClocks(Now now) {
        if (clock.isPresent()) {
            return;
        }
        Set<NodeId> ids = far.stream().map(Link::node).collect(Collectors.toSet());
        if (ids.equals(farSaid) || now.steadyMs() < farSayMs) {
            return;
        }
        farSaid = ids;
        farSayMs = now.steadyMs() + CLOCKS_SAY_MS;
        clocks.ifPresentOrElse(out::warn, () ->
                out.info("no linked peer's clock is off by more than -maxskew any more"));
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
}
