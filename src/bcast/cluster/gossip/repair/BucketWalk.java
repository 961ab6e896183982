package bcast.cluster.gossip.repair;

import bcast.cluster.gossip.link.Message;
import bcast.data.Data;
import bcast.data.Hash128;
import bcast.storage.Position;
import bcast.storage.StoreView;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Walks over the buckets in which two stores differ and compares hashes page by page: what a round
 * does where sketches do not show the difference.
 */
final class BucketWalk {

    private final StoreView store;
    private final long fromMs;
    private final Deque<Long> buckets;
    /** Where the last question began, and where the next one does within the same bucket. */
    private Position from = Position.START;
    private Optional<Position> next = Optional.empty();

    BucketWalk(StoreView store, long fromMs, List<Long> buckets) {
        this.store = store;
        this.fromMs = fromMs;
        this.buckets = new ArrayDeque<>(buckets);
    }

    /** The question for the next page, if there is one. */
    Optional<RepairMessage.AskHashes> ask() {
        if (buckets.isEmpty()) {
            return Optional.empty();
        }
        long startMs = Math.max(fromMs, buckets.peek() * store.bucketMs());
        from = next.orElse(new Position(startMs, ""));
        return Optional.of(new RepairMessage.AskHashes(from, endMs()));
    }

    private long endMs() {
        return (buckets.peek() + 1) * store.bucketMs();
    }

    /**
     * Compares the answer to the last question with this store: {@code missing} gets the acceptable
     * records that this store lacks, {@code extra} those that only this store holds. Returns false
     * if the page makes no sense: its cursor has to advance, within the bucket.
     */
    boolean compare(RepairMessage.Hashes theirs, Predicate<Hash128> acceptable,
            Collection<Hash128> missing, Collection<Hash128> extra) {
        next = theirs.next();
        if (next.isPresent() && (next.get().compareTo(from) <= 0
                || next.get().timestamp() >= endMs())) {
            return false;
        }
        Set<Hash128> mine = hashes(next);
        for (Hash128 hash : theirs.hashes()) {
            if (!mine.remove(hash) && acceptable.test(hash)) {
                missing.add(hash);
            }
        }
        extra.addAll(mine);
        if (next.isEmpty()) {
            buckets.remove();
        }
        return true;
    }

    /** Hashes of our records up to some place, or to the end of the bucket. */
    private Set<Hash128> hashes(Optional<Position> to) {
        Set<Hash128> hashes = new LinkedHashSet<>();
        Position at = from;
        while (true) {
            List<Data> page = store.page(at, endMs(), Message.MAX_HASHES);
            for (Data data : page) {
                at = Position.after(data);
                if (to.isPresent() && at.compareTo(to.get()) > 0) {
                    return hashes;
                }
                hashes.add(store.hash(data));
            }
            if (page.size() < Message.MAX_HASHES) {
                return hashes;
            }
        }
    }
}
