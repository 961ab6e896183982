/** Floor 0: records, their limits, encoding, orders and hashes, and when they expire. */
package bcast.data;
