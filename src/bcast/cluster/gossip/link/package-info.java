/**
 * What all protocols of a node share: identities and addresses, inputs and outputs, the links to
 * other nodes and what each of them last reported of itself.
 *
 * <p>Its messages ({@link bcast.cluster.gossip.link.LinkMessage}) begin a link (Hello, Refuse,
 * Twin), end it (Bye) and keep it alive (Heartbeat). Begin with {@link
 * bcast.cluster.gossip.link.Link}, whose life has a diagram, and {@link
 * bcast.cluster.gossip.link.Neighbours}, which is all that spreading and repair see of the overlay.
 */
package bcast.cluster.gossip.link;
