/** Floor 0: the clocks, the log and the counts that every other package may use. */
package bcast.base;
