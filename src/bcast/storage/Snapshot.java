package bcast.storage;

import bcast.data.Data;
import bcast.data.Hash128;
import bcast.data.JsonCursor;
import bcast.data.SipHash;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Records held at about one moment, read bucket by bucket: it may have some of the changes made
 * meanwhile and not others.
 *
 * @param size number of records
 * @param jsonBytes length of all of them as JSON, without separators
 * @param json makes a cursor over the records in the order of {@link Data#BY_TIME}; may be called
 *     repeatedly
 * @param sum exclusive or of their hashes; a client that knows the key can choose it
 * @param oldestMs timestamp of the first record, 0 if there is none
 */
public record Snapshot(int size, long jsonBytes, Supplier<JsonCursor> json, Hash128 sum,
        long oldestMs) {

    private static final SipHash PUBLIC = new SipHash(0, 0);

    /** Of records in the order of {@link Data#BY_TIME}, with the sum by a public key. */
    static Snapshot of(List<Data> records) {
        return new Snapshot(records.size(), records.stream().mapToLong(Data::jsonLength).sum(),
                () -> JsonCursor.of(records), sum(records, PUBLIC),
                records.isEmpty() ? 0 : records.get(0).timestamp());
    }

    /** Exclusive or of the records' hashes. */
    static Hash128 sum(Iterable<Data> records, SipHash key) {
        Sketch sum = new Sketch(1);
        records.forEach(data -> sum.toggle(data.hash(key), 1));
        return sum.cell(0).sum();
    }

    /**
     * Names the set of records, equally on all nodes that hold it and hash by the same key. The sum
     * alone does not: without a secret its key is public, and a client can make records whose
     * hashes cancel out. But equal numbers of records with an equal oldest one mean that nothing
     * was added and nothing expired. One exception remains: peers replaced many records at once
     * that a client had made for this purpose.
     *
     * @return a text of hex digits and hyphens
     */
    public String name() {
        return String.format(Locale.ROOT, "%x-%x-%s", size, oldestMs, sum);
    }
}
