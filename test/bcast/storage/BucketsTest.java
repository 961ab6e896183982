package bcast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import bcast.data.Data;
import bcast.data.Hash128;
import bcast.data.SipHash;
import bcast.testing.Contexts;
import bcast.testing.News;
import bcast.testing.TestClock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Snapshots while the keys of the hashes change: some buckets have the new key, others lack it. */
final class BucketsTest {

    private static final long RETENTION_MS = 24 * 3_600_000L;
    private static final long WIDTH_MS = Buckets.widthMs(RETENTION_MS);
    private static final int EACH = 10;
    private static final SipHash NEW_KEY = new SipHash(3, 4);
    private static final Hash128 ZERO = new Hash128(0, 0);

    private List<SipHash> keys = List.of(News.KEY);
    private final AtomicLong used = new AtomicLong();
    private final MemoryLimit limit = new MemoryLimit(used, Long.MAX_VALUE,
            Contexts.quiet(TestClock.standing(0)).log());
    private final Buckets buckets = new Buckets(RETENTION_MS, () -> keys, used);

    private static List<Data> records(int bucket) {
        List<Data> records = new ArrayList<>();
        for (int i = 0; i < EACH; i++) {
            records.add(News.data(bucket + "-" + i, "raw", bucket * WIDTH_MS + i));
        }
        return records;
    }

    private void add(int bucket) {
        records(bucket).forEach(data -> buckets.add(buckets.keys().hash(data), limit));
    }

    private void changeKeys() {
        keys = List.of(NEW_KEY);
        buckets.keysAnew();
    }

    private static Hash128 sum(int... numbers) {
        List<Data> all = new ArrayList<>();
        for (int each : numbers) {
            all.addAll(records(each));
        }
        return Snapshot.sum(all, NEW_KEY);
    }

    @Test
    void aSnapshotWhileKeysChangeHasTheSumByTheNewKey() {
        for (int i = 0; i < 4; i++) {
            add(i);
        }
        changeKeys();
        assertEquals(sum(0, 1, 2, 3), buckets.snapshot(0).sum());
        for (int i : new int[] {2, 0, 3, 1}) {
            buckets.from(i * WIDTH_MS).iterator().next().rekey(buckets.keys(), used);
            Snapshot snapshot = buckets.snapshot(0);
            assertEquals(sum(0, 1, 2, 3), snapshot.sum());
            assertEquals(4 * EACH, snapshot.size());
        }
    }

    /**
     * The sketches of the buckets with the new key are made of zeros here, so the sum is that of
     * the records hashed for the snapshot.
     */
    @Test
    void aSnapshotWhileKeysChangeHashesOnlyBucketsThatLackTheNewKey() {
        add(1);
        add(3);
        changeKeys();
        for (int number : new int[] {0, 2, 4}) {
            records(number).forEach(data -> buckets.add(new HashKeys.Hashed(data, buckets.keys(),
                    new Hash128[] {ZERO}), limit));
        }
        assertEquals(sum(1, 3), buckets.snapshot(0).sum());
        assertEquals(5 * EACH, buckets.snapshot(0).size());
        buckets.from(WIDTH_MS).iterator().next().rekey(buckets.keys(), used);
        assertEquals(sum(3), buckets.snapshot(2 * WIDTH_MS).sum());
        buckets.rekey();
        assertEquals(ZERO, buckets.snapshot(4 * WIDTH_MS).sum());
    }
}
