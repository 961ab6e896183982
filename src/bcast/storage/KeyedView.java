package bcast.storage;

import bcast.data.Data;
import bcast.data.Hash128;
import bcast.data.SipHash;
import java.util.List;
import java.util.Optional;

/** A {@link MapStorage} as seen with one key of its hashes. */
final class KeyedView implements StoreView {

    private final MapStorage store;
    private final SipHash key;

    KeyedView(MapStorage store, SipHash key) {
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
    public Optional<Data> find(Hash128 hash) {
        return store.find(hash, key);
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
