package bcast.cluster.gossip.link;

import bcast.base.Log;
import bcast.base.Metric;
import bcast.data.Data;
import bcast.eventbus.Source;
import java.util.Optional;

/** An action for the owner of the state machine to take. */
public sealed interface Output {

    /** Queue a message on a link. */
    record Send(int link, Message message) implements Output {}

    /** Dial an address; {@link Input.Opened} or {@link Input.DialFailed} follows. */
    record Connect(Address address) implements Output {}

    /**
     * Close a link, after what is queued on it was sent. What arrives on it until the other side
     * has closed it too is still an input; {@link Input.Closed} follows.
     */
    record Close(int link) implements Output {}

    /** Report by one {@link Input.Drained} when hardly anything waits to be sent on a link. */
    record NotifyWhenDrained(int link) implements Output {}

    /**
     * Begin anew under another id, since another node has this node's id. Nothing follows it,
     * and it comes after all links were closed.
     */
    record NewId(NodeId node) implements Output {}

    /** Have a record judged; an event with this source follows. */
    record Deliver(Data data, Source from) implements Output {}

    /** A peer holds a record, which {@code Event.Confirm} asked for. */
    record Confirmed(Data data) implements Output {}

    /** Announce this node by multicast. */
    record Announce() implements Output {}

    /** Look up the names given by the user; {@link Input.Resolved} follows. */
    record Resolve() implements Output {}

    /** A part of the node became well or unwell: then there is a problem. */
    record Health(String part, Optional<String> problem) implements Output {}

    /** A part of the node found something that an operator should look at; empty: it is over. */
    record Note(String part, Optional<String> note) implements Output {}

    /** Add one to a counter. */
    record Count(Metric counter) implements Output {}

    record WriteLog(Log.Level level, String text) implements Output {}
}
