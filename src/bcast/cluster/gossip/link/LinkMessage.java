package bcast.cluster.gossip.link;

/** Messages about the link itself: how it begins and ends, and how the other node is. */
public sealed interface LinkMessage extends Message {

    /**
     * The first message each way. The node that dialled sends it first.
     *
     * @param minVersion lowest protocol version spoken
     * @param maxVersion highest protocol version spoken; the highest common one is used
     * @param address where the sender listens; an empty host stands for the one that this link
     *     comes from
     * @param httpPort where the sender serves clients
     * @param dialled the address dialled; empty host and port 0 from the node that was dialled
     * @param role what the link is to be; in the answer, what it is
     */
    record Hello(int minVersion, int maxVersion, String cluster, NodeId node, Address address,
            int httpPort, Address dialled, long wallMs, long retentionMs, String validator,
            LinkRole role) implements LinkMessage {}

    /** The sender refuses the link and closes it, for a reason that the receiver logs. */
    record Refuse(String reason) implements LinkMessage {}

    /**
     * Another node has the receiver's id: the sender, or one that the sender is linked to. A
     * receiver that drew the number itself has met itself; any other takes a new id.
     *
     * @param number a random number drawn for this link
     */
    record Twin(long number) implements LinkMessage {}

    /**
     * The sender ends this link, for a reason that the receiver logs.
     *
     * @param stays whether the sender goes on running and may be linked again
     */
    record Bye(String reason, boolean stays) implements LinkMessage {}

    /**
     * Sent on a link that was quiet for some time, and together with other messages when it is due.
     *
     * @param sentMs the sender's steady clock
     * @param echoMs {@code sentMs} of the last heartbeat received, or -1 before the first
     * @param heldMs time since that one arrived
     * @param wallMs the sender's wall clock
     * @param meshHash see {@link Neighbours#meshHash}
     * @param full whether the sender's store has no room for records
     * @param parent whether the receiver is the sender's parent in the tree
     * @param placed whether the sender has a place in the tree
     * @param reachable whether any node has dialled the sender with success
     * @param links how many neighbours the sender has
     * @param records how many records the sender holds
     */
    record Heartbeat(long sentMs, long echoMs, long heldMs, long wallMs, long meshHash,
            boolean full, boolean parent, boolean placed, boolean reachable, int links,
            int records) implements LinkMessage {}
}
