package bcast.storage;

import bcast.data.Data;

/**
 * A record and its sequence number in the order in which this node stored its records.
 *
 * @param seq sequence number: 1 for the first record stored since the node started, and one more
 *     for each that follows
 * @param data the record
 * @param fromPeer true if it came from a peer or from disk, false if from a client of this node
 */
public record Arrival(long seq, Data data, boolean fromPeer) {}
