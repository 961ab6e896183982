/** Floor 1: the records of the past 24 hours, in memory, ordered, bounded and summed up. */
package bcast.storage;
