package bcast.storage;

import bcast.data.Data;

/**
 * A record and its place in the order in which this node stored its records.
 *
 * @param seq sequence number; grows by one with each record stored in this run, from 1 on
 * @param data the record
 * @param fromPeer whether it came from a peer or from disk, and not from a client of this node
 */
public record Arrival(long seq, Data data, boolean fromPeer) {}
