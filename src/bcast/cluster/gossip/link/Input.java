package bcast.cluster.gossip.link;

import bcast.data.Data;
import bcast.data.SipHash;
import bcast.eventbus.Event;
import java.util.List;
import java.util.Optional;

/** What happens to the state machine. Links are named by their numbers. */
public sealed interface Input {

    /**
     * A link is open.
     *
     * @param link its number, never used again
     * @param dialled the address dialled; empty if the other side dialled
     * @param remoteHost the other side's IP literal
     * @param key with which both sides hash records on this link
     */
    record Opened(int link, Optional<Address> dialled, String remoteHost, SipHash key)
            implements Input {}

    record DialFailed(Address address, String reason) implements Input {}

    /** A message arrived. */
    record Got(int link, Message message) implements Input {}

    /** A part of a message arrived: a sign of life. */
    record Alive(int link) implements Input {}

    /** A link is closed: by the other side, by a fault, or at last after {@link Output.Close}. */
    record Closed(int link, String reason) implements Input {}

    /**
     * A link's queue was full and its backlog of records is dropped.
     *
     * @param first the first new record among it, if there is one
     */
    record Overflowed(int link, Optional<Data> first) implements Input {}

    /** Hardly anything waits to be sent, which {@link Output.NotifyWhenDrained} asked for. */
    record Drained(int link) implements Input {}

    /** A node of this cluster announced itself by multicast. */
    record Announced(NodeId node, Address address) implements Input {}

    /** All addresses behind the names given by the user, looked up just now. */
    record Resolved(List<Address> addresses) implements Input {}

    /** An event of the bus: a record was judged, or the interval is over. */
    record Happened(Event event) implements Input {}

    /** Events of the bus were dropped before they reached this state machine. */
    record Missed(long count) implements Input {}

    /** The time that the state machine named has come. */
    record Tick() implements Input {}

    /** The node stops: it hands over and ends its links. */
    record Leave() implements Input {}
}
