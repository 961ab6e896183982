/**
 * Floor 1: the records of the past 24 hours in memory. {@link bcast.storage.Storage} is the
 * contract, {@link bcast.storage.MapStorage} the default store; begin there. It has three indexes:
 * a map by id, {@code Buckets} by time, {@code Arrivals} by the order of storing. A bucket counts
 * bytes in {@code MemoryLimit} and sorts its records in a list of slices, each of which sums them
 * in a sketch for each key. {@link bcast.storage.StoreView} is what the cluster reads.
 */
package bcast.storage;
