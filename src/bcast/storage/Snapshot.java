package bcast.storage;

import bcast.data.Data;
import bcast.data.Hash128;
import bcast.data.JsonCursor;
import java.util.function.Supplier;

/**
 * Records as they were held while they were looked at, bucket by bucket of time: of what changes
 * meanwhile it may have a part.
 *
 * @param size how many records
 * @param jsonBytes length of all of them as JSON, without what stands between them
 * @param json goes over the records, in the order of {@link Data#BY_TIME}; may be asked repeatedly
 * @param sum the sum of their hashes: equal on all nodes of a cluster that hold the same ones
 */
public record Snapshot(int size, long jsonBytes, Supplier<JsonCursor> json, Hash128 sum) {}
