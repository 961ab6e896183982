package bcast.storage;

import bcast.data.Data;

/**
 * A record and its place in the order in which this node stored what it holds.
 *
 * @param seq counts from 1; grows with each record stored, is never used twice
 * @param data the record
 */
public record Arrival(long seq, Data data) {}
