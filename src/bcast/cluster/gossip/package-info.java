/**
 * The cluster protocol as a pure state machine: no socket, no clock, no thread, no order that
 * depends on hashes. Inputs go in with the time, outputs come out; the same code runs on sockets
 * and in tests with virtual time.
 *
 * <p>{@link bcast.cluster.gossip.Gossip} hands each input to the protocol that it concerns. Each
 * protocol is a package of its own, with its messages, how they travel, and what it notes about
 * links: {@code overlay} finds nodes and links them, {@code spread} brings new records to all,
 * {@code repair} brings what was missed. All build on {@code link}, and {@code repair} on {@code
 * spread}, which carries its records; neither imports {@code overlay}.
 */
package bcast.cluster.gossip;
