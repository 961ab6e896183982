package bcast.storage;

import bcast.data.Hash128;

/**
 * Sums up the records of one bucket: equal sets have equal digests, and different sets have
 * different ones but for a chance of 2<sup>-128</sup>.
 *
 * @param bucket number of the bucket: timestamp divided by the bucket's width
 * @param count how many records
 * @param sum exclusive or of the records' hashes
 */
public record Digest(long bucket, int count, Hash128 sum) {

    /** Of both sets of one bucket, which must have nothing in common. */
    Digest plus(Digest other) {
        return new Digest(bucket, count + other.count, sum.xor(other.sum));
    }
}
