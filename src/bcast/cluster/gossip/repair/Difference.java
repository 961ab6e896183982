package bcast.cluster.gossip.repair;

import bcast.data.Hash128;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The records in which two stores differ, as far as they are yet to be asked for or given. */
final class Difference {

    /** Most records in one question. */
    private static final int ASK_HASHES = 1_000;

    private final Deque<Hash128> missing = new ArrayDeque<>();
    private final Deque<Hash128> extra = new ArrayDeque<>();
    private List<Hash128> asked = List.of();
    private List<Hash128> offered = List.of();

    /** Records that only the peer holds. */
    Collection<Hash128> missing() {
        return missing;
    }

    /** Records that only this node holds. */
    Collection<Hash128> extra() {
        return extra;
    }

    int size() {
        return missing.size() + extra.size();
    }

    boolean youngerThan(long ms) {
        return Stream.concat(missing.stream(), extra.stream())
                .anyMatch(hash -> hash.timestamp() > ms);
    }

    /** How many records only this node holds of those with timestamps up to a time. */
    long extraUpTo(long ms) {
        return extra.stream().filter(hash -> hash.timestamp() <= ms).count();
    }

    /** The next records to ask for. */
    List<Hash128> ask() {
        asked = take(missing);
        return asked;
    }

    /** The peer looked up the first of the records asked for; the rest are still missing. */
    void served(int count) {
        // A peer that serves nothing would be asked for ever.
        int served = count <= 0 ? asked.size() : count;
        for (int i = asked.size() - 1; i >= served; i--) {
            missing.addFirst(asked.get(i));
        }
    }

    /** The next records to offer. */
    List<Hash128> offer() {
        offered = take(extra);
        return offered;
    }

    /** The offered records at some places; empty if the places make no sense. */
    Optional<List<Hash128>> offered(List<Integer> places) {
        int last = -1;
        for (int place : places) {
            if (place <= last || place >= offered.size()) {
                return Optional.empty();
            }
            last = place;
        }
        return Optional.of(places.stream().map(offered::get).toList());
    }

    private static List<Hash128> take(Deque<Hash128> from) {
        List<Hash128> some = new ArrayList<>();
        while (!from.isEmpty() && some.size() < ASK_HASHES) {
            some.add(from.poll());
        }
        return List.copyOf(some);
    }
}
