package bcast.storage;

import bcast.data.Data;
import bcast.data.Hash128;
import bcast.data.SipHash;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** The view of any store by one key; sums and sketches are computed from the records. */
class KeyedView implements StoreView {

    final SipHash key;
    private final Storage store;

    KeyedView(Storage store, SipHash key) {
        this.store = store;
        this.key = key;
    }

    @Override
    public Optional<Data> get(String id) {
        return store.get(id);
    }

    @Override
    public boolean holds(Data data) {
        return store.holds(data);
    }

    @Override
    public List<Arrival> arrivals(long afterSeq, int limit) {
        return store.arrivals(afterSeq, limit);
    }

    @Override
    public long lastArrival() {
        return store.lastArrival();
    }

    @Override
    public long seq(Data data) {
        return store.seq(data);
    }

    @Override
    public List<Data> page(Position from, long toMs, int limit) {
        return store.page(from, toMs, limit);
    }

    @Override
    public long bucketMs() {
        return Buckets.widthMs(store.retentionMs());
    }

    @Override
    public Hash128 hash(Data data) {
        return data.hash(key);
    }

    @Override
    public StoreView keyed(SipHash other) {
        return store.keyed(other);
    }

    @Override
    public boolean full() {
        return store.full();
    }

    @Override
    public int size() {
        return store.size();
    }

    @Override
    public Sketch sketch(long fromMs, long toMs, int cells) {
        Sketch sum = new Sketch(cells);
        hashAll(sum, fromMs, toMs);
        return sum;
    }

    /** Hashes all records of a span of time and adds them to a sketch. */
    final void hashAll(Sketch sum, long fromMs, long toMs) {
        forEach(fromMs, toMs, data -> sum.toggle(hash(data), 1));
    }

    @Override
    public List<Digest> digests(long fromMs, long toMs) {
        Map<Long, Digest> byBucket = new TreeMap<>();
        forEach(fromMs, toMs, data -> {
            long bucket = data.timestamp() / bucketMs();
            byBucket.merge(bucket, new Digest(bucket, 1, hash(data)), Digest::plus);
        });
        return List.copyOf(byBucket.values());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KeyedView view && store == view.store && key.equals(view.key);
    }

    @Override
    public int hashCode() {
        return Objects.hash(System.identityHashCode(store), key);
    }
}
