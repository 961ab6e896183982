/**
 * The cluster protocol as a pure state machine: no socket, no clock, no thread, no order that
 * depends on hashes. Inputs go in with the time, outputs come out; the same code runs on sockets
 * and in tests with virtual time.
 */
package bcast.cluster.gossip;
