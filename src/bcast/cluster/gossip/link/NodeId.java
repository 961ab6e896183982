package bcast.cluster.gossip.link;

import java.util.Locale;

/** Names one run of a node: 128 random bits, new at each start. */
public record NodeId(long hi, long lo) implements Comparable<NodeId> {

    @Override
    public int compareTo(NodeId other) {
        int first = Long.compareUnsigned(hi, other.hi);
        return first != 0 ? first : Long.compareUnsigned(lo, other.lo);
    }

    /** The first eight hex digits, enough for a person to tell nodes apart. */
    public String brief() {
        return toString().substring(0, 8);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%016x%016x", hi, lo);
    }
}
