package bcast.storage;

import bcast.data.Data;

/**
 * A record and its place in the order in which this node stored what it holds.
 *
 * @param seq counts from 1; grows with each record stored, is never used twice
 * @param data the record
 * @param fromPeer whether it is of a peer or from disk, and not of a client of this node
 */
public record Arrival(long seq, Data data, boolean fromPeer) {}
