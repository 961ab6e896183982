package bcast.cluster.gossip;

import java.util.Arrays;
import java.util.Optional;

/** Judges this node's wall clock by those of its peers. */
final class ClockWatch {

    /** One peer that disagrees may be the one that is wrong. */
    static final int MIN_PEERS = 2;

    private ClockWatch() {}

    /**
     * Tells whether this node's clock is off.
     *
     * @param offsetsMs each peer's clock less this node's
     * @param maxSkewMs how far clocks may be apart
     * @return the median offset, if at least two peers and more than half of all are further away
     *     than allowed; else empty
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
}
