package bcast.storage;

import bcast.data.Data;
import bcast.data.Hash128;
import bcast.data.SipHash;
import java.util.List;
import java.util.Optional;

/**
 * A {@link MapStorage} as seen with one key of its hashes.
 *
 * @param store the store
 * @param key the key
 */
record KeyedView(MapStorage store, SipHash key) implements StoreView {

    @Override
    public Optional<Data> get(String id) {
        return store.get(id);
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
    public boolean holds(Data data) {
        return store.holds(data);
    }

    @Override
    public List<Data> page(Position from, long toMs, int limit) {
        return store.page(from, toMs, limit);
    }

    @Override
    public List<Digest> digests(long fromMs, long toMs) {
        return store.digests(fromMs, toMs, key);
    }

    @Override
    public long bucketMs() {
        return store.bucketMs();
    }

    @Override
    public Hash128 hash(Data data) {
        return data.hash(key);
    }

    @Override
    public Sketch sketch(long fromMs, long toMs, int cells) {
        return store.sketch(fromMs, toMs, cells, key);
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
}
