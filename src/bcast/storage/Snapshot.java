package bcast.storage;

import bcast.data.Data;
import bcast.data.Hash128;
import bcast.data.JsonCursor;
import bcast.data.SipHash;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Records as they were held while they were looked at, bucket by bucket of time: of what changes
 * meanwhile it may have a part.
 *
 * @param size how many records
 * @param jsonBytes length of all of them as JSON, without what stands between them
 * @param json goes over the records, in the order of {@link Data#BY_TIME}; may be asked repeatedly
 * @param sum exclusive or of their hashes; a client that knows the key can choose it
 * @param oldestMs timestamp of the first of them, 0 if there is none
 */
public record Snapshot(int size, long jsonBytes, Supplier<JsonCursor> json, Hash128 sum,
        long oldestMs) {

    private static final SipHash PUBLIC = new SipHash(0, 0);

    /** Of records in the order of {@link Data#BY_TIME}, with the sum that anybody can make. */
    static Snapshot of(List<Data> records) {
        Sketch sum = new Sketch(1);
        records.forEach(data -> sum.toggle(data.hash(PUBLIC), 1));
        return new Snapshot(records.size(), records.stream().mapToLong(Data::jsonLength).sum(),
                () -> JsonCursor.of(records), sum.cell(0).sum(),
                records.isEmpty() ? 0 : records.get(0).timestamp());
    }

    /**
     * Names the set of records, alike on all nodes that hold it and hash by the same key. The sum
     * alone does not: without a secret its key is public, and a client can make records whose
     * hashes cancel out. But adding records changes their number, unless as many expire, and then
     * the oldest is another one, with a later timestamp. So equal names mean that nothing was added
     * and nothing expired. One case is left: peers replaced many records at once, made to this end
     * by the client that posted them.
     *
     * @return a text of hex digits and hyphens
     */
    public String name() {
        return String.format(Locale.ROOT, "%x-%x-%s", size, oldestMs, sum);
    }
}
