package bcast.storage;

import bcast.data.Hash128;

/**
 * Identifies the set of records in one bucket: equal sets have equal digests, and different sets
 * have different ones except with probability 2<sup>-128</sup>.
 *
 * @param bucket number of the bucket: timestamp divided by the bucket's width
 * @param count number of records
 * @param sum exclusive or of the records' hashes
 */
public record Digest(long bucket, int count, Hash128 sum) {

    /** The digest of the union of two sets of one bucket, which must be disjoint. */
    Digest plus(Digest other) {
        return new Digest(bucket, count + other.count, sum.xor(other.sum));
    }
}
