package bcast.cluster.gossip;

import bcast.base.Units;
import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.Now;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Judges this node's wall clock by those of its peers, and theirs by its own. */
final class ClockWatch {

    /** One peer that disagrees may be the one that is wrong. */
    static final int MIN_PEERS = 2;

    /** Shorter differences are written in milliseconds, others in seconds. */
    private static final long IN_SECONDS_MS = 10_000;

    private static final String ADVICE =
            "; synchronize the clocks of all hosts, for example by NTP";

    private ClockWatch() {}

    /**
     * The median of how far each peer's clock is ahead of this node's, if at least two peers and
     * more than half of all are further away than allowed, so that this node's clock is off.
     */
    static Optional<Long> off(long[] offsetsMs, long maxSkewMs) {
        long far = Arrays.stream(offsetsMs).filter(o -> Math.abs(o) > maxSkewMs).count();
        if (far < MIN_PEERS || 2 * far <= offsetsMs.length) {
            return Optional.empty();
        }
        long[] sorted = offsetsMs.clone();
        Arrays.sort(sorted);
        long median = sorted[sorted.length / 2];
        return Math.abs(median) > maxSkewMs ? Optional.of(median) : Optional.empty();
    }

    /** The largest difference to a peer's clock; 0 if none was measured. */
    static long apartMs(Collection<Link> peers, Now now) {
        return known(peers).stream().mapToLong(link -> Math.abs(link.clockOffsetMs(now)))
                .max().orElse(0);
    }

    /** Peers whose clocks were measured. */
    static List<Link> known(Collection<Link> peers) {
        return peers.stream().filter(Link::clockKnown).toList();
    }

    /** Those of some peers whose clocks are further away than allowed, the furthest first. */
    static List<Link> far(List<Link> known, long maxSkewMs, Now now) {
        return known.stream().filter(link -> Math.abs(link.clockOffsetMs(now)) > maxSkewMs)
                .sorted(Comparator.comparing(
                        (Link link) -> -Math.abs(link.clockOffsetMs(now)))).toList();
    }

    /** Why this node takes no posts, if its clock is off. */
    static Optional<String> problem(List<Link> known, long maxSkewMs, Now now) {
        long[] offsets = known.stream().mapToLong(link -> link.clockOffsetMs(now)).toArray();
        return off(offsets, maxSkewMs).map(ms -> "this node's clock is "
                + apart(-ms, maxSkewMs, "its peers' clocks") + ADVICE);
    }

    /** The note in the health report about peers' clocks that are off. */
    static Optional<String> note(List<Link> far, long maxSkewMs, Now now) {
        if (far.isEmpty()) {
            return Optional.empty();
        }
        Link first = far.get(0);
        return Optional.of("the clock of peer " + first + " is "
                + apart(first.clockOffsetMs(now), maxSkewMs, "this node's")
                + (far.size() > 1 ? " (" + far.size() + " peers' clocks are off)" : "")
                + ": until both are right the two may hold different records" + ADVICE);
    }

    private static String apart(long aheadMs, long maxSkewMs, String others) {
        long ms = Math.abs(aheadMs);
        return Units.duration(ms < IN_SECONDS_MS ? ms : (ms + 500) / 1_000 * 1_000)
                + (aheadMs > 0 ? " ahead of " : " behind ") + others + ", more than -maxskew="
                + Units.duration(maxSkewMs) + " allows";
    }
}
