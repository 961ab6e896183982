package bcast.storage;

import bcast.data.SipHash;
import java.util.ArrayList;
import java.util.List;

/** The view of a {@link MapStorage} by one key; adds the sums that its buckets keep. */
final class SketchedView extends KeyedView {

    private final MapStorage store;

    SketchedView(MapStorage store, SipHash key) {
        super(store, key);
        this.store = store;
    }

    @Override
    public Sketch sketch(long fromMs, long toMs, int cells) {
        if (cells > PREFIX_CELLS) {
            return super.sketch(fromMs, toMs, cells);
        }
        long from = Math.max(fromMs, store.oldestMs());
        Sketch sum = new Sketch(cells);
        store.buckets.from(from).forEach(bucket -> addTo(sum, bucket, from, toMs));
        return sum;
    }

    @Override
    public List<Digest> digests(long fromMs, long toMs) {
        long from = Math.max(fromMs, store.oldestMs());
        List<Digest> digests = new ArrayList<>();
        store.buckets.from(from).forEach(bucket -> {
            Sketch sum = new Sketch(1);
            addTo(sum, bucket, from, toMs);
            Sketch.Cell all = sum.cell(0);
            if (all.count() > 0) {
                digests.add(new Digest(bucket.number, all.count(), all.sum()));
            }
        });
        return digests;
    }

    private void addTo(Sketch sum, Bucket bucket, long fromMs, long toMs) {
        if (!bucket.addTo(sum, fromMs, toMs, key)) {
            long startMs = bucket.number * bucketMs();
            hashAll(sum, Math.max(fromMs, startMs), Math.min(toMs, startMs + bucketMs()));
        }
    }
}
