package bcast.storage;

import bcast.data.Hash128;

/**
 * Records as they were held while they were looked at, bucket by bucket of time: of what changes
 * meanwhile it may have a part.
 *
 * @param records the records
 * @param sum the sum of their hashes: equal on all nodes of a cluster that hold the same ones
 */
public record Snapshot(PinnedRecords records, Hash128 sum) {}
