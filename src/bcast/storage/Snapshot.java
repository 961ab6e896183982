package bcast.storage;

import bcast.data.Data;
import bcast.data.Hash128;
import java.util.Collection;

/**
 * Records as they were held while they were looked at, bucket by bucket of time: of what changes
 * meanwhile it may have a part.
 *
 * @param records in the order of {@link Data#BY_TIME}
 * @param jsonBytes length of all of them as JSON, without what stands between them
 * @param sum the sum of their hashes: equal on all nodes of a cluster that hold the same ones
 */
public record Snapshot(Collection<Data> records, long jsonBytes, Hash128 sum) {}
