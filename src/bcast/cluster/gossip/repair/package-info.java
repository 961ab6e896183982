/**
 * Makes the stores of two nodes equal, whatever pushes missed: rateless set reconciliation (Yang,
 * Gilad, Alizadeh, SIGCOMM 2024), with bucket by bucket comparison where sketches do not show the
 * difference, and the stream of all records for a node that holds none.
 *
 * <p>Its messages ({@link bcast.cluster.gossip.repair.RepairMessage}) are questions of the node
 * that begins a round and answers of the other one; the records travel as Push of the package
 * {@code spread}. Begin with {@link bcast.cluster.gossip.repair.Repair}, the way in; then
 * RoundInitiator, whose steps have a diagram, and RoundResponder, its other side.
 */
package bcast.cluster.gossip.repair;
