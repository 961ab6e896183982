package bcast.cluster.gossip.link;

/** What a link is for. A greeting carries its ordinal. */
public enum LinkRole {
    /** Requested by a node that has no neighbour; such a request is never declined. */
    JOIN,
    /** Both nodes pass records on to each other until one of them ends the link. */
    NEIGHBOUR,
    /** One round, after which the link is closed. */
    VISIT,
    /** The answer of a node that takes no further neighbour. It names other nodes instead. */
    NONE
}
